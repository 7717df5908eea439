"""Finding with goodwill: the words as they stand; where they find nothing, what was probably meant."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.urls import reverse

from catalog.selectors import public_listings
from marketplace.common.dates import local_day
from marketplace.common.prepared import Prepared
from search import named, spelling
from search.backends.base import SearchBackend
from search.models import NamedEntry
from search.planning import required_terms
from search.query import ListingQuery, ListingResults, Plan
from search.resolve import Places, resolve, with_words
from search.terms import Place, Word, folded_term, marked_term, query_words, words_of

NAMED = 200
SUGGESTED = 8
SUGGESTED_NAMES = 5
# Several listings have one title; suggestions differ.
_LISTINGS = 3 * SUGGESTED
LISTING = "listing"
# Other questions that the engine is asked, of those that the spelling has.
_ASKED = 8
_GOODS = frozenset({NamedEntry.Kind.COMMODITY, NamedEntry.Kind.CATEGORY})


@dataclass(frozen=True)
class Note:
    """What was searched for in place of what was typed."""

    typed: str
    searched: str


@dataclass(frozen=True)
class Found:
    """The answer, the plan that it answers, and the things of that name, the best first."""

    plan: Plan
    results: ListingResults
    named: Sequence[NamedEntry]
    note: Note | None = None


@dataclass(frozen=True)
class Suggestion:
    """A line below the box while somebody types: `kind` is one of NamedEntry.Kind or LISTING."""

    kind: str
    label: str
    detail: str
    url: str


@dataclass(frozen=True)
class _Asked:
    """Words to search for, the beginning of one more, and how that reads."""

    words: tuple[Word, ...]
    prefix: str = ""

    @property
    def text(self) -> str:
        return " ".join([*(word.marked for word in self.words), *([f"{self.prefix}…"] if self.prefix else [])])


def find(query: ListingQuery, *, backend: SearchBackend, now: datetime, places: Places | None = None) -> Found:
    """Listings and names with every word. If nothing at all has them, whatever the filters, and they are not to be taken
    exactly: with words joined, split or corrected; else the last one as a beginning. Raises EngineUnavailableError.
    """
    plan = resolve(query, today=local_day(now), places=places)
    words = query_words(query.text)
    results = backend.search(plan)
    if not words:
        return Found(plan, results, ())
    names = named.find(words, count=NAMED)
    if results.total or query.is_exact or _is_named(words, names) or backend.has(plan.terms):
        return Found(plan, results, names)
    meant = _meant(words, backend)
    if meant is None:
        return Found(plan, results, names)
    plan = with_words(plan, meant.words, prefix=meant.prefix)
    names = named.begin(words, count=NAMED) if meant.prefix else named.find(meant.words, count=NAMED)
    return Found(plan, backend.search(plan), names, Note(typed=query.text, searched=meant.text))


def _is_named(words: Sequence[Word], names: Sequence[NamedEntry]) -> bool:
    """Whether one of the names is, or has in it, just what was asked for; not one that has the words here and there."""
    asked = tuple(word.folded for word in words)
    return any(
        asked == label[start : start + len(asked)]
        for label in (tuple(word.folded for word in words_of(name.label)) for name in names)
        for start in range(len(label))
    )


def suggest(text: str, backend: SearchBackend) -> list[Suggestion]:
    """At most SUGGESTED: names, then titles of listings, with the last word as a beginning. Raises EngineUnavailableError."""
    words = query_words(text)
    if not words:
        return []
    # Titles first: whoever types a title's beginning sees it. What has the words elsewhere is better than nothing.
    found = _suggested(words, backend) or list(_listings_with(required_terms(words[:-1]), words[-1].folded, backend))
    if not found:
        for other in islice(spelling.candidates(words), _ASKED):
            if found := _suggested(other, backend):
                break
    return found


def _suggested(words: Sequence[Word], backend: SearchBackend) -> list[Suggestion]:
    names = [
        Suggestion(entry.kind, entry.label, entry.detail, entry.url)
        for entry in named.begin(words, count=SUGGESTED_NAMES)
    ]
    *before, last = [folded_term(Place.TITLE, word.folded) for word in words]
    titles = _listings_with(before, last, backend, but={name.label for name in names})
    return [*names, *titles][:SUGGESTED]


def _listings_with(
    terms: Sequence[str], prefix: str, backend: SearchBackend, *, but: Iterable[str] = ()
) -> Iterator[Suggestion]:
    return islice(_of_listings(backend.suggest(terms, prefix, _LISTINGS), but=but), SUGGESTED)


def _of_listings(keys: Sequence[int], *, but: Iterable[str]) -> Iterator[Suggestion]:
    """One for each title, in the order of the keys."""
    if not keys:
        return
    # As many keys each time, or there would be a statement for each number of them.
    wanted = (*keys, *[keys[0]] * (_LISTINGS - len(keys)))
    rows = {pk: (title, slug, maker) for pk, title, slug, maker in _listings(wanted)}
    seen = set(but)
    for key in keys:
        title, slug, maker = rows.get(key, ("", "", ""))
        if title and title not in seen:
            seen.add(title)
            yield Suggestion(LISTING, title, maker or "", reverse("catalogue:detail", args=[slug, key]))


def _meant(words: tuple[Word, ...], backend: SearchBackend) -> _Asked | None:
    """The first other question that has an answer, else the same with the last word as a beginning."""
    if other := _corrected(words, backend):
        return _Asked(_with_marks(other, words, backend))
    if backend.has(required_terms(words[:-1]), words[-1].folded) or named.begin(words, count=1):
        return _Asked(words[:-1], words[-1].folded)
    return None


def _corrected(words: tuple[Word, ...], backend: SearchBackend) -> tuple[Word, ...] | None:
    """The likeliest by where its words stand together: a good's names; a listing's title and goods; and where but one
    was changed any name, and anywhere.
    """
    others = list(spelling.candidates(words))
    close = [other for other in others if len(set(words) - set(other)) <= 1]
    return (
        named.first(others, kinds=_GOODS)
        or next((other for other in others[:_ASKED] if backend.has(_in_goods(other))), None)
        or named.first(close)
        or next((other for other in close[:_ASKED] if backend.has(required_terms(other))), None)
    )


def _with_marks(other: tuple[Word, ...], typed: tuple[Word, ...], backend: SearchBackend) -> tuple[Word, ...]:
    """Corrected words keep their marks where the typed ones have any and a title has them so."""
    marked = [marked_term(Place.TITLE_GOODS, word.marked) for word in other]
    if any(word.has_marks for word in typed) and backend.has(marked):
        return other
    return tuple(word if word in typed else Word(word.folded, word.folded) for word in other)


def _in_goods(words: Iterable[Word]) -> list[str]:
    return [folded_term(Place.TITLE_GOODS, word.folded) for word in words]


_listings = Prepared(
    lambda keys: (
        public_listings().filter(pk__in=keys).order_by().values_list("pk", "title", "slug", "cooperative__short_name")
    )
)
