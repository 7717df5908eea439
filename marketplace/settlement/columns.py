"""A statement's table: which columns, in which order, and their sums. Shared by the workbook, the paper and the pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.common.dates import local_day
from marketplace.order.models import Parcel
from marketplace.settlement.models import Statement, StatementItem

CHUNK = 500


@dataclass(frozen=True)
class Column:
    """An amount of a StatementItem; `sign` is -1 where a positive amount is taken off."""

    name: str
    label: str | Promise
    sign: int = 1


# The first make what the buyer was charged, the last what the cooperative is owed.
OF_PARCEL = (
    Column("goods", _("Goods")),
    Column("seller_discount", _("Discount of the cooperative"), -1),
    Column("marketplace_discount", _("Discount of the marketplace"), -1),
    Column("delivery", _("Delivery")),
    Column("charged", _("Charged to the buyer")),
)
DIRECT = (
    Column("received_directly", _("Received by the cooperative")),
    Column("refunded_directly", _("Given back by the cooperative"), -1),
)
OWED = (
    Column("collected", _("Collected by the marketplace")),
    Column("refunded", _("Given back by the marketplace"), -1),
    Column("voucher_credit", _("Vouchers paid by the marketplace")),
    Column("fee", _("Fee"), -1),
    Column("tax", _("Tax withheld"), -1),
    Column("net", _("Net")),
)
COLUMNS = (*OF_PARCEL, *DIRECT, *OWED)
_STORED = tuple(column.name for column in COLUMNS if column.name != "charged")


@dataclass(frozen=True)
class Row:
    """A parcel in a statement. Amounts are signed as they count, by column."""

    parcel_number: str
    placed_on: date | None
    status: str
    amounts: dict[str, int]

    def in_order(self) -> list[int]:
        return [self.amounts[column.name] for column in COLUMNS]


def rows_of(statement: Statement, *, start: int = 0, stop: int | None = None) -> Iterator[Row]:
    """The statement's parcels in order, read in chunks: memory does not grow with their number."""
    items = (
        StatementItem.objects.filter(statement=statement)
        .order_by("pk")
        .values_list("parcel__number", "parcel__placed_at", "parcel__status", *_STORED)[start:stop]
    )
    for number, placed_at, status, *amounts in items.iterator(chunk_size=CHUNK):
        yield Row(
            parcel_number=(number or "").upper(),
            placed_on=local_day(placed_at) if placed_at else None,
            status=str(Parcel.Status(status).label) if status else "",
            amounts=_signed(dict(zip(_STORED, amounts, strict=True))),
        )


def totals_of(statement: Statement) -> dict[str, int]:
    """The sums of all columns, signed. One query."""
    sums = StatementItem.objects.filter(statement=statement).aggregate(**{name: Sum(name) for name in _STORED})
    return _signed({name: sums[name] or 0 for name in _STORED})


def signed(stored: dict) -> dict[str, int]:
    """Amounts by the column's name as they count: what is taken off is negative."""
    signs = {column.name: column.sign for column in COLUMNS}
    return {name: signs[name] * int(amount) for name, amount in stored.items()}


def _signed(stored: dict) -> dict[str, int]:
    amounts = signed(stored)
    amounts["charged"] = sum(amounts[column.name] for column in OF_PARCEL if column.name != "charged")
    return amounts
