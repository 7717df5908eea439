"""The areas that a zone names, found by what a person types, and what they have become today."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.db.models import Q

from cooperatives.places.models import AdministrativeUnit, Succession
from cooperatives.places.search import search_communes
from cooperatives.places.selectors import translation_map
from marketplace.common.text import folded_tokens
from marketplace.shipping.models import DeliveryZone, ZoneArea
from marketplace.shipping.rates import Reach

Level = AdministrativeUnit.Level

MAXIMUM_FOUND = 12
_KEYS = {Level.COMMUNE: "communes", Level.DISTRICT: "districts", Level.PROVINCE: "provinces"}


def areas_named(text: str, *, on: date) -> list[AdministrativeUnit]:
    """Communes of the day, provinces of both generations and former districts that the text may mean, widest first.

    Each with its province. Three queries, none for a text without words.
    """
    words = folded_tokens(text)
    if not words:
        return []
    wide = AdministrativeUnit.objects.filter(level__in=[Level.PROVINCE, Level.DISTRICT]).select_related("province")
    for word in words:
        own = Q(folded_name__startswith=word) | Q(folded_name__contains=f" {word}")
        wide = wide.filter(
            own | Q(province__folded_name__startswith=word) | Q(province__folded_name__contains=f" {word}")
        )
    # A province of before the reform whose area and name go on is offered once, as what it is today.
    found = [unit for unit in wide if _is_own(unit, words)]
    current = {(unit.level, unit.name) for unit in found if unit.is_in_force(on)}
    found = [unit for unit in found if unit.is_in_force(on) or (unit.level, unit.name) not in current]
    found.sort(key=lambda unit: (unit.level != Level.PROVINCE, not unit.is_in_force(on), unit.folded_name, unit.code))
    communes = [match.unit for match in search_communes(text, on=on, limit=MAXIMUM_FOUND)]
    return [*found[: MAXIMUM_FOUND // 2], *communes][:MAXIMUM_FOUND]


def areas_by_keys(keys: Collection[int], *, on: date) -> list[AdministrativeUnit]:
    """Those of the keys that a zone may name on the day, with their provinces. One query.

    A commune must be valid on the day; a district or a province may be a former one.
    """
    units = AdministrativeUnit.objects.filter(pk__in=keys, valid_from__lte=on).select_related("province")
    return [unit for unit in units.order_by("code", "pk") if unit.level != Level.COMMUNE or unit.is_in_force(on)]


def reach_of(units: Iterable[AdministrativeUnit], *, on: date) -> dict[str, list[int]]:
    """Keys of the day's units that the named ones are or have become, by the level that they were named at.

    A commune of today that unites parts of several former districts is reached by the name of each of them.
    """
    reach: dict[str, set[int]] = defaultdict(set)
    for unit in units:
        key = _KEYS[Level(unit.level)]
        if unit.is_in_force(on) and unit.level != Level.DISTRICT:
            reach[key].add(unit.pk)
        elif unit.level == Level.COMMUNE:
            reach[key] |= {pk for pk in translation_map(unit_ids=[unit.pk], on=on).values() if pk}
        else:
            reach[key] |= _communes_of_former(unit, on)
    return {key: sorted(keys) for key, keys in reach.items()}


def renew_reach(*, zones: Iterable[DeliveryZone] | None = None, on: date) -> int:
    """Writes anew what every zone's areas have become on the day. Returns how many zones changed."""
    changed = 0
    chosen = DeliveryZone.objects.all() if zones is None else zones
    areas = ZoneArea.objects.select_related("unit").order_by("pk")
    by_zone: dict[int, list[AdministrativeUnit]] = defaultdict(list)
    for area in areas:
        by_zone[area.zone_id].append(area.unit)
    for zone in chosen:
        reach = reach_of(by_zone[zone.pk], on=on)
        if reach != zone.reach:
            zone.reach = reach
            zone.save(update_fields=["reach"])
            changed += 1
    return changed


def reach_from(stored: dict[str, list[int]], *, is_nationwide: bool) -> Reach:
    return Reach(
        communes=frozenset(stored.get("communes", ())),
        districts=frozenset(stored.get("districts", ())),
        provinces=frozenset(stored.get("provinces", ())),
        is_nationwide=is_nationwide,
    )


def _is_own(unit: AdministrativeUnit, words: Sequence[str]) -> bool:
    """Whether a word begins one of the unit's own name: a province's name alone does not list all its districts."""
    own = unit.folded_name.split()
    return any(name.startswith(word) for word in words for name in own)


def _communes_of_former(unit: AdministrativeUnit, on: date) -> set[int]:
    """Communes of the day into which a commune of the former district or province went."""
    within = Q(predecessor__parent=unit) | Q(predecessor__province=unit) | Q(predecessor=unit)
    pairs = Succession.objects.filter(within, successor__level=Level.COMMUNE).values_list("successor_id", flat=True)
    return {pk for pk in translation_map(unit_ids=set(pairs), on=on).values() if pk}
