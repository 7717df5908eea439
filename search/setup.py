"""What the search needs beyond its models."""

from django.db import connection

from search import tables
from search.models import ListingDocument


def ensure_tables(**_kwargs: object) -> None:
    """Makes the text tables after every migrate; after a flush, which knows only models, empties them."""
    if ListingDocument._meta.db_table not in connection.introspection.table_names():
        return
    tables.create()
    if not ListingDocument.objects.exists():
        tables.clear()
