"""Everything on the search page that leads to another question: facets, chips, orders, pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil

from django.utils.translation import gettext as _

from catalog.lists import Link
from catalog.pages import Pages, page_links
from marketplace.common.money import format_vnd
from search.choices import cleared, facet_links, is_filtered, query_string, toggled, without_nearest
from search.labels import SHOWN, UNFOLDED, FacetShown
from search.query import MAXIMUM_PAGE, PER_PAGE, Facet, ListingQuery, Near, NearUnit, Sort
from search.resolve import Places
from search.terms import query_words

Address = Callable[[ListingQuery], str]


@dataclass(frozen=True)
class FacetPanel:
    """A facet: `links` are seen, `more` unfold, and `all_url` leads to a page that shows all `count` of them."""

    name: str
    title: str
    links: list[Link]
    more: list[Link]
    count: int
    all_url: str


def titles() -> dict[Facet, str]:
    return {
        Facet.CATEGORY: _("Kind"),
        Facet.COMMODITY: _("Farm product"),
        Facet.COMMUNE: _("Commune"),
        Facet.COOPERATIVE: _("Cooperative"),
        Facet.STARS: _("OCOP stars"),
        Facet.CERTIFICATE: _("Certificate"),
        Facet.PRICE_BAND: _("Price"),
    }


def facet_panels(
    query: ListingQuery, shown: Mapping[Facet, FacetShown], *, here: str, opened: Facet | None
) -> list[FacetPanel]:
    """The facets that offer a choice, or have one."""
    panels, words = [], titles()
    for facet, found in shown.items():
        chosen = query.chosen.get(facet, frozenset())
        if len(found.values) < 2 and not chosen:
            continue
        link = facet_links(query, facet)
        links = [
            Link(value.label, f"{here}{link(value.key)}", value.key in chosen, value.count) for value in found.values
        ]
        # What is chosen is never folded away.
        first = links if facet is opened else [each for n, each in enumerate(links) if n < SHOWN or each.is_on]
        more = [] if facet is opened else [each for n, each in enumerate(links) if n >= SHOWN and not each.is_on]
        all_url = ""
        if facet is not opened and found.count > SHOWN + UNFOLDED:
            own = query_string(replace(query, page=1))
            all_url = f"{here}{own}{'&' if own else '?'}mo={facet.value}#{facet.value}"
        panels.append(FacetPanel(facet.value, words[facet], first, [] if all_url else more, found.count, all_url))
    return panels


def toggles(query: ListingQuery, *, here: str) -> list[Link]:
    first = replace(query, page=1)
    return [
        Link(
            _("In season now"),
            here + query_string(replace(first, in_season=not query.in_season)),
            is_on=query.in_season,
        ),
        Link(_("In stock now"), here + query_string(replace(first, in_stock=not query.in_stock)), is_on=query.in_stock),
    ]


def chosen_links(query: ListingQuery, shown: Mapping[Facet, FacetShown], places: Places, *, here: str) -> list[Link]:
    """What is chosen, each as a link that drops it."""
    return [
        Link(label, here + query_string(without), is_on=True) for label, without in _narrowings(query, shown, places)
    ]


def _narrowings(
    query: ListingQuery, shown: Mapping[Facet, FacetShown], places: Places
) -> list[tuple[str, ListingQuery]]:
    """Each choice in words, and the question without it."""
    first = replace(query, page=1)
    found = [
        (value.label, toggled(query, facet, value.key))
        for facet, facet_shown in shown.items()
        for value in facet_shown.values
        if value.key in query.chosen.get(facet, ())
    ]
    if query.former_unit is not None:
        label = _("Area of %(unit)s") % {"unit": places[query.former_unit].label}
        found.append((label, replace(first, former_unit=None)))
    if query.delivers_to is not None:
        label = _("Delivered to %(commune)s") % {"commune": places[query.delivers_to].label}
        found.append((label, replace(first, delivers_to=None)))
    if query.near is not None:
        found.append((near_label(query.near, places), without_nearest(replace(first, near=None))))
    if query.price_from is not None or query.price_to is not None:
        found.append((price_label(query), replace(first, price_from=None, price_to=None)))
    if query.in_season:
        found.append((_("In season now"), replace(first, in_season=False)))
    if query.in_stock:
        found.append((_("In stock now"), replace(first, in_stock=False)))
    return found


def wider(query: ListingQuery, places: Places, *, count: Callable[[ListingQuery], int], here: str) -> list[Link]:
    """What the same words would find without one kind of choice, and without any, where that finds something.

    `count` is asked at most nine times.
    """
    if not is_filtered(query):
        return []
    words = titles()
    tried = [
        (
            words[facet],
            replace(query, page=1, chosen={other: keys for other, keys in query.chosen.items() if other is not facet}),
        )
        for facet in query.chosen
    ]
    tried += _narrowings(query, {}, places)
    tried = tried[:8] if len(tried) > 1 else []
    tried.append((_("any choice"), cleared(query)))
    found = [(label, without, count(without)) for label, without in tried]
    return [
        Link(_("Without: %(choice)s") % {"choice": label}, here + query_string(without), is_on=False, count=total)
        for label, without, total in found
        if total
    ]


def near_label(near: Near | NearUnit, places: Places) -> str:
    if isinstance(near, NearUnit):
        return _("Within %(km)s km of %(place)s") % {"km": near.km, "place": places[near.unit].label}
    return _("Within %(km)s km of where you are") % {"km": near.km}


def price_label(query: ListingQuery) -> str:
    if query.price_from is None:
        return _("Up to %(amount)s") % {"amount": format_vnd(query.price_to or 0)}
    if query.price_to is None:
        return _("At least %(amount)s") % {"amount": format_vnd(query.price_from)}
    return f"{format_vnd(query.price_from)} – {format_vnd(query.price_to)}"


def sorts(query: ListingQuery, *, here: str) -> list[Link]:
    words = {
        Sort.RELEVANCE: _("Best match") if query_words(query.text) else _("Suggested"),
        Sort.NEWEST: _("Newest"),
        Sort.CHEAPEST: _("Cheapest first"),
        Sort.DEAREST: _("Dearest first"),
    }
    if query.near is not None:
        words[Sort.NEAREST] = _("Nearest")
    return [
        Link(label, here + query_string(replace(query, sort=sort, page=1)), is_on=sort is query.sort)
        for sort, label in words.items()
    ]


def clear_url(query: ListingQuery, *, here: str) -> str | None:
    return here + query_string(cleared(query)) if is_filtered(query) else None


def page_count(total: int) -> int:
    return min(max(1, ceil(total / PER_PAGE)), MAXIMUM_PAGE)


def pages(query: ListingQuery, total: int, *, here: str) -> Pages:
    return page_links(
        number=query.page,
        count=page_count(total),
        url_of=lambda number: here + query_string(replace(query, page=number)),
    )
