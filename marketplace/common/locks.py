"""Row locks. Every transaction takes them in one order: basket, order, parcels, stock records, offers, vouchers; within a
table by key.

Stock rows are locked by the conditional updates of cooperatives.partner.services, which also go by key. SQLite has no row
locks and needs none: its writing transactions are immediate and follow one another. PostgreSQL gives up after the
connection's lock timeout.
"""

from typing import Any, TypeVar

from django.db import OperationalError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError

Row = TypeVar("Row", bound=Model)


class BusyError(DomainError):
    """Somebody else held the rows for longer than the lock timeout. Nothing was changed."""

    code = "busy"
    message = _("Many people are at it just now, and nothing was changed. Press again in a moment.")


def locked(rows: QuerySet[Row, Any], *, is_key_kept: bool = False) -> list[Row]:
    """The rows in order of their key, each locked until the transaction ends. One query. Raises BusyError.

    With `is_key_kept` others may go on writing rows that point to these.
    """
    try:
        return list(rows.order_by("pk").select_for_update(of=("self",), no_key=is_key_kept))
    except OperationalError as error:
        raise BusyError from error
