"""Writing the tree of commodities from a committed table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.commodities.models import ALL_YEAR, Commodity, mask_of_months
from marketplace.common.errors import DomainError
from marketplace.common.quantities import SaleUnit
from marketplace.common.text import clean_text


class CommodityParentMissingError(DomainError):
    code = "commodity_parent_missing"
    message = _("“%(commodity)s” stands below “%(parent)s”, which is neither known nor listed before it.")


class CommodityMovedError(DomainError):
    code = "commodity_moved"
    message = _("“%(commodity)s” already stands elsewhere in the tree: published figures depend on its place.")


@dataclass(frozen=True)
class CommodityRow:
    """One row of the table. `months` empty means all year; `parent` is the code of a row above it."""

    code: str
    name: str
    category: Commodity.Category
    name_en: str = ""
    parent: str = ""
    default_unit: SaleUnit = SaleUnit.KILOGRAM
    months: Sequence[int] = ()
    aliases: Sequence[str] = ()


@transaction.atomic
def load_commodities(*, rows: Iterable[CommodityRow]) -> dict[str, Commodity]:
    """Creates or updates each row's commodity by its code; returns all of them by code. Safe to repeat.

    Raises CommodityParentMissingError, and CommodityMovedError for a row that would move a commodity.
    """
    known = {commodity.code: commodity for commodity in Commodity.objects.all()}
    loaded = {}
    for row in rows:
        parent = known.get(row.parent)
        if row.parent and parent is None:
            raise CommodityParentMissingError(commodity=row.name, parent=row.parent)
        loaded[row.code] = known[row.code] = _save(row, known.get(row.code), parent)
    return loaded


def _save(row: CommodityRow, commodity: Commodity | None, parent: Commodity | None) -> Commodity:
    fields = {
        "name": clean_text(row.name),
        "name_en": row.name_en,
        "category": row.category,
        "default_unit": row.default_unit,
        "season_months": mask_of_months(row.months) if row.months else ALL_YEAR,
        "aliases": "\n".join(row.aliases),
    }
    if commodity is None:
        fields["code"] = row.code
        return parent.add_child(**fields) if parent else Commodity.add_root(**fields)
    if commodity.path[: -Commodity.steplen] != (parent.path if parent else ""):
        raise CommodityMovedError(commodity=commodity.name)
    for name, value in fields.items():
        setattr(commodity, name, value)
    commodity.save(update_fields=list(fields))
    return commodity
