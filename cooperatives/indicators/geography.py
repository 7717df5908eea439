"""The units of a scope over an interval, with what they came from and what they became."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from cooperatives.indicators.facts import Commune, Unit
from cooperatives.places.models import AdministrativeUnit, DatedName, Succession
from cooperatives.places.selectors import scope_on

Level = AdministrativeUnit.Level

# Above this many keys a table is filtered by province, or read whole, instead of by a list of keys.
MANY = 600


@dataclass
class Geography:
    """Units by key. `related` holds the scope's units with all predecessors and successors; None: the country's."""

    communes: dict[int, AdministrativeUnit]
    districts: dict[int, AdministrativeUnit]
    districts_of: dict[int, frozenset[int]]
    names: dict[int, list[DatedName]]
    related: frozenset[int] | None
    provinces: frozenset[int]
    units: dict[int, Unit] = field(default_factory=dict)

    def among_related(self, name: str) -> Q:
        """The condition that a row's unit may belong to the scope; of a large scope it is wider than that."""
        if self.related is None:
            return Q()
        if len(self.related) <= MANY:
            return Q(**{f"{name}__in": self.related})
        return Q(**{f"{name}__province__in": self.provinces})

    def is_related(self, unit_id: int) -> bool:
        return self.related is None or unit_id in self.related

    def kinds(self) -> list[Commune]:
        return [
            Commune(
                pk, unit.kind, tuple((name.valid_from, name.valid_to, name.kind) for name in self.names.get(pk, ()))
            )
            for pk, unit in self.communes.items()
        ]

    def name_on(self, unit: AdministrativeUnit, day: date) -> str:
        return next((name.name for name in self.names.get(unit.pk, ()) if name.is_in_force(day)), unit.name)


@dataclass(frozen=True)
class _Link:
    """A succession with what is needed of both units."""

    old: int
    new: int
    is_default: bool
    old_unit: Unit
    new_unit: Unit
    old_level: str
    old_parent: int | None
    old_province: int | None
    new_province: int | None


def area_on(*, scope: AdministrativeUnit | None, on: date) -> AdministrativeUnit | None:
    """The unit that stands for the scope on that day; a district stands for itself after its abolition, too.

    Raises ScopeHasNoValueError.
    """
    if scope is not None and scope.level == Level.DISTRICT and scope.valid_to and scope.valid_to <= on:
        return scope
    return scope_on(scope=scope, on=on)


def load_geography(*, areas: Collection[AdministrativeUnit | None], first: date, last: date) -> Geography:
    """The geography of the areas that stand for one scope on the days of [first, last]."""
    own = {unit.pk: unit for unit in _own_units(areas, first, last)}
    links = _Links(None if None in areas else {area.pk: area for area in areas if area})
    links.follow(own)
    communes = {pk: unit for pk, unit in own.items() if unit.level == Level.COMMUNE}
    district = next((area for area in areas if area and area.level == Level.DISTRICT), None)
    if district:
        own[district.pk] = district
        communes |= _continued(links, communes, first, last)
    districts_of = {pk: links.districts_of(unit) for pk, unit in communes.items()}
    districts = _districts(own, districts_of, district)
    if any(area and area.level == Level.COMMUNE for area in areas):
        districts = {}
    geography = Geography(
        communes=communes,
        districts=districts,
        districts_of=districts_of,
        names=_names(communes),
        related=None if None in areas else frozenset({*own, *communes, *links.units}),
        provinces=links.provinces | {unit.province_id for unit in own.values() if unit.province_id},
    )
    geography.units = {
        **{pk: Unit(unit.valid_from, unit.valid_to, None) for pk, unit in {**own, **communes, **districts}.items()},
        **links.units,
    }
    return geography


def everywhere() -> Geography:
    """No scope: no unit is counted and every unit may be placed."""
    return Geography(
        communes={}, districts={}, districts_of={}, names={}, related=None, provinces=frozenset(), units={}
    )


def complete_units(units: dict[int, Unit], touched: Iterable[int], last: date) -> None:
    """Adds what is missing to place the touched units on any day up to `last`: no query, or two for each reform."""
    touched = set(touched)
    asked: set[int] = set()
    while pending := {end for pk in touched if (end := _unknown_end(units, pk, last)) is not None} - asked:
        asked |= pending
        rows = AdministrativeUnit.objects.order_by()
        defaults = Succession.objects.order_by().filter(is_default=True)
        if len(pending) <= MANY:
            rows, defaults = rows.filter(pk__in=pending), defaults.filter(predecessor__in=pending)
        for pk, valid_from, valid_to in rows.values_list("pk", "valid_from", "valid_to"):
            units.setdefault(pk, Unit(valid_from, valid_to, None))
        for old, new in defaults.values_list("predecessor_id", "successor_id"):
            if old in units:
                units[old] = units[old]._replace(successor=new)


def _unknown_end(units: dict[int, Unit], pk: int, last: date) -> int | None:
    """Where the unit's chain of successors breaks off before `last` for want of knowledge; None where it does not."""
    current: int = pk
    while (unit := units.get(current)) is not None:
        if unit.valid_to is None or unit.valid_to > last:
            return None
        if unit.successor is None:
            return current
        current = unit.successor
    return current


