"""How far a change reaches: the listings and names that are to be read again."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Q

from catalog.selectors import public_listings
from cooperatives.commodities.models import Commodity
from cooperatives.places.models import AdministrativeUnit, Succession
from marketplace.order.models import Line
from search.models import IndexChange, NamedEntry
from search.surroundings import among

Change = IndexChange.Kind
Name = NamedEntry.Kind


@dataclass
class Reach:
    listings: set[int] = field(default_factory=set)
    names: dict[NamedEntry.Kind, set[int]] = field(default_factory=lambda: defaultdict(set))


def reach_of(changes: Iterable[tuple[str, int]]) -> Reach:
    """Of changes as pairs of a kind and a key. A few queries for each kind that occurs."""
    keys: dict[str, set[int]] = defaultdict(set)
    for kind, key in changes:
        keys[kind].add(key)
    reach = Reach(listings=set(keys[Change.LISTING]))
    if keys[Change.PARCEL]:
        lines = Line.objects.filter(parcel_id__in=keys[Change.PARCEL], product_id__isnull=False).order_by()
        reach.listings |= set(lines.values_list("product_id", flat=True))
    if keys[Change.COMMODITY]:
        reach.names[Name.COMMODITY] |= keys[Change.COMMODITY]
        reach.listings |= _of_commodities(keys[Change.COMMODITY])
    if keys[Change.CATEGORY]:
        reach.names[Name.CATEGORY] |= keys[Change.CATEGORY]
        reach.listings |= _listings("category_id", keys[Change.CATEGORY])
    if keys[Change.COOPERATIVE]:
        reach.names[Name.COOPERATIVE] |= keys[Change.COOPERATIVE]
        reach.listings |= _listings("cooperative_id", keys[Change.COOPERATIVE])
    if keys[Change.UNIT]:
        units = _named_after(keys[Change.UNIT])
        reach.names[Name.COMMUNE] |= units
        reach.listings |= _listings("commune_id", units)
    if keys[Change.PAGE]:
        reach.names[Name.PAGE] |= keys[Change.PAGE]
    return reach


def _of_commodities(keys: Collection[int]) -> set[int]:
    paths = Commodity.objects.filter(pk__in=keys).order_by().values_list("path", flat=True)
    below = [Q(commodity__path__startswith=path) for path in paths]
    return set(public_listings().filter(reduce(or_, below)).values_list("pk", flat=True)) if below else set()


def _listings(column: str, keys: Collection[int]) -> set[int]:
    rows = among(public_listings(), keys, column).values_list("pk", column)
    return {pk for pk, key in rows if key in keys}


def _named_after(units: Collection[int]) -> set[int]:
    """The units, those within them, and what became of their areas: whose documents name the units."""
    found = set(units)
    within = AdministrativeUnit.objects.order_by().filter(Q(parent_id__in=found) | Q(province_id__in=found))
    new = found | set(within.values_list("pk", flat=True))
    found = set()
    while new:
        found |= new
        rows = among(Succession.objects.all(), new, "predecessor_id").values_list("predecessor_id", "successor_id")
        new = {successor for predecessor, successor in rows if predecessor in new} - found
    return found
