from django.db.models.signals import post_migrate
from oscar.apps.search import apps


class SearchConfig(apps.SearchConfig):
    name = "search"

    def ready(self) -> None:
        super().ready()
        from search.setup import ensure_tables

        post_migrate.connect(ensure_tables, sender=self)
