"""The month's taxes withheld, for the monthly return: one row for each line and each correction."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import IO, Any

from django.utils.translation import gettext as _

from marketplace.settlement.models import Withholding
from marketplace.settlement.sheets import table_workbook


def month_workbook(first: date) -> IO[bytes]:
    """Of the month that begins on the day. Identity numbers are text, amounts numbers."""
    header = [
        _("Identity number"),
        _("Seller"),
        _("Parcel"),
        _("Day"),
        _("Kind of revenue"),
        _("Revenue"),
        _("Value added tax"),
        _("Personal income tax"),
    ]
    return table_workbook(f"{first:%m-%Y}", header, _rows(first))


def _rows(first: date) -> Iterator[list[Any]]:
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    rows = (
        Withholding.objects.filter(accrued_on__gte=first, accrued_on__lt=following)
        .select_related("cooperative", "parcel", "seller")
        .order_by("cooperative", "accrued_on", "pk")
    )
    for row in rows.iterator(chunk_size=500):
        yield [
            row.seller.identity_number,
            row.cooperative.name,
            row.parcel.number.upper(),
            row.accrued_on,
            str(row.get_nature_display()),
            int(row.base),
            int(row.vat),
            int(row.income_tax),
        ]
