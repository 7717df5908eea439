"""Things with a name: commodities, categories, cooperatives, communes and pages, held whole and found by their words."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Container, Iterable, Sequence

from search.held import Held
from search.models import NamedEntry
from search.planning import required_terms, tiers
from search.terms import Place, Word, folded_term, joined, marked_term, plain_words


class _Names:
    """Entries in their order, and by each word their positions in it."""

    def __init__(self, entries: Iterable[NamedEntry]) -> None:
        self.entries = sorted(entries, key=lambda entry: (-entry.weight, entry.label, entry.kind, entry.object_id))
        # Between spaces, so that a term, or its beginning, is found as a part.
        self.terms = [f" {entry.terms} " for entry in self.entries]
        self.postings: dict[str, array[int]] = {}
        for position, entry in enumerate(self.entries):
            for word in plain_words(entry.terms.split()):
                self.postings.setdefault(word, array("l")).append(position)
        self.words = sorted(self.postings)
        self.labels = {(entry.kind, entry.object_id): entry.label for entry in self.entries}

    def having(self, terms: Sequence[str], prefix: str) -> set[int]:
        """Positions of entries with all terms and a word that begins with the prefix when there is one."""
        wanted: list[Iterable[int]] = [self.postings.get(term, ()) for term in terms]
        if prefix:
            wanted.append([position for word in self._beginning(prefix) for position in self.postings[word]])
        return set.intersection(*map(set, wanted)) if wanted else set()

    def _beginning(self, prefix: str) -> list[str]:
        return self.words[bisect_left(self.words, prefix) : bisect_left(self.words, prefix + "\U0010ffff")]


held = Held(lambda: _Names(NamedEntry.objects.all()))


def find(words: Sequence[Word], *, count: int) -> list[NamedEntry]:
    """Those with all words, by the tiers of listings; then heavier ones first, then by label. Read-only, one statement."""
    return _best(required_terms(words), "", list(map(_parts, tiers(words))), count)


def begin(words: Sequence[Word], *, count: int) -> list[NamedEntry]:
    """As `find`, while the last word is still being typed: names that are the words, names that begin with them, others."""
    if not words:
        return []
    first = _first(words, marked_term, lambda word: word.marked) if any(word.has_marks for word in words) else []
    first += _first(words, folded_term, lambda word: word.folded)
    return _best(required_terms(words[:-1]), words[-1].folded, [*first, *map(_parts, tiers(words))], count)


def first(
    questions: Iterable[tuple[Word, ...]], *, kinds: Container[str] = tuple(NamedEntry.Kind)
) -> tuple[Word, ...] | None:
    """The first of the questions whose words something of these kinds has all in its names. One statement."""
    names = held.current()

    def is_name(words: tuple[Word, ...]) -> bool:
        parts = _parts(folded_term(Place.TITLE_GOODS, word.folded) for word in words)
        return any(
            names.entries[position].kind in kinds and all(part in names.terms[position] for part in parts)
            for position in names.having(required_terms(words), "")
        )

    return next(filter(is_name, questions), None)


def labels(kind: NamedEntry.Kind, keys: Iterable[int]) -> dict[int, str]:
    """What those of the keys are called that the index knows, as it was last looked at. No statement."""
    known = held.last().labels
    return {key: known[kind, key] for key in keys if (kind, key) in known}


def _best(terms: Sequence[str], prefix: str, order: Sequence[Sequence[str]], count: int) -> list[NamedEntry]:
    names = held.current()

    def tier(position: int) -> int:
        entry_terms = names.terms[position]
        return next((at for at, parts in enumerate(order) if all(part in entry_terms for part in parts)), len(order))

    found = sorted(names.having(terms, prefix), key=lambda position: (tier(position), position))
    return [names.entries[position] for position in found[:count]]


def _first(words: Sequence[Word], term: Callable[[str, str], str], form: Callable[[Word], str]) -> list[list[str]]:
    *typed, last = [term(Place.TITLE, form(word)) for word in words]
    return [_parts([term(Place.TITLE_WHOLE, form(joined(words)))]), [*_parts(typed), f" {last}"]]


def _parts(terms: Iterable[str]) -> list[str]:
    return [f" {term} " for term in terms]
