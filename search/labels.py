"""What is shown for keys: the names of facets' values, and the cards of listings. One statement for each table."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.cards import CARD_FIELDS, Card, cards
from catalog.confirmed import badge
from catalog.models import Category
from catalog.selectors import FacetValue, public_listings
from cooperatives.certificates.models import Certificate
from cooperatives.commodities.models import Commodity
from cooperatives.models import Cooperative
from cooperatives.partner.selectors import free_steps
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.money import group_thousands
from marketplace.common.prepared import Prepared
from search import named
from search.facets import SCHEMES
from search.models import NamedEntry
from search.query import PER_PAGE, PRICE_BANDS, Counts, Facet, ListingQuery, ListingResults
from search.resolve import narrower

# Values of a facet that are shown, those that a press unfolds, and those on the page that shows all of one facet.
SHOWN = 8
UNFOLDED = 12
OPENED = 400


@dataclass(frozen=True)
class FacetShown:
    """The values of a facet in the order of the page, and how many it has in all."""

    values: Sequence[FacetValue]
    count: int


def facets_shown(
    query: ListingQuery, results: ListingResults, *, opened: Facet | None = None
) -> dict[Facet, FacetShown]:
    """Every facet with its longest values and the chosen ones; a key that names nothing is left out."""
    kept = {
        facet: _kept(results.facets.get(facet, {}), query.chosen.get(facet, frozenset()), is_opened=facet is opened)
        for facet in Facet
    }
    if chosen := query.chosen.get(Facet.COMMODITY):
        kept[Facet.COMMODITY] |= _with_narrower(results.facets.get(Facet.COMMODITY, {}), chosen)
    return {
        facet: FacetShown(_values(facet, counts, _labels(facet, counts)), len(results.facets.get(facet, {})))
        for facet, counts in kept.items()
    }


def _kept(counts: Counts, chosen: Collection[int], *, is_opened: bool) -> dict[int, int]:
    longest = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    kept = dict(longest[: OPENED if is_opened else SHOWN + UNFOLDED])
    return kept | {key: counts.get(key, 0) for key in chosen}


def _with_narrower(counts: Counts, chosen: Collection[int]) -> dict[int, int]:
    """A chosen wider commodity stands for all below it."""
    below = narrower(chosen)
    return {key: sum(counts.get(each, 0) for each in below[key]) for key in chosen}


def _values(facet: Facet, counts: Mapping[int, int], labels: Mapping[int, str]) -> list[FacetValue]:
    values = [FacetValue(key, labels[key], count) for key, count in counts.items() if key in labels]
    if facet is Facet.STARS:
        return sorted(values, key=lambda value: -value.key)
    if facet is Facet.PRICE_BAND:
        return sorted(values, key=lambda value: value.key)
    return sorted(values, key=lambda value: (-value.count, value.label))


def _labels(facet: Facet, keys: Collection[int]) -> Mapping[int, str]:
    if not keys:
        return {}
    match facet:
        case Facet.STARS:
            return {key: badge(key, get_language() or "") for key in keys}
        case Facet.CERTIFICATE:
            return {key: str(Certificate.Scheme(SCHEMES[key]).label) for key in keys if key < len(SCHEMES)}
        case Facet.PRICE_BAND:
            return {key: band_label(key) for key in keys}
    known = named.labels(_KINDS[facet], keys)
    # What is off sale has no name in the index, and may be chosen still.
    unknown = [key for key in keys if key not in known]
    return known | dict(_NAMED[facet](padded(unknown))) if unknown else known


def band_label(band: int) -> str:
    """As "50.000 – 100.000 ₫"."""
    ends = [group_thousands(end) for end in PRICE_BANDS]
    if band == 0:
        return _("Under %(end)s ₫") % {"end": ends[0]}
    if band >= len(ends):
        return _("From %(start)s ₫") % {"start": ends[-1]}
    return f"{ends[band - 1]} – {ends[band]}\u00a0₫"


def listing_cards(ids: Sequence[int], *, today: date, distances: Mapping[int, int] | None = None) -> list[Card]:
    """Cards of those listings that are still public, in the order of the ids. One statement, none for none."""
    if not ids:
        return []
    wanted = (*ids, *[ids[0]] * (PER_PAGE - len(ids)))
    rows = {row[0]: row for row in _cards(wanted)}
    found = [rows[pk] for pk in ids if pk in rows]
    shown = cards((row[:-1] for row in found), today=today)
    if distances is not None:
        for row, card in zip(found, shown, strict=True):
            if row[-1] in distances:
                card["who"] += f" · {distances[row[-1]]} km"
    return shown


def padded(keys: Iterable[int]) -> tuple[int, ...]:
    """The keys, some repeated: a statement is prepared for each length, and these have few lengths."""
    wanted = list(keys)
    length = 8
    while length < len(wanted):
        length *= 2
    return (*wanted, *[wanted[0]] * (length - len(wanted)))


_cards = Prepared(
    lambda keys: (
        public_listings()
        .filter(pk__in=keys)
        .annotate(free_steps=free_steps("stockrecords__"))
        .values_list(*CARD_FIELDS, "commune_id")
    )
)
_KINDS = {
    Facet.CATEGORY: NamedEntry.Kind.CATEGORY,
    Facet.COMMODITY: NamedEntry.Kind.COMMODITY,
    Facet.COMMUNE: NamedEntry.Kind.COMMUNE,
    Facet.COOPERATIVE: NamedEntry.Kind.COOPERATIVE,
}
_NAMED = {
    Facet.CATEGORY: Prepared(
        lambda keys: Category.objects.order_by().filter(pk__in=keys, is_public=True).values_list("pk", "name")
    ),
    Facet.COMMODITY: Prepared(lambda keys: Commodity.objects.order_by().filter(pk__in=keys).values_list("pk", "name")),
    Facet.COMMUNE: Prepared(
        lambda keys: AdministrativeUnit.objects.order_by().filter(pk__in=keys).values_list("pk", "name")
    ),
    Facet.COOPERATIVE: Prepared(
        lambda keys: Cooperative.objects.order_by().filter(pk__in=keys).values_list("pk", "short_name")
    ),
}
