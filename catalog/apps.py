from oscar.apps.catalogue import apps


class CatalogConfig(apps.CatalogueConfig):
    name = "catalog"

    def ready(self) -> None:
        super().ready()
        # Models are loaded only now.
        from catalog.evidence import listing_facts
        from cooperatives.linkage.evidence import register_listing_source

        register_listing_source(listing_facts)
