"""The search page as its template shows it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalog.cards import Card, cards
from catalog.lists import Link
from catalog.pages import Pages
from catalog.selectors import season_rows
from marketplace.common.dates import local_day
from search import links
from search.addresses import local_address
from search.backends.base import EngineUnavailableError, SearchBackend
from search.choices import Asked, is_filtered, query_string
from search.finding import Found, find
from search.labels import facets_shown, listing_cards
from search.models import IndexState, NamedEntry
from search.panel import panel_html
from search.place_names import Former, former_units
from search.query import ListingQuery, Sort
from search.resolve import Places, resolve
from search.terms import Word, query_words, words_of

Kind = NamedEntry.Kind
# Of one kind above the listings.
NAMED = 4
IN_SEASON = 8


@dataclass(frozen=True)
class NamedLink:
    label: str
    detail: str
    url: str


@dataclass(frozen=True)
class NamedGroup:
    title: str
    links: list[NamedLink]


@dataclass(frozen=True)
class Correction:
    """The words that were searched for in place of those typed, and the way to those."""

    searched: str
    typed: str
    typed_url: str


@dataclass(frozen=True)
class ResultPage:
    query: ListingQuery
    total: int
    panel: SafeString
    # Choices that a press away from the listings are too far: those that are not taken yet.
    quick: list[Link]
    near_url: str
    chosen: list[Link]
    sorts: list[Link]
    cards: list[Card]
    pages: Pages
    groups: list[NamedGroup]
    correction: Correction | None
    clear_url: str | None
    # Only where nothing is found: what a wider question would find, and what is in season.
    wider: list[Link] = field(default_factory=list)
    season: list[Card] = field(default_factory=list)


def result_page(asked: Asked, places: Places, *, backend: SearchBackend, here: str, now: datetime) -> ResultPage:
    """Raises EngineUnavailableError. As many statements whatever is found, and some more where nothing is."""
    query, today = asked.query, local_day(now)
    found = find(query, backend=backend, now=now, places=places)
    if found.results.total and not found.results.ids:
        query = replace(query, page=links.page_count(found.results.total))
        found = find(query, backend=backend, now=now, places=places)
    results = found.results
    if not results.total:
        _require_index()
    shown = facets_shown(query, results, opened=asked.opened)
    clear_url = links.clear_url(query, here=here)
    switches = links.toggles(query, here=here)
    facets = links.facet_panels(query, shown, here=here, opened=asked.opened)
    return ResultPage(
        query=query,
        total=results.total,
        panel=panel_html(query, places=places, toggles=switches, facets=facets, here=here, clear_url=clear_url),
        quick=[link for link in switches if not link.is_on],
        near_url=near_url(query, here=here),
        chosen=links.chosen_links(query, shown, places, here=here),
        sorts=links.sorts(query, here=here),
        cards=listing_cards(results.ids, today=today, distances=found.plan.distances),
        pages=links.pages(query, results.total, here=here),
        groups=named_groups(found.named, query, here=here),
        correction=_correction(found, query, here=here),
        clear_url=clear_url,
        wider=[] if results.total else _wider(found, query, places, backend=backend, here=here, now=now),
        season=[] if results.total else season_cards(today),
    )


def _require_index() -> None:
    """Nothing found in an index that is not built, or was made by other rules, is no answer."""
    state = IndexState.objects.order_by("pk").first()
    if state is None or not state.is_usable:
        raise EngineUnavailableError


def near_url(query: ListingQuery, *, here: str) -> str:
    """Where the script adds the position to."""
    sort = Sort.NEAREST if query.sort is Sort.RELEVANCE else query.sort
    own = query_string(replace(query, near=None, sort=Sort.RELEVANCE if sort is Sort.NEAREST else sort, page=1))
    return f"{here}{own}{'&' if own else '?'}{'xep=gan&' if sort is Sort.NEAREST else ''}gan="


def season_cards(today: date) -> list[Card]:
    return cards(season_rows(month=today.month, count=IN_SEASON), today=today)


def named_groups(entries: Sequence[NamedEntry], query: ListingQuery, *, here: str) -> list[NamedGroup]:
    """What else has the words in its name, by kind. At most one query."""
    words = query_words(query.text)
    by_kind: dict[str, list[NamedEntry]] = defaultdict(list)
    for entry in entries:
        by_kind[entry.kind].append(entry)
    communes = _wanted_communes(by_kind[Kind.COMMUNE], words)[:NAMED]
    asked = {word.folded for word in words}
    by_former_name = [each.object_id for each in communes if not asked <= set(_folded(each.label).split())]
    formers = former_units(by_former_name, words) if by_former_name else {}
    titles = {
        _("Goods"): [*by_kind[Kind.COMMODITY], *by_kind[Kind.CATEGORY]],
        _("Cooperatives"): by_kind[Kind.COOPERATIVE],
        _("Communes"): communes,
        _("Pages"): by_kind[Kind.PAGE],
    }
    groups = [
        NamedGroup(title, [_named_link(entry, formers) for entry in group[:NAMED]])
        for title, group in titles.items()
        if group
    ]
    areas = {former.pk: former.name for former in formers.values() if former.is_whole}
    if areas:
        goods = [NamedLink(name, "", here + query_string(ListingQuery(former_unit=pk))) for pk, name in areas.items()]
        groups.append(NamedGroup(_("Goods from a former area"), goods))
    return groups


def _wanted_communes(communes: list[NamedEntry], words: Sequence[Word]) -> list[NamedEntry]:
    """Of three thousand communes those that something is on sale from; else those of the very name; else any."""
    name = " ".join(word.folded for word in words)
    return (
        [each for each in communes if each.weight]
        or [each for each in communes if f" {_folded(each.label)}".endswith(f" {name}")]
        or communes
    )


def _folded(label: str) -> str:
    return " ".join(word.folded for word in words_of(label))


def _named_link(entry: NamedEntry, formers: dict[int, Former]) -> NamedLink:
    if entry.kind != Kind.COMMUNE:
        return NamedLink(entry.label, "", local_address(entry.url))
    former = formers.get(entry.object_id)
    detail = _("(before: %(unit)s)") % {"unit": former.name} if former else entry.detail
    return NamedLink(entry.label, detail, local_address(entry.url))


def _correction(found: Found, query: ListingQuery, *, here: str) -> Correction | None:
    if found.note is None:
        return None
    exact = here + query_string(replace(query, is_exact=True, page=1))
    return Correction(found.note.searched, query.text, exact)


def _wider(
    found: Found, query: ListingQuery, places: Places, *, backend: SearchBackend, here: str, now: datetime
) -> list[Link]:
    """With the words that were searched for, which may be others than those typed."""

    def count(wider: ListingQuery) -> int:
        plan = resolve(wider, today=local_day(now))
        words = replace(plan, terms=found.plan.terms, prefix=found.plan.prefix, tiers=(), count=1)
        return backend.search(words).total

    return links.wider(query, places, count=count, here=here) if is_filtered(query) else []
