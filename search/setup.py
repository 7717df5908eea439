"""What the search needs beyond its models."""

from typing import Any

from django.db import connection

from search import tables, triggers
from search.models import IndexState, ListingDocument


def ensure_tables(**_signal: Any) -> None:
    """Makes the text tables and the triggers after every migrate; after a flush, which knows only
    models, empties the text tables.
    """
    if not _is_migrated():
        return
    tables.create()
    if not ListingDocument.objects.exists():
        tables.clear()
    triggers.create()


def drop_triggers(plan: Any = (), **_signal: Any) -> None:
    """Before migrations that change anything: SQLite remakes tables, PostgreSQL keeps columns that triggers read."""
    if plan:
        triggers.drop()


def _is_migrated() -> bool:
    """Whether the tables are what the models of this version say."""
    with connection.cursor() as cursor:
        if IndexState._meta.db_table not in connection.introspection.table_names(cursor):
            return False
        present = {
            column.name for column in connection.introspection.get_table_description(cursor, IndexState._meta.db_table)
        }
    return all(field.column in present for field in IndexState._meta.concrete_fields)
