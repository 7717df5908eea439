"""What the pages of cooperatives read: who sells, from where, and what is on sale."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse

from catalog.cards import CardRow
from catalog.selectors import PER_PAGE, public_listings, rows_of_cooperative
from cooperatives.certificates.models import Certificate, OcopRecognition
from cooperatives.certificates.selectors import certificates_of_cooperative, recognitions_shown
from cooperatives.models import Cooperative, CooperativeActivity, CooperativeCommune
from cooperatives.places.models import AdministrativeUnit, Succession
from marketplace.common.prepared import Prepared
from marketplace.common.validity import in_force_q

COOPERATIVES_PER_PAGE = 30
GOODS_NAMED = 4

# What a link to a unit is made of.
_LINKED = ("name", "short_name", "code", "level", "valid_from")

HOME = CooperativeCommune.Role.HOME


@dataclass(frozen=True)
class CooperativeEntry:
    """A cooperative in a list."""

    name: str
    url: str
    place: str
    goods: list[str]
    listings: int
    is_demo: bool


@dataclass(frozen=True)
class CooperativePageOf:
    """A page of the list of cooperatives."""

    entries: list[CooperativeEntry]
    number: int
    count: int


@dataclass(frozen=True)
class Profile:
    """What a cooperative's page shows beside its own words."""

    is_active: bool
    rows: list[CardRow]
    number: int
    count: int
    homes: list[AdministrativeUnit]
    places: list[AdministrativeUnit]
    recognitions: list[OcopRecognition]
    certificates: list[Certificate]


def cooperatives_on(*, on: date, number: int) -> CooperativePageOf:
    """Active cooperatives, those with most on sale first. Four statements."""
    active = Cooperative.objects.filter(in_force_q(on, "activities__"))
    count = max(1, ceil(active.aggregate(total=Count("pk", distinct=True))["total"] / COOPERATIVES_PER_PAGE))
    number = min(number, count)
    start = (number - 1) * COOPERATIVES_PER_PAGE
    listed = active.annotate(
        on_sale=Count("listings", filter=Q(listings__is_public=True), distinct=True),
    ).order_by("-on_sale", "short_name")
    page = [(cooperative, cooperative.on_sale) for cooperative in listed[start : start + COOPERATIVES_PER_PAGE]]
    return CooperativePageOf(_entries(page, on), number, count)


def cooperatives_in_season(*, on: date, count: int) -> list[CooperativeEntry]:
    """Cooperatives with listings on sale, those with most in season first. Three statements."""
    now = F("listings__season_months").bitand(1 << (on.month - 1))
    selling = (
        Cooperative.objects.filter(listings__is_public=True)
        .annotate(season_now=now)
        .values("pk")
        .annotate(on_sale=Count("listings"), in_season=Count("listings", filter=Q(season_now__gt=0)))
        .order_by("-in_season", "-on_sale", "pk")
    )
    tallies = {row["pk"]: row["on_sale"] for row in selling[:count]}
    found = Cooperative.objects.in_bulk(tallies)
    return _entries([(found[pk], on_sale) for pk, on_sale in tallies.items()], on)


def profile_of(cooperative: Cooperative, *, on: date, number: int) -> Profile:
    """A page of the cooperative's listings and the communes that it serves on the day. At most six statements."""
    # Most cooperatives have neither, and are not asked for them.
    [(total, is_active, is_recognised, is_certified)] = _state(cooperative.pk, on)
    count = max(1, ceil(total / PER_PAGE))
    number = min(number, count)
    start = (number - 1) * PER_PAGE
    homes, places = _served(cooperative, on)
    return Profile(
        is_active=is_active,
        rows=rows_of_cooperative(cooperative.pk, start=start, count=PER_PAGE),
        number=number,
        count=count,
        homes=homes,
        places=places,
        recognitions=recognitions_shown(cooperative=cooperative, on=on) if is_recognised else [],
        certificates=certificates_of_cooperative(cooperative=cooperative, on=on) if is_certified else [],
    )


