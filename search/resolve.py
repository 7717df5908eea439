"""From a question to a plan: places, deliveries and seasons become keys and numbers before any engine sees them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cooperatives.commodities.models import Commodity
from cooperatives.places.models import AdministrativeUnit
from cooperatives.places.selectors import communes_of
from marketplace.common.prepared import Prepared
from marketplace.shipping.rates import Destination
from marketplace.shipping.selectors import cooperatives_reaching
from search.near import distances
from search.planning import required_terms, tiers
from search.query import MAXIMUM_PAGE, PER_PAGE, Facet, ListingQuery, Near, NearUnit, Plan
from search.terms import Word, query_words

Level = AdministrativeUnit.Level


@dataclass(frozen=True)
class Place:
    """An administrative unit that a question names."""

    pk: int
    level: str
    name: str
    province_id: int | None
    province: str | None
    latitude: float
    longitude: float
    valid_from: date
    valid_to: date | None

    def is_commune_of(self, on: date) -> bool:
        return self.level == Level.COMMUNE and self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    @property
    def label(self) -> str:
        return f"{self.name}, {self.province}" if self.province else self.name


Places = Mapping[int, Place]


def places_of(query: ListingQuery) -> Places:
    """The units that the question names, by key. One query, none where it names none."""
    near = query.near.unit if isinstance(query.near, NearUnit) else None
    keys = {key for key in (query.former_unit, query.delivers_to, near) if key is not None}
    if not keys:
        return {}
    # As many keys each time, or there would be a statement for each number of them.
    wanted = (*keys, *[next(iter(keys))] * (3 - len(keys)))
    return {row[0]: Place(*row) for row in _units(wanted)}


def known(query: ListingQuery, places: Places, *, today: date) -> ListingQuery:
    """The question without places that there are not, or that are no commune of the day where one is asked for."""

    def is_commune(key: int | None) -> bool:
        return key is not None and key in places and places[key].is_commune_of(today)

    near = query.near
    if isinstance(near, NearUnit) and not is_commune(near.unit):
        near = None
    return replace(
        query,
        former_unit=query.former_unit if query.former_unit in places else None,
        delivers_to=query.delivers_to if is_commune(query.delivers_to) else None,
        near=near,
    )


def resolve(query: ListingQuery, *, today: date, places: Places | None = None) -> Plan:
    """The plan of the question as it stands today; `places` are those of `places_of`, where the caller has them.

    At most one query for each of: places, wider commodities, a former unit (three), deliveries, a place to be near to.
    """
    places = places_of(query) if places is None else places
    query = known(query, places, today=today)
    return with_words(
        Plan(
            chosen=_chosen(query.chosen),
            communes=None if query.former_unit is None else communes_of(query.former_unit, on=today),
            cooperatives=_cooperatives(query.delivers_to, places),
            distances=_distances(query.near, places, today),
            month=today.month if query.in_season else None,
            in_stock=query.in_stock,
            price_from=query.price_from,
            price_to=query.price_to,
            published_after=query.published_after,
            sort=query.sort,
            start=(min(query.page, MAXIMUM_PAGE) - 1) * PER_PAGE,
        ),
        query_words(query.text),
    )


def with_words(plan: Plan, words: Sequence[Word], *, prefix: str = "") -> Plan:
    """The plan with other words; `prefix` is the beginning of one more."""
    return replace(plan, terms=required_terms(words), tiers=tiers(words), prefix=prefix)


def _chosen(chosen: Mapping[Facet, frozenset[int]]) -> dict[Facet, frozenset[int]]:
    found = {facet: keys for facet, keys in chosen.items() if keys}
    if Facet.COMMODITY in found:
        found[Facet.COMMODITY] = frozenset().union(*narrower(found[Facet.COMMODITY]).values())
    return found


def narrower(commodities: Iterable[int]) -> dict[int, frozenset[int]]:
    """For each of the commodities its key and those of all below it. One query."""
    paths: dict[int, str] = dict(_paths())
    return {
        key: frozenset(other for other, path in paths.items() if path.startswith(paths[key]))
        if key in paths
        else frozenset({key})
        for key in commodities
    }


def _cooperatives(unit: int | None, places: Places) -> frozenset[int] | None:
    if unit is None:
        return None
    return cooperatives_reaching(Destination(unit, places[unit].province_id))


def _distances(near: Near | NearUnit | None, places: Places, today: date) -> dict[int, int] | None:
    if near is None:
        return None
    middle = places[near.unit] if isinstance(near, NearUnit) else near
    return distances(middle.latitude, middle.longitude, km=near.km, on=today)


_units = Prepared(
    lambda keys: (
        AdministrativeUnit.objects.filter(pk__in=keys)
        .order_by()
        .values_list(
            "pk",
            "level",
            "name",
            "province_id",
            "province__name",
            "latitude",
            "longitude",
            "valid_from",
            "valid_to",
        )
    )
)
_paths = Prepared(lambda: Commodity.objects.order_by().values_list("pk", "path"))
