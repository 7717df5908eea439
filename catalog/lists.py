"""A list of listings as its template shows it: cards, facets, orders and pages, all of them links."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.cards import Card, cards
from catalog.choices import Choice, Facet, Sort, read_choice
from catalog.pages import Pages, page_links
from catalog.selectors import CategoryEntry, ListingPage, Within, listing_page, public_categories
from marketplace.common.dates import local_day


@dataclass(frozen=True)
class Link:
    """A choice that one may take or drop."""

    label: str
    url: str
    is_on: bool
    count: int | None = None


@dataclass(frozen=True)
class FacetLinks:
    title: str
    links: list[Link]


@dataclass(frozen=True)
class ListingList:
    """The context of parts/listing_list.html."""

    cards: list[Card]
    total: int
    facets: list[FacetLinks]
    chosen: list[Link]
    sorts: list[Link]
    pages: Pages
    clear_url: str | None
    choice: Choice


def listing_list(
    request: HttpRequest,
    *,
    categories: dict[int, CategoryEntry] | None = None,
    within: Within | None = None,
    hidden: Collection[Facet] = (),
) -> ListingList:
    """The listings `within` that the address asks for; the links stay on the request's path."""
    today = local_day(timezone.now())
    page = listing_page(
        choice=read_choice(request.GET),
        month=today.month,
        categories=public_categories() if categories is None else categories,
        within=within,
        hidden=hidden,
    )
    here, choice = request.path, page.choice
    return ListingList(
        cards=cards(page.rows, today=today),
        total=page.total,
        facets=_facets(page, here),
        chosen=_chosen(page, here),
        sorts=_sorts(choice, here),
        pages=page_links(
            number=choice.page,
            count=page.page_count,
            url_of=lambda number: f"{here}{replace(choice, page=number).query_string()}",
        ),
        clear_url=f"{here}{choice.cleared().query_string()}" if choice.is_filtered else None,
        choice=choice,
    )


def _facets(page: ListingPage, here: str) -> list[FacetLinks]:
    choice = page.choice
    titles = {Facet.CATEGORY: _("Kind"), Facet.COMMUNE: _("Commune"), Facet.COOPERATIVE: _("Cooperative")}
    season = Link(_("In season now"), f"{here}{_with_season(choice).query_string()}", choice.in_season)
    facets = [FacetLinks(_("Season"), [season])]
    for facet, values in page.facets.items():
        links = [
            Link(
                value.label,
                f"{here}{choice.toggled(facet, value.key).query_string()}",
                value.key in choice.of(facet),
                value.count,
            )
            for value in values
        ]
        if len(links) > 1 or choice.of(facet):
            facets.append(FacetLinks(titles[facet], links))
    return facets


def _chosen(page: ListingPage, here: str) -> list[Link]:
    """What is chosen, each as a link that drops it."""
    choice = page.choice
    links = [
        Link(value.label, f"{here}{choice.toggled(facet, value.key).query_string()}", is_on=True)
        for facet, values in page.facets.items()
        for value in values
        if value.key in choice.of(facet)
    ]
    if choice.in_season:
        links.append(Link(_("In season now"), f"{here}{_with_season(choice).query_string()}", is_on=True))
    return links


def _with_season(choice: Choice) -> Choice:
    return replace(choice, in_season=not choice.in_season, page=1)


def _sorts(choice: Choice, here: str) -> list[Link]:
    words = {Sort.NEWEST: _("Newest"), Sort.CHEAPEST: _("Cheapest first"), Sort.DEAREST: _("Dearest first")}
    return [
        Link(label, f"{here}{replace(choice, sort=sort, page=1).query_string()}", sort is choice.sort)
        for sort, label in words.items()
    ]