def _entries(chosen: Sequence[tuple[Cooperative, int]], on: date) -> list[CooperativeEntry]:
    """Of cooperatives with the number of their listings on sale."""
    keys = [cooperative.pk for cooperative, _on_sale in chosen]
    places, goods = _home_names(keys, on), _goods(keys)
    return [
        CooperativeEntry(
            name=cooperative.short_name,
            url=reverse("cooperatives:profile", args=[cooperative.slug]),
            place=places.get(cooperative.pk, ""),
            goods=goods.get(cooperative.pk, [])[:GOODS_NAMED],
            listings=on_sale,
            is_demo=cooperative.is_demo,
        )
        for cooperative, on_sale in chosen
    ]


def _home_names(keys: list[int], on: date) -> dict[int, str]:
    """The name of the home commune of each, as its unit is called since the last reform."""
    rows = (
        CooperativeCommune.objects.in_force(on)
        .filter(cooperative_id__in=keys, role=HOME)
        .values_list("cooperative_id", "unit_id", "unit__name", "unit__valid_to")
    )
    ended = [unit_id for _key, unit_id, _name, valid_to in rows if valid_to is not None and valid_to <= on]
    names = dict(
        Succession.objects.filter(predecessor_id__in=ended, is_default=True).values_list(
            "predecessor_id", "successor__name"
        )
    )
    return {key: names.get(unit_id, name) for key, unit_id, name, _valid_to in rows}


def _goods(keys: list[int]) -> dict[int, list[str]]:
    rows = (
        public_listings()
        .filter(cooperative_id__in=keys)
        .values_list("cooperative_id", "commodity__name")
        .annotate(listings=Count("pk"))
        .order_by("-listings", "commodity__name")
    )
    names: dict[int, list[str]] = defaultdict(list)
    for key, name, _listings in rows:
        names[key].append(name)
    return dict(names)


def _served(cooperative: Cooperative, on: date) -> tuple[list[AdministrativeUnit], list[AdministrativeUnit]]:
    """Its home communes and the others that it works in, each as the unit that it is on the day."""
    rows = _communes(cooperative.pk, on)
    ended = tuple({row.unit_id for row in rows if not row.unit.is_in_force(on)})
    replaced = _successions(ended) if ended else []
    successors = {succession.predecessor_id: succession.successor for succession in replaced}
    placed = [(row.role, successors.get(row.unit_id, row.unit)) for row in rows]
    homes = {unit.pk: unit for role, unit in placed if role == HOME}
    others = {unit.pk: unit for role, unit in placed if unit.pk not in homes}
    return list(homes.values()), sorted(others.values(), key=lambda unit: unit.short_name)


def _any_of(dated: type[CooperativeActivity | OcopRecognition | Certificate], on: date) -> Exists:
    return Exists(dated.objects.in_force(on).filter(cooperative=OuterRef("pk")))


_state = Prepared(
    lambda key, on: (
        Cooperative.objects.order_by()
        .filter(pk=key)
        .annotate(
            total=Count("listings", filter=Q(listings__is_public=True)),
            active=_any_of(CooperativeActivity, on),
            recognised=_any_of(OcopRecognition, on),
            certified=_any_of(Certificate, on),
        )
        .values_list("total", "active", "recognised", "certified")
    )
)
_communes = Prepared(
    lambda key, on: (
        CooperativeCommune.objects.in_force(on)
        .filter(cooperative_id=key)
        .select_related("unit")
        .only("role", *(f"unit__{field}" for field in _LINKED), "unit__valid_to")
    )
)
_successions = Prepared(
    lambda ended: (
        Succession.objects.filter(predecessor_id__in=ended, is_default=True)
        .select_related("successor")
        .only("predecessor_id", *(f"successor__{field}" for field in _LINKED))
    )
)
