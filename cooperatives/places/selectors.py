"""Questions about administrative units at a date. Validity is half-open: [valid_from, valid_to)."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from cooperatives.places.models import AdministrativeUnit, DatedName, Succession
from marketplace.common.errors import DomainError
from marketplace.common.prepared import Prepared
from marketplace.common.validity import DatedQuerySet

Level = AdministrativeUnit.Level

_IDENTITY_IN_SLUG = re.compile(r"(?:^|-)(\d{2,5})-(\d{4})(\d{2})(\d{2})$", re.ASCII)
# Above this many keys a table is read whole: SQLite bounds the parameters of one statement.
_MANY = 500


class UnitNotFoundError(DomainError):
    code = "unit_not_found"
    message = _("There is no administrative unit “%(identity)s”.")


class UnitNotValidError(DomainError):
    code = "unit_not_valid"
    message = _("No administrative unit has the code %(code)s on %(day)s.")


class ScopeHasNoValueError(DomainError):
    code = "scope_has_no_value"
    message = _("%(scope)s has no value on %(day)s: it did not exist then with this area.")


_with_identity = Prepared(
    lambda code, valid_from: (
        AdministrativeUnit.objects.select_related("parent", "province")
        .order_by()
        .filter(code=code, valid_from=valid_from)
    )
)


def unit_by_identity(*, code: str, valid_from: date) -> AdministrativeUnit:
    """The unit with its parent and province loaded. Raises UnitNotFoundError."""
    for unit in _with_identity(code, valid_from):
        return unit
    raise UnitNotFoundError(identity=f"{code} {valid_from:%d/%m/%Y}")


def unit_by_slug(slug: str) -> AdministrativeUnit:
    """The unit whose identity ends the slug, whatever name stands before it. Raises UnitNotFoundError."""
    found = _IDENTITY_IN_SLUG.search(slug)
    try:
        code, *day = found.groups() if found else ()
        valid_from = date(*map(int, day))
    except (ValueError, TypeError) as error:
        raise UnitNotFoundError(identity=slug) from error
    return unit_by_identity(code=code, valid_from=valid_from)


def unit_by_code(*, code: str, on: date) -> AdministrativeUnit:
    """The one unit that carries the code on that day. Raises UnitNotValidError."""
    try:
        return AdministrativeUnit.objects.select_related("parent", "province").in_force(on).get(code=code)
    except AdministrativeUnit.DoesNotExist as error:
        raise UnitNotValidError(code=code, day=f"{on:%d/%m/%Y}") from error


def scope_on(*, scope: AdministrativeUnit | None, on: date) -> AdministrativeUnit | None:
    """The unit that stands for the scope's area on that day; None stands for the country.

    A unit valid on the day is itself. A province is also the province before or after it, where the area did not
    change (Cao Bằng). Raises ScopeHasNoValueError for any other; for the country, before every province is known.
    """
    if scope is None:
        known_from = AdministrativeUnit.objects.filter(level=Level.PROVINCE, origins__isnull=True).aggregate(
            day=Max("valid_from")
        )["day"]
        if known_from is None or on < known_from:
            raise ScopeHasNoValueError(scope=_("The country"), day=f"{on:%d/%m/%Y}")
        return None
    unit: AdministrativeUnit | None = scope
    while unit and on < unit.valid_from:
        unit = _province_before(unit)
    while unit and unit.valid_to and unit.valid_to <= on:
        unit = _province_after(unit)
    if unit is None or not unit.is_in_force(on):
        raise ScopeHasNoValueError(scope=scope.name, day=f"{on:%d/%m/%Y}")
    return unit


def units_valid(
    *,
    on: date,
    scope: AdministrativeUnit | None = None,
    level: Level | str = Level.COMMUNE,
    kinds: Collection[str] | None = None,
) -> DatedQuerySet:
    """Units of a level valid on the day in the scope, in order of code; with `kinds`, those of that kind on the day.

    Raises ScopeHasNoValueError.
    """
    area = scope_on(scope=scope, on=on)
    units = AdministrativeUnit.objects.in_force(on).filter(level=level)
    if kinds is not None:
        # A commune may have become a ward without a change of area: its kind is dated with its name.
        dated_kind = DatedName.objects.in_force(on).filter(unit=OuterRef("pk")).values("kind")[:1]
        units = units.alias(kind_on_day=Coalesce(Subquery(dated_kind), "kind")).filter(kind_on_day__in=kinds)
    if area is not None:
        units = units.filter(Q(pk=area.pk) | Q(parent=area) | Q(province=area))
    return units.order_by("code")


def translate(*, unit: AdministrativeUnit, on: date) -> AdministrativeUnit | None:
    """The unit valid on the day that the unit's default successors lead to; None when it cannot be placed.

    Forward only: a unit that is not yet valid on the day cannot be placed, nor a district after its abolition.
    """
    found = translation_map(unit_ids=[unit.pk], on=on)[unit.pk]
    if found is None or found == unit.pk:
        return unit if found else None
    return AdministrativeUnit.objects.select_related("parent", "province").get(pk=found)


def translation_map(*, unit_ids: Iterable[int], on: date) -> dict[int, int | None]:
    """`translate` for many units by key: one query, and two more for each reform between the units and the day."""
    wanted = set(unit_ids)
    placed: dict[int, int | None] = {}
    # Each unit asked about, and the one that its chain has reached.
    reached = {pk: pk for pk in wanted}
    while reached:
        intervals = _intervals(reached.values())
        ended = {}
        for pk, current in reached.items():
            valid_from, valid_to = intervals.get(current, (date.max, None))
            if valid_to is not None and valid_to <= on:
                ended[pk] = current
            else:
                placed[pk] = current if valid_from <= on else None
        successors = _default_successors(ended.values(), on) if ended else {}
        placed |= {pk: None for pk, current in ended.items() if current not in successors}
        reached = {pk: successors[current] for pk, current in ended.items() if current in successors}
    return placed


def predecessors(unit: AdministrativeUnit) -> DatedQuerySet:
    """Units whose area went into this one, wholly or in part, in order of code; with their parents."""
    return AdministrativeUnit.objects.filter(successions__successor=unit).select_related("parent").order_by("code")


def predecessor_map(unit_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """For each unit that has any, the keys of its direct predecessors, divided ones included. One query."""
    wanted = set(unit_ids)
    found: dict[int, set[int]] = defaultdict(set)
    rows = _among(Succession.objects.all(), "successor_id", wanted).values_list("successor_id", "predecessor_id")
    for successor, predecessor in rows:
        if successor in wanted:
            found[successor].add(predecessor)
    return {successor: frozenset(olds) for successor, olds in found.items()}


def communes_of(unit_id: int, *, on: date) -> frozenset[int]:
    """Keys of the communes of the day that the unit's area is in, wholly or in part; the unit may be a former one.

    At most two queries, and two more for each reform after the unit's end.
    """
    is_it = Q(pk=unit_id) | Q(parent=unit_id) | Q(province=unit_id)
    present = AdministrativeUnit.objects.in_force(on).filter(is_it, level=Level.COMMUNE).order_by()
    was_it = Q(predecessor=unit_id) | Q(predecessor__parent=unit_id) | Q(predecessor__province=unit_id)
    after = Succession.objects.filter(was_it, successor__level=Level.COMMUNE, on__lte=on).order_by()
    later = {pk for pk in translation_map(unit_ids=after.values_list("successor_id", flat=True), on=on).values() if pk}
    return frozenset(later.union(present.values_list("pk", flat=True)))


def former_district_map(commune_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """For each commune the keys of the districts that it, or any of its predecessors, lay in.

    An island district that became a special zone is that zone's former district. Two queries for each reform.
    """
    districts: dict[int, set[int]] = {pk: set() for pk in commune_ids}
    # Each unit on the way back, and the communes that led to it.
    asked: dict[int, set[int]] = {pk: {pk} for pk in districts}
    while asked:
        rows = _among(AdministrativeUnit.objects.all(), "pk", asked).values_list(
            "pk", "level", "parent_id", "parent__level"
        )
        for pk, level, parent_id, parent_level in rows:
            if level == Level.DISTRICT or parent_level == Level.DISTRICT:
                for commune in asked.get(pk, ()):
                    districts[commune].add(pk if level == Level.DISTRICT else parent_id)
        before: dict[int, set[int]] = defaultdict(set)
        for successor, olds in predecessor_map(asked).items():
            for old in olds:
                before[old] |= asked[successor]
        asked = dict(before)
    return {pk: frozenset(found) for pk, found in districts.items()}


def former_districts_of(commune: AdministrativeUnit) -> list[AdministrativeUnit]:
    """The districts that the commune's area lay in, in order of code; one, or two for eight communes of Cao Bằng."""
    found = former_district_map([commune.pk])[commune.pk]
    return list(AdministrativeUnit.objects.filter(pk__in=found).order_by("code"))


