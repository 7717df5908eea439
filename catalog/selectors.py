"""What the storefront reads. A list page costs at most five statements, whatever the number of rows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from typing import Any

from django.db.models import BigIntegerField, Count, F, QuerySet, Value

from catalog.cards import CARD_FIELDS, CardRow
from catalog.choices import Choice, Facet, Sort
from catalog.models import Category, Product, ProductImage
from cooperatives.certificates.selectors import RECOGNITION_SHOWN
from cooperatives.models import Cooperative
from cooperatives.partner.selectors import free_steps
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.prepared import Argument, Prepared

# Conditions on columns of listings; with prepared statements, only their values may differ.
Within = Mapping[str, Argument]
Counts = dict[int | None, int]

PER_PAGE = 24
FACET_LENGTH = 10

_ORDERS = {
    Sort.NEWEST: ("-published_at", "-id"),
    Sort.CHEAPEST: ("price_per_unit", "id"),
    Sort.DEAREST: ("-price_per_unit", "-id"),
}
# The listing's column behind each facet.
_COLUMNS = {Facet.CATEGORY: "category_id", Facet.COMMUNE: "commune_id", Facet.COOPERATIVE: "cooperative_id"}

# What the page of a listing shows: naming columns costs by their number.
_PAGE_FIELDS = (
    "title", "slug", "description", "state", "sale_unit", "step", "price_per_unit", "season_months",
    "harvest_on", "cover_stem", "cover_colour",
    "cooperative__name", "cooperative__short_name", "cooperative__slug", "cooperative__registration_number",
    "commune__code", "commune__level", "commune__name", "commune__valid_from", "commune__latitude",
    "commune__longitude", "commune__province__code", "commune__province__name",
    "commodity__name", "commodity__path", "category__name", "category__slug",
    *(f"recognition__{field}" for field in RECOGNITION_SHOWN),
)  # fmt: skip


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet with the number of listings that choosing it would show."""

    key: int
    label: str
    count: int


@dataclass(frozen=True)
class ListingPage:
    """One page of a list. `choice` carries the page that is shown, which is the last one for a number beyond it."""

    choice: Choice
    rows: list[CardRow]
    total: int
    page_count: int
    facets: dict[Facet, list[FacetValue]]


@dataclass(frozen=True)
class CategoryEntry:
    """A category as lists need it; the table is small and read whole."""

    pk: int
    name: str
    slug: str
    path: str


def public_listings() -> QuerySet[Product]:
    """Listings that anyone may see now."""
    return Product.objects.filter(is_public=True).order_by()


def public_categories() -> dict[int, CategoryEntry]:
    """Every category that is shown, in the order of the tree. One statement."""
    return {row[0]: CategoryEntry(*row) for row in _categories()}


def categories_below(entry: CategoryEntry, categories: dict[int, CategoryEntry]) -> frozenset[int]:
    """Keys of the category and of those below it."""
    return frozenset(pk for pk, other in categories.items() if other.path.startswith(entry.path))


def public_listing(pk: int) -> Product | None:
    """A listing that anyone may see, with all that its page shows of it, `free_steps` included. One statement."""
    # An address may carry any number; SQLite takes none that is longer than its integers.
    return next(iter(_listing(pk)), None) if pk <= BigIntegerField.MAX_BIGINT else None


def photos_of(listing: Product) -> list[ProductImage]:
    """The listing's photos, the cover first. One statement."""
    return _photos(listing.pk)


def more_rows(listing: Product, *, count: int) -> list[CardRow]:
    """Other listings of the same cooperative, the newest first. One statement."""
    return _others(listing.cooperative_id, listing.pk, limit=count) if listing.cooperative_id else []


def rows_of_cooperative(cooperative_id: int, *, start: int, count: int) -> list[CardRow]:
    """The cooperative's listings, the newest first. One statement."""
    return _of_cooperative(cooperative_id, limit=count, offset=start)