def _own_units(areas: Collection[AdministrativeUnit | None], first: date, last: date) -> QuerySet[AdministrativeUnit]:
    units = AdministrativeUnit.objects.exclude(level=Level.PROVINCE)
    if not any(area and area.level == Level.DISTRICT for area in areas):
        # Of a former district the communes that it had are wanted: those of today are found through them.
        units = units.filter(Q(valid_from__lte=last) & (Q(valid_to__isnull=True) | Q(valid_to__gt=first)))
    if None not in areas:
        keys = [area.pk for area in areas if area]
        below = (
            Q(province__in=keys) if all(area.level == Level.PROVINCE for area in areas if area) else Q(parent__in=keys)
        )
        units = units.filter(below | Q(pk__in=keys))
    return units.order_by("code", "valid_from")


class _Links:
    """Successions into and out of the scope's units: backward from what was there last, forward from all."""

    def __init__(self, areas: dict[int, AdministrativeUnit] | None) -> None:
        self._is_country = areas is None
        self.units: dict[int, Unit] = {}
        self.provinces: frozenset[int] = frozenset()
        self._before: dict[int, list[_Link]] = defaultdict(list)
        self._after: dict[int, list[_Link]] = defaultdict(list)

    def follow(self, units: dict[int, AdministrativeUnit], *, backward: bool = True) -> None:
        """One query for each reform around the units, and one that finds no more."""
        old, new = set(units) if backward else set(), set(units)
        seen = set(units)
        while old or new:
            links = list(self._links(old, new))
            for link in links:
                self._add(link)
            if self._is_country:
                return
            old, new = (
                {link.old for link in links if link.new in old} - seen,
                {link.new for link in links if link.old in new} - seen,
            )
            seen |= old | new

    def districts_of(self, unit: AdministrativeUnit) -> frozenset[int]:
        """The district that the commune lies in, and those that its predecessors of any generation lay in."""
        found = set() if unit.parent_id == unit.province_id else {unit.parent_id}
        pending = list(self._before.get(unit.pk, ()))
        while pending:
            link = pending.pop()
            if link.old_level == Level.DISTRICT:
                # An island district without communes became a special zone.
                found.add(link.old)
            elif link.old_parent != link.old_province:
                found.add(link.old_parent)
            pending += self._before.get(link.old, ())
        return frozenset(pk for pk in found if pk is not None)

    def successors(self, unit_id: int) -> set[int]:
        return {link.new for link in self._after.get(unit_id, ())}

    def _add(self, link: _Link) -> None:
        if link in self._before[link.new]:
            return
        self._before[link.new].append(link)
        self._after[link.old].append(link)
        known = self.units.get(link.old, link.old_unit)
        self.units[link.old] = known._replace(successor=link.new) if link.is_default else known
        self.units.setdefault(link.new, link.new_unit)
        self.provinces |= {pk for pk in (link.old_province, link.new_province) if pk}

    def _links(self, old: set[int], new: set[int]) -> Iterable[_Link]:
        """Successions into the units of `old` and out of those of `new`."""
        rows = Succession.objects.exclude(predecessor__level=Level.PROVINCE).order_by("successor", "predecessor")
        if not self._is_country:
            rows = rows.filter(Q(successor__in=old) | Q(predecessor__in=new))
        found: Iterable[Any] = rows.values_list(
            "predecessor_id", "successor_id", "is_default",
            "predecessor__valid_from", "predecessor__valid_to", "successor__valid_from", "successor__valid_to",
            "predecessor__level", "predecessor__parent_id", "predecessor__province_id", "successor__province_id",
        )  # fmt: skip
        for pk, successor, is_default, old_from, old_to, new_from, new_to, *rest in found:
            yield _Link(pk, successor, is_default, Unit(old_from, old_to, None), Unit(new_from, new_to, None), *rest)


def _continued(
    links: _Links, communes: dict[int, AdministrativeUnit], first: date, last: date
) -> dict[int, AdministrativeUnit]:
    """The communes that a former district's communes went into."""
    reached: set[int] = set()
    frontier = set(communes)
    while frontier:
        frontier = set().union(*(links.successors(pk) for pk in frontier)) - reached
        reached |= frontier
    units = AdministrativeUnit.objects.filter(pk__in=reached, level=Level.COMMUNE).order_by("code")
    found = {
        unit.pk: unit for unit in units if unit.valid_from <= last and (not unit.valid_to or unit.valid_to > first)
    }
    links.follow(found)
    return found


def _districts(
    own: dict[int, AdministrativeUnit],
    districts_of: dict[int, frozenset[int]],
    district: AdministrativeUnit | None,
) -> dict[int, AdministrativeUnit]:
    if district:
        return {district.pk: district}
    found = {pk: unit for pk, unit in own.items() if unit.level == Level.DISTRICT}
    former = set().union(*districts_of.values()) - set(found)
    if former:
        found |= AdministrativeUnit.objects.in_bulk(former)
    return dict(sorted(found.items(), key=lambda item: (item[1].code, item[1].valid_from)))


def _names(communes: Collection[int]) -> dict[int, list[DatedName]]:
    rows = DatedName.objects.order_by("unit", "valid_from")
    if len(communes) <= MANY:
        rows = rows.filter(unit__in=communes)
    found: dict[int, list[DatedName]] = defaultdict(list)
    for name in rows:
        found[name.unit_id].append(name)
    return found
