"""Every change of stock. Quantities are steps; rows are always taken in order of their key.

Each change is one conditional UPDATE, which the database decides while it holds the row: on SQLite and PostgreSQL alike
nobody can sell what another has just sold. A CHECK on the table stands behind it.
"""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from cooperatives.partner.models import StockRecord
from marketplace.common.errors import DomainError
from marketplace.common.quantities import format_quantity, quantity_from_steps
from marketplace.common.writing import PreparedUpdate
from marketplace.users.models import User

logger = logging.getLogger(__name__)

Steps = Mapping[int, int]
"""Steps by key of stock record."""

ALLOCATED = Coalesce(F("num_allocated"), Value(0))


class StockError(DomainError):
    code = "stock"


class StockShortError(StockError):
    """`stockrecord_id` names the row that had less than was asked for."""

    code = "stock_short"
    message = _("There is not enough left of one of the goods.")

    def __init__(self, *, stockrecord_id: int) -> None:
        super().__init__()
        self.stockrecord_id = stockrecord_id


class StockBelowAllocatedError(StockError):
    code = "stock_below_allocated"
    message = _("Orders that are not yet sent hold %(allocated)s: the stock cannot be less.")


class StockNegativeError(StockError):
    code = "stock_negative"
    message = _("The stock must not be negative.")


class StockNotHeldError(StockError):
    """More would be released or consumed than is allocated: a defect, never a person's mistake."""

    code = "stock_not_held"
    message = _("More would be taken from the held stock than is held.")


def allocate(steps: Steps) -> None:
    """Holds stock for a placed order, inside the caller's transaction.

    Raises StockShortError at the first row that has less; the caller's transaction then takes back the others.
    """
    for pk in sorted(steps):
        if not _hold(pk, steps[pk]):
            raise StockShortError(stockrecord_id=pk)


_hold = PreparedUpdate(
    lambda pk, wanted: (
        StockRecord.objects.filter(pk=pk, num_in_stock__gte=ALLOCATED + wanted),
        {"num_allocated": ALLOCATED + wanted},
    )
)


def release(steps: Steps) -> None:
    """Gives held stock back to the shelf. Raises StockNotHeldError."""
    for pk in sorted(steps):
        changed = StockRecord.objects.filter(pk=pk, num_allocated__gte=steps[pk]).update(
            num_allocated=F("num_allocated") - steps[pk]
        )
        if not changed:
            raise StockNotHeldError


def consume(steps: Steps) -> None:
    """Takes held stock off the shelf, because it was sent. Raises StockNotHeldError."""
    for pk in sorted(steps):
        held = Q(num_allocated__gte=steps[pk], num_in_stock__gte=steps[pk])
        changed = StockRecord.objects.filter(held, pk=pk).update(
            num_allocated=F("num_allocated") - steps[pk], num_in_stock=F("num_in_stock") - steps[pk]
        )
        if not changed:
            raise StockNotHeldError


def put_back(steps: Steps) -> None:
    """Puts goods that came back onto the shelf. A row that is gone stays gone."""
    for pk in sorted(steps):
        StockRecord.objects.filter(pk=pk).update(num_in_stock=Coalesce(F("num_in_stock"), Value(0)) + steps[pk])


def adjust_stock(*, stockrecord: StockRecord, new_quantity: int, by: User | None, at: datetime) -> StockRecord:
    """Sets the steps on the shelf to what was counted, and returns the row as it now is.

    Raises StockNegativeError or StockBelowAllocatedError, whose sentence names what is held; then nothing is changed.
    """
    if new_quantity < 0:
        raise StockNegativeError
    with transaction.atomic():
        changed = (
            StockRecord.objects.filter(pk=stockrecord.pk)
            .alias(held=ALLOCATED)
            .filter(held__lte=new_quantity)
            .update(num_in_stock=new_quantity, date_updated=at)
        )
        stockrecord.refresh_from_db(fields=["num_in_stock", "num_allocated", "date_updated"])
    if not changed:
        listing, held = stockrecord.product, stockrecord.num_allocated or 0
        raise StockBelowAllocatedError(
            allocated=format_quantity(quantity_from_steps(held, listing.step), listing.sale_unit)
        )
    logger.info("Stock of listing %s set to %s steps by user %s", stockrecord.product_id, new_quantity, by and by.pk)
    return stockrecord
