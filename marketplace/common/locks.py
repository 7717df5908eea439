"""Row locks. Every transaction takes them in one order: basket, order, parcels, stock records; within a table by key.

Stock rows are locked by the conditional updates of cooperatives.partner.services, which also go by key. SQLite has no row
locks and needs none: its writing transactions are immediate and follow one another. PostgreSQL gives up after the
connection's lock timeout.
"""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def locked(rows: QuerySet[Row, Any]) -> list[Row]:
    """The rows in order of their key, each locked until the transaction ends. One query."""
    return list(rows.order_by("pk").select_for_update(of=("self",)))