def former_districts(*, on: date, scope: AdministrativeUnit | None = None) -> list[AdministrativeUnit]:
    """District-level units of the continued series, in order of code.

    While districts exist, those in force in the scope; afterwards those of which a commune went into the scope.
    Raises ScopeHasNoValueError.
    """
    in_force = list(units_valid(on=on, scope=scope, level=Level.DISTRICT))
    if in_force:
        return in_force
    communes = units_valid(on=on, scope=scope).values_list("pk", flat=True)
    found = set().union(*former_district_map(communes).values())
    return list(_among(AdministrativeUnit.objects.all(), "pk", found).filter(pk__in=found).order_by("code"))


def communes_of_two_former_districts(*, on: date, scope: AdministrativeUnit | None = None) -> list[AdministrativeUnit]:
    """Communes that unite parts of two or more former districts, in order of code. Raises ScopeHasNoValueError."""
    communes = list(units_valid(on=on, scope=scope))
    districts = former_district_map(commune.pk for commune in communes)
    return [commune for commune in communes if len(districts[commune.pk]) > 1]


def _province_before(unit: AdministrativeUnit) -> AdministrativeUnit | None:
    """The province that this one continues with the same area."""
    if unit.level != Level.PROVINCE:
        return None
    before = _provinces(Succession.objects.filter(successor__province=unit), "predecessor")
    if len(before) != 1 or _provinces(Succession.objects.filter(predecessor__province=before[0]), "successor") != [
        unit
    ]:
        return None
    return before[0]


