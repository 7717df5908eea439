"""How values are printed, everywhere the same: {% load market %}."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide

from marketplace.common.dates import ZONE, local_day
from marketplace.common.money import format_vnd
from marketplace.common.phones import format_phone
from marketplace.common.quantities import SaleUnit, format_number, format_quantity

register = template.Library()


@register.filter
def vnd(amount: int | Decimal | None) -> str:
    """As "125.000 ₫"; nothing for None."""
    return "" if amount is None else format_vnd(amount)


@register.filter
def quantity(value: Decimal | int | None, unit: str) -> str:
    """As "1,5 kg"; nothing for None."""
    return "" if value is None else format_quantity(value, unit)


@register.filter
def number(value: Decimal | int | None) -> str:
    """As "1.250,5"; nothing for None."""
    return "" if value is None else format_number(value)


@register.filter
def unit_label(unit: str) -> str:
    """The word for a unit of sale."""
    return str(SaleUnit(unit).label)


@register.filter
def phone(value: object) -> str:
    """As "0912 345 678"; nothing for an empty number."""
    return format_phone(value) if value else ""


@register.filter
def day(value: date | datetime | None) -> str:
    """As "25/12/2026"; for a moment, its day in Việt Nam; nothing for None."""
    if value is None:
        return ""
    return f"{local_day(value) if isinstance(value, datetime) else value:%d/%m/%Y}"


@register.filter
def moment(value: datetime | None) -> str:
    """As "08:30 25/12/2026" in Việt Nam; nothing for None."""
    return "" if value is None else f"{value.astimezone(ZONE):%H:%M %d/%m/%Y}"


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, size: int = 24) -> str:
    """A Lucide icon as inline SVG, hidden from screen readers: the text beside it says what it means."""
    return lucide(name, size=size, aria_hidden="true", focusable="false", **{"class": f"icon icon-{name}"})