def listing_page(
    *,
    choice: Choice,
    month: int,
    categories: dict[int, CategoryEntry],
    within: Within | None = None,
    hidden: Collection[Facet] = (),
    per_page: int = PER_PAGE,
) -> ListingPage:
    """The listings that a choice leaves of those `within`, with the facets that are not `hidden`.

    Statements are prepared for the page that most people ask for, where nothing is chosen yet. A facet's counts ignore its own selection. At most four statements, two when every facet is hidden.
    """
    shown = tuple(facet for facet in Facet if facet not in hidden)
    within = within or {}
    is_plain = not choice.is_filtered
    columns, keys = tuple(within), tuple(within.values())
    if is_plain:
        counted = _counted(_plain_counts(columns, shown)(*keys), shown) if shown else {}
        total = _total(choice, counted) if counted else sum(row[0] for row in _plain_total(columns)(*keys))
    else:
        counted = _counted(_facet_counts(choice, month, within, shown), shown) if shown else {}
        total = _total(choice, counted) if counted else _chosen(choice, month, within).count()
    page_count = max(1, ceil(total / per_page))
    choice = replace(choice, page=min(choice.page, page_count))
    start = (choice.page - 1) * per_page
    if not total:
        rows = []
    elif is_plain:
        rows = _plain_cards(columns, choice.sort)(*keys, limit=per_page, offset=start)
    else:
        rows = card_rows(_chosen(choice, month, within).order_by(*_ORDERS[choice.sort])[start : start + per_page])
    return ListingPage(choice, rows, total, page_count, _labelled(choice, counted, categories))


def card_rows(listings: QuerySet[Product]) -> list[CardRow]:
    """Rows for catalog.cards.cards, in one statement."""
    return list(_as_cards(listings))


def season_rows(*, month: int, count: int) -> list[CardRow]:
    """Listings for a front page: those with a season that is now first, then the newest."""
    in_season = _in_season(public_listings(), month).exclude(season_months=0b1111_1111_1111)
    rows = card_rows(in_season.order_by("-published_at", "-id")[:count])
    if len(rows) < count:
        seen = {row[0] for row in rows}
        newest = card_rows(public_listings().order_by("-published_at", "-id")[: count + len(seen)])
        rows += [row for row in newest if row[0] not in seen][: count - len(rows)]
    return rows


def newest_rows(*, count: int) -> list[CardRow]:
    return card_rows(public_listings().order_by("-published_at", "-id")[:count])


def _as_cards(listings: QuerySet[Product]) -> QuerySet[Any, Any]:
    return listings.annotate(free_steps=free_steps("stockrecords__")).values_list(*CARD_FIELDS)


def _chosen(choice: Choice, month: int, within: Within, besides: Facet | None = None) -> QuerySet[Product]:
    """Listings that match the choice, one facet's own selection aside."""
    found = public_listings().filter(**within)
    if choice.in_season:
        found = _in_season(found, month)
    for facet, column in _COLUMNS.items():
        if facet is not besides and choice.of(facet):
            found = found.filter(**{f"{column}__in": choice.of(facet)})
    return found


def _in_season(listings: QuerySet[Product], month: int) -> QuerySet[Product]:
    return listings.annotate(season_now=F("season_months").bitand(1 << (month - 1))).filter(season_now__gt=0)


def _facet_counts(choice: Choice, month: int, within: Within, facets: Sequence[Facet]) -> QuerySet[Any, Any]:
    """For each of the facets, at least one, the number of listings by key."""
    parts = [
        _chosen(choice, month, within, besides=facet)
        .values(facet=Value(facet.value), key=F(_COLUMNS[facet]))
        .annotate(listings=Count("pk"))
        .values_list("facet", "key", "listings")
        for facet in facets
    ]
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


def _counted(rows: Iterable[tuple[str, int | None, int]], facets: Sequence[Facet]) -> dict[Facet, Counts]:
    counted: dict[Facet, Counts] = {facet: {} for facet in facets}
    for facet, key, listings in rows:
        counted[Facet(facet)][key] = listings
    return counted


