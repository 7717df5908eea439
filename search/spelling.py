"""What somebody may have meant: words that the index knows in place of those typed, over its own vocabulary."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from search.held import Held
from search.models import IndexedWord
from search.terms import Word

Words = tuple[Word, ...]

# How many other questions are tried.
MAXIMUM_CANDIDATES = 8
# Of each word that is looked at.
_OTHERS = 6
# From this length on two mistakes are one word's.
_LONG = 6
# Shorter words have every other as a neighbour.
_SHORTEST = 2


@dataclass(frozen=True)
class _Known:
    written: str
    documents: int


class _Vocabulary:
    def __init__(self, rows: Iterable[tuple[str, str, int]]) -> None:
        self.known = {word: _Known(written, documents) for word, written, documents in rows}
        self.by_length: dict[int, list[str]] = {}
        for word in self.known:
            if _is_of_letters(word):
                self.by_length.setdefault(len(word), []).append(word)

    def word(self, folded: str) -> Word:
        return Word(self.known[folded].written, folded)

    def near(self, word: str) -> list[tuple[int, str]]:
        """Words at most one mistake away, two for a long one, and their distance: by it, then the most frequent."""
        if len(word) < _SHORTEST or not _is_of_letters(word):
            return []
        reach = 2 if len(word) >= _LONG else 1
        choices = [
            other
            for length in range(len(word) - reach, len(word) + reach + 1)
            for other in self.by_length.get(length, ())
        ]
        found = process.extract(
            word, choices, scorer=DamerauLevenshtein.distance, processor=None, score_cutoff=reach, limit=None
        )
        near = [(int(distance), other) for other, distance, _ in found if other != word]
        return sorted(near, key=lambda pair: (pair[0], -self.known[pair[1]].documents, pair[1]))

    def split(self, word: str) -> list[Words]:
        """Two known words written together; those whose rarer word is more frequent first."""
        parts = [(word[:at], word[at:]) for at in range(_SHORTEST, len(word) - _SHORTEST + 1)]
        known = [pair for pair in parts if pair[0] in self.known and pair[1] in self.known]
        known.sort(key=lambda pair: (-min(self.known[part].documents for part in pair), pair))
        return [(self.word(first), self.word(second)) for first, second in known]


held = Held(lambda: _Vocabulary(IndexedWord.objects.values_list("word", "written", "documents")))


def candidates(words: Sequence[Word]) -> Iterator[Words]:
    """Other questions that may have been meant, the likeliest first, at most MAXIMUM_CANDIDATES. One statement.

    Words that are right keep the marks that were typed. A number is never another one.
    """
    return islice(dict.fromkeys(_candidates(tuple(words), held.current())), MAXIMUM_CANDIDATES)


def _candidates(words: Words, vocabulary: _Vocabulary) -> Iterator[Words]:
    unknown = [at for at, word in enumerate(words) if word.folded not in vocabulary.known]
    yield from _joinings(words, unknown, vocabulary)
    if unknown:
        yield from _together(words, unknown, vocabulary)
    else:
        yield from _one_by_one(words, vocabulary)


def _joinings(words: Words, unknown: Sequence[int], vocabulary: _Vocabulary) -> Iterator[Words]:
    """Two neighbours as one word, where that leaves no unknown word."""
    for at in range(len(words) - 1):
        together = words[at].folded + words[at + 1].folded
        if together in vocabulary.known and set(unknown) <= {at, at + 1} and _is_of_letters(together):
            yield (*words[:at], vocabulary.word(together), *words[at + 2 :])


def _together(words: Words, unknown: Sequence[int], vocabulary: _Vocabulary) -> Iterator[Words]:
    """Every unknown word in another way at once: the first ways of all, then one step down the list of one of them."""
    ways = {at: _ways(words[at], vocabulary) for at in unknown}
    if not all(ways.values()):
        return
    steps = [{}, *({at: step} for step in range(1, _OTHERS) for at in unknown if step < len(ways[at]))]
    for taken in steps:
        chosen = {at: ways[at][taken.get(at, 0)] for at in unknown}
        yield tuple(new for at, word in enumerate(words) for new in chosen.get(at, (word,)))


def _ways(word: Word, vocabulary: _Vocabulary) -> list[Words]:
    if not _is_of_letters(word.folded):
        return []
    near = [(vocabulary.word(other),) for _, other in vocabulary.near(word.folded)]
    return [*vocabulary.split(word.folded)[:1], *near][: _OTHERS + 1]


def _one_by_one(words: Words, vocabulary: _Vocabulary) -> Iterator[Words]:
    """One known word after the other for its neighbours: a mistake may be a word too."""
    found = [
        (distance, -vocabulary.known[other].documents, at, other)
        for at, word in enumerate(words)
        for distance, other in vocabulary.near(word.folded)[:_OTHERS]
    ]
    for _, _, at, other in sorted(found):
        yield (*words[:at], vocabulary.word(other), *words[at + 1 :])


def _is_of_letters(word: str) -> bool:
    return not any(sign.isdigit() for sign in word)
