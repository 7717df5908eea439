from django.db.models.signals import post_migrate, pre_migrate
from oscar.apps.search import apps


class SearchConfig(apps.SearchConfig):
    name = "search"

    def ready(self) -> None:
        super().ready()
        from search import pages
        from search.setup import drop_triggers, ensure_tables

        pre_migrate.connect(drop_triggers, sender=self)
        post_migrate.connect(ensure_tables, sender=self)
        pages.connect()
