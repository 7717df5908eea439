"""Things with a name, as search finds them beside listings."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils import translation

from catalog.models import Category
from catalog.selectors import public_listings
from cms.models import CooperativePage
from cooperatives.models import Cooperative
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.validity import in_force_q
from search.models import NamedEntry
from search.pages import address_of, page_texts, public_pages
from search.query import Facet
from search.surroundings import CommodityNames, among, ancestor_paths, place_names
from search.terms import Texts, parts_of, stored_terms

Kind = NamedEntry.Kind
# Kinds that are read whole: few, and one's weight counts what hangs below it.
WHOLE = frozenset({Kind.COMMODITY, Kind.CATEGORY})

_LABEL = NamedEntry._meta.get_field("label").max_length
_ADDRESS = NamedEntry._meta.get_field("url").max_length or 0


def entries(kind: NamedEntry.Kind, *, on: date, keys: Collection[int] | None = None) -> list[NamedEntry]:
    """The entries of a kind as they are to be on the day: of these keys, or all.

    Constant queries. Of commodities and categories always all are given.
    """
    # Addresses are the default language's; others differ from them by their prefix.
    with translation.override(settings.LANGUAGE_CODE):
        match kind:
            case Kind.COMMODITY:
                return list(_commodities())
            case Kind.CATEGORY:
                return list(_categories())
            case Kind.COOPERATIVE:
                return list(_cooperatives(on, keys))
            case Kind.COMMUNE:
                return list(_communes(on, keys))
            case Kind.PAGE:
                return list(_pages(keys))


def _commodities() -> Iterator[NamedEntry]:
    """Commodities that something of is on sale."""
    tree = CommodityNames()
    weights = _with_ancestors(_listings_by("commodity_id", None), tree.paths)
    address = reverse("search:search")
    for pk, path in tree.paths.items():
        if weights[path]:
            others = tree.with_ancestors(pk)[1:]
            yield _entry(
                Kind.COMMODITY,
                pk,
                Texts(title=tree.labels[pk], goods=others),
                url=f"{address}?{Facet.COMMODITY.value}={pk}",
                weight=weights[path],
            )


def _categories() -> Iterator[NamedEntry]:
    rows = list(Category.objects.filter(is_public=True).order_by("path").values_list("pk", "path", "name", "slug"))
    weights = _with_ancestors(_listings_by("category_id", None), {pk: path for pk, path, *_rest in rows})
    for pk, path, name, slug in rows:
        if weights[path]:
            address = reverse("catalogue:category", args=[slug, pk])
            yield _entry(Kind.CATEGORY, pk, Texts(title=name), url=address, weight=weights[path])


def _cooperatives(on: date, keys: Collection[int] | None) -> Iterator[NamedEntry]:
    """Active cooperatives, found by their profiles' words too."""
    rows = Cooperative.objects.filter(in_force_q(on, "activities__")).distinct().order_by()
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    cooperatives = list(rows.only("name", "short_name", "slug"))
    weights = _listings_by("cooperative_id", keys)
    profiles = CooperativePage.objects.live().public().filter(cooperative__in=[each.pk for each in cooperatives])
    words = {profile.cooperative_id: [profile.title, *page_texts(profile)] for profile in profiles.order_by()}
    for each in cooperatives:
        yield _entry(
            Kind.COOPERATIVE,
            each.pk,
            Texts(title=each.short_name, goods=[each.name], rest=words.get(each.pk, ())),
            url=each.get_absolute_url(),
            weight=weights[each.pk],
            detail=each.name,
        )


def _communes(on: date, keys: Collection[int] | None) -> Iterator[NamedEntry]:
    """Communes of today, by every name that their area has had."""
    rows = AdministrativeUnit.objects.in_force(on).filter(level=AdministrativeUnit.Level.COMMUNE)
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    communes = list(rows.order_by().select_related("province"))
    names = place_names([commune.pk for commune in communes])
    weights = _listings_by("commune_id", keys)
    for commune in communes:
        province = commune.province.name if commune.province else ""
        others = [name for name in names[commune.pk] if name not in {commune.name, province}]
        yield _entry(
            Kind.COMMUNE,
            commune.pk,
            Texts(title=commune.name, place=[province], goods=others),
            url=commune.get_absolute_url(),
            weight=weights[commune.pk],
            detail=province,
        )


def _pages(keys: Collection[int] | None) -> Iterator[NamedEntry]:
    for page in public_pages(keys):
        address = address_of(page)
        # A link that were cut would lead nowhere.
        if address and len(address) <= _ADDRESS:
            yield _entry(Kind.PAGE, page.pk, Texts(title=page.title, rest=page_texts(page)), url=address, weight=0)


def _entry(kind: NamedEntry.Kind, key: int, texts: Texts, *, url: str, weight: int, detail: str = "") -> NamedEntry:
    return NamedEntry(
        kind=kind,
        object_id=key,
        label=texts.title[:_LABEL],
        detail=detail[:_LABEL],
        url=url,
        terms=stored_terms(parts_of(texts)),
        weight=weight,
    )


def _listings_by(column: str, keys: Collection[int] | None) -> Counter[int]:
    """How many public listings each key of the column has."""
    listings = public_listings() if keys is None else among(public_listings(), keys, column)
    rows = listings.filter(**{f"{column}__isnull": False}).values_list(column).annotate(listings=Count("pk"))
    return Counter(dict(rows.order_by()))


def _with_ancestors(weights: Counter[int], paths: dict[int, str]) -> Counter[str]:
    """By path: what stands at it or below it."""
    found: Counter[str] = Counter()
    for pk, count in weights.items():
        for path in ancestor_paths(paths.get(pk, "")):
            found[path] += count
    return found
