"""What the pages of communes read. One statement for each function unless it says otherwise."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.selectors import public_listings
from cooperatives.linkage.models import KeyProduct
from cooperatives.models import Cooperative
from cooperatives.places.models import AdministrativeUnit, Succession
from marketplace.common.prepared import Prepared
from marketplace.common.validity import in_force_q

Level = AdministrativeUnit.Level

SELLERS_NAMED = 6
# What a unit's name and address are made of.
ADDRESSED = ("name", "code", "level", "valid_from")


@dataclass(frozen=True, order=True)
class Seller:
    name: str
    url: str


@dataclass(frozen=True)
class KeyProductEntry:
    """A key product of a commune on a day: its decision in words, and who sells it, or something below it, from there."""

    name: str
    decision: str
    # The first SELLERS_NAMED of them; `more_sellers` counts the others.
    sellers: list[Seller]
    more_sellers: int


@dataclass(frozen=True)
class CommuneEntry:
    """A commune in the list of communes."""

    unit: AdministrativeUnit
    listings: int
    cooperatives: int
    key_products: list[str]

    @property
    def url(self) -> str:
        return self.unit.get_absolute_url()


def sellers_from(unit: AdministrativeUnit) -> dict[str, set[Seller]]:
    """Who sells goods from the unit today, by the commodity's path in the tree."""
    prefix = reverse("cooperatives:index")
    sellers: dict[str, set[Seller]] = defaultdict(set)
    for path, name, slug in _sellers(unit.pk):
        sellers[path].add(Seller(name, f"{prefix}{slug}/"))
    return dict(sellers)


def key_products_of(
    unit: AdministrativeUnit, *, former: Sequence[AdministrativeUnit], on: date, sellers: dict[str, set[Seller]]
) -> list[KeyProductEntry]:
    """Key products in force on the day whose commune is the unit, or one of its `former` ones; each commodity once."""
    entries: dict[str, KeyProductEntry] = {}
    for path, name, number, since, unit_id, unit_name in _key_products(_places(unit, former), on):
        if path in entries:
            continue
        decision = _("Decision %(number)s, from %(day)s") % {"number": number, "day": f"{since:%d/%m/%Y}"}
        who = sorted({seller for sold, some in sellers.items() if sold.startswith(path) for seller in some})
        entries[path] = KeyProductEntry(
            name=name,
            decision=decision if unit_id == unit.pk else f"{decision} · {unit_name}",
            sellers=who[:SELLERS_NAMED],
            more_sellers=len(who[SELLERS_NAMED:]),
        )
    return list(entries.values())


def cooperatives_of(unit: AdministrativeUnit, *, former: Sequence[AdministrativeUnit], on: date) -> list[Seller]:
    """Cooperatives active on the day that have their home in the unit or work there, by name."""
    prefix = reverse("cooperatives:index")
    return [Seller(name, f"{prefix}{slug}/") for name, slug in _working(_places(unit, former), on)]


def became(unit: AdministrativeUnit) -> list[AdministrativeUnit]:
    """The units that the unit's area went into."""
    return [
        row.successor
        for row in Succession.objects.filter(predecessor=unit).select_related("successor").order_by("-is_default")
    ]


def was(unit: AdministrativeUnit) -> list[AdministrativeUnit]:
    """The units whose area went into the unit, with their parents, in order of code.

    `is_default` on each says whether what names it is now the unit's.
    """
    return _former(unit.pk)


def communes_of_district(unit: AdministrativeUnit) -> list[tuple[AdministrativeUnit, list[AdministrativeUnit]]]:
    """The district's communes, each with what it became. Two statements."""
    rows = (
        AdministrativeUnit.objects.filter(parent=unit)
        .order_by("code")
        .prefetch_related(Prefetch("successions", Succession.objects.select_related("successor")))
    )
    return [(row, [succession.successor for succession in row.successions.all()]) for row in rows]


def communes_with_trade(*, on: date, count: int | None = None) -> list[CommuneEntry]:
    """Communes that listings on sale come from, those with most first, with their key products. Three statements."""
    tallies = list(
        public_listings()
        .values("commune")
        .annotate(listings=Count("pk"), makers=Count("cooperative", distinct=True))
        .order_by("-listings", "commune")
    )
    tallies = tallies[:count] if count else tallies
    units = AdministrativeUnit.objects.select_related("province").in_bulk([tally["commune"] for tally in tallies])
    products = _key_product_names(list(units), on)
    return [
        CommuneEntry(units[tally["commune"]], tally["listings"], tally["makers"], products.get(tally["commune"], []))
        for tally in tallies
    ]


def communes_without_trade(entries: list[CommuneEntry], *, on: date) -> list[AdministrativeUnit]:
    """The other communes of the one province that the entries lie in; none when they lie in several."""
    provinces = {entry.unit.province_id for entry in entries}
    if len(provinces) != 1:
        return []
    listed = [entry.unit.pk for entry in entries]
    others = AdministrativeUnit.objects.in_force(on).filter(level=Level.COMMUNE, province_id__in=provinces)
    return list(others.exclude(pk__in=listed).order_by("short_name"))


def _key_product_names(unit_ids: list[int], on: date) -> dict[int, list[str]]:
    """Names of key products by the unit that their commune is, or has become."""
    rows = (
        KeyProduct.objects.filter(in_force_q(on))
        .filter(
            Q(unit_id__in=unit_ids)
            | Q(unit__successions__successor_id__in=unit_ids, unit__successions__is_default=True)
        )
        .order_by("commodity__name")
        .values_list("unit_id", "unit__successions__successor_id", "commodity__name")
    )
    wanted = set(unit_ids)
    names: dict[int, list[str]] = defaultdict(list)
    for unit_id, successor_id, name in rows:
        place = unit_id if unit_id in wanted else successor_id
        if name not in names[place]:
            names[place].append(name)
    return dict(names)


def _places(unit: AdministrativeUnit, former: Sequence[AdministrativeUnit]) -> tuple[int, ...]:
    """The unit, and those that it replaced as their default successor: rows that name one of them are the unit's."""
    return (unit.pk, *(place.pk for place in former if place.is_default))  # type: ignore[attr-defined]


_sellers = Prepared(
    lambda unit: (
        public_listings()
        .filter(commune_id=unit)
        .values_list("commodity__path", "cooperative__short_name", "cooperative__slug")
        .distinct()
    )
)
_key_products = Prepared(
    lambda places, on: (
        KeyProduct.objects.filter(in_force_q(on))
        .filter(unit_id__in=places)
        .order_by("commodity__name", "valid_from")
        .values_list("commodity__path", "commodity__name", "decision_number", "valid_from", "unit_id", "unit__name")
    )
)
_working = Prepared(
    lambda places, on: (
        Cooperative.objects.filter(in_force_q(on, "activities__"))
        .filter(in_force_q(on, "communes__"), communes__unit_id__in=places)
        .order_by("short_name")
        .values_list("short_name", "slug")
        .distinct()
    )
)
_former = Prepared(
    lambda unit: (
        AdministrativeUnit.objects.filter(successions__successor_id=unit)
        .annotate(is_default=F("successions__is_default"))
        .select_related("parent")
        .only(*ADDRESSED, "parent__name")
        .order_by("code")
    )
)