def _province_after(unit: AdministrativeUnit) -> AdministrativeUnit | None:
    """The province that continues this one with the same area."""
    if unit.level != Level.PROVINCE:
        return None
    after = _provinces(Succession.objects.filter(predecessor__province=unit), "successor")
    if len(after) != 1 or _provinces(Succession.objects.filter(successor__province=after[0]), "predecessor") != [unit]:
        return None
    return after[0]


def _provinces(successions: QuerySet[Succession], side: str) -> list[AdministrativeUnit]:
    keys = successions.order_by().values_list(f"{side}__province", flat=True).distinct()
    return list(AdministrativeUnit.objects.filter(pk__in=keys))


def _intervals(unit_ids: Iterable[int]) -> dict[int, tuple[date, date | None]]:
    rows = _among(AdministrativeUnit.objects.all(), "pk", set(unit_ids)).values_list("pk", "valid_from", "valid_to")
    return {pk: (valid_from, valid_to) for pk, valid_from, valid_to in rows}


def _default_successors(unit_ids: Iterable[int], on: date) -> dict[int, int]:
    successions = Succession.objects.filter(is_default=True, on__lte=on)
    rows = _among(successions, "predecessor_id", set(unit_ids)).values_list("predecessor_id", "successor_id")
    return dict(rows)


def _among(queryset: QuerySet, field: str, keys: Collection[int]) -> QuerySet:
    """Rows whose field is among the keys; for many keys all rows, and the caller looks up what it needs."""
    queryset = queryset.order_by()
    return queryset.filter(**{f"{field}__in": list(keys)}) if len(keys) <= _MANY else queryset