def _total(choice: Choice, counted: dict[Facet, Counts]) -> int:
    """How many listings match, from any facet: each listing has exactly one value in each."""
    facet, counts = next(iter(counted.items()))
    chosen = choice.of(facet)
    return sum(count for key, count in counts.items() if not chosen or key in chosen)


def _labelled(
    choice: Choice, counted: dict[Facet, Counts], categories: dict[int, CategoryEntry]
) -> dict[Facet, list[FacetValue]]:
    """The longest FACET_LENGTH values of each facet and the selected ones, by count, then label."""
    kept = {facet: _kept(counts, choice.of(facet)) for facet, counts in counted.items()}
    labels = {
        Facet.CATEGORY: {key: entry.name for key, entry in categories.items()},
        Facet.COMMUNE: _names(_communes_named, kept.get(Facet.COMMUNE, {})),
        Facet.COOPERATIVE: _names(_cooperatives_named, kept.get(Facet.COOPERATIVE, {})),
    }
    return {
        facet: sorted(
            (FacetValue(key, labels[facet][key], count) for key, count in counts.items() if key in labels[facet]),
            key=lambda value: (-value.count, value.label),
        )
        for facet, counts in kept.items()
    }


def _kept(counts: dict[int | None, int], selected: frozenset[int]) -> dict[int, int]:
    known = [(key, count) for key, count in counts.items() if key is not None]
    longest = sorted(known, key=lambda pair: (-pair[1], pair[0]))[:FACET_LENGTH]
    return dict(longest) | {key: counts.get(key, 0) for key in selected}


def _names(named: Prepared, keys: Iterable[int]) -> dict[int, str]:
    wanted = tuple(keys)
    return dict(named(wanted)) if wanted else {}


# -- Prepared statements ----------------------------------------------------------------------------------------------

_categories = Prepared(
    lambda: Category.objects.filter(is_public=True).order_by("path").values_list("pk", "name", "slug", "path")
)
# Without an order, which one row needs none of: Django compares every column for it.
_listing = Prepared(
    lambda pk: (
        public_listings()
        .select_related("cooperative", "commune", "commune__province", "commodity", "category", "recognition")
        .only(*_PAGE_FIELDS)
        .annotate(free_steps=free_steps("stockrecords__"))
        .filter(pk=pk)
    )
)
_photos = Prepared(
    lambda pk: ProductImage.objects.filter(product_id=pk).exclude(stem="").order_by("display_order", "pk")
)
_of_cooperative = Prepared(
    lambda key: _as_cards(public_listings().filter(cooperative_id=key).order_by(*_ORDERS[Sort.NEWEST]))
)
_others = Prepared(
    lambda key, pk: _as_cards(
        public_listings().filter(cooperative_id=key).exclude(pk=pk).order_by(*_ORDERS[Sort.NEWEST])
    )
)
_communes_named = Prepared(
    lambda keys: AdministrativeUnit.objects.order_by().filter(pk__in=keys).values_list("pk", "name")
)
_cooperatives_named = Prepared(
    lambda keys: Cooperative.objects.order_by().filter(pk__in=keys).values_list("pk", "short_name")
)


@lru_cache(maxsize=64)
def _plain_cards(columns: tuple[str, ...], sort: Sort) -> Prepared:
    return Prepared(
        lambda *keys: _as_cards(
            public_listings().filter(**dict(zip(columns, keys, strict=True))).order_by(*_ORDERS[sort])
        )
    )


@lru_cache(maxsize=64)
def _plain_counts(columns: tuple[str, ...], facets: tuple[Facet, ...]) -> Prepared:
    return Prepared(lambda *keys: _facet_counts(Choice(), 1, dict(zip(columns, keys, strict=True)), facets))


@lru_cache(maxsize=64)
def _plain_total(columns: tuple[str, ...]) -> Prepared:
    return Prepared(
        lambda *keys: (
            public_listings()
            .filter(**dict(zip(columns, keys, strict=True)))
            .values("is_public")
            .annotate(listings=Count("pk"))
            .values_list("listings")
        )
    )
