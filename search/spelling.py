"""What somebody may have meant: words that the index knows in place of those typed, over its own vocabulary."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from search.held import Held
from search.models import IndexedWord
from search.terms import Word

Words = tuple[Word, ...]

# How many other questions there are at most.
MAXIMUM_CANDIDATES = 48
# That are compared before that: of each word that is looked at, and altogether.
_OTHERS = 24
_MAXIMUM_COMPARED = 400
# From this length on two mistakes are one word's.
_LONG = 6
_SPLITS = 3
# Shorter words have every other as a neighbour.
_SHORTEST = 2


# Letters that many people speak, and so write, alike: at the beginning of a syllable and at its end.
_ALIKE = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("^(?:ch|tr)", "C"),
        ("^[sx]", "s"),
        ("^(?:gi|[drv])", "z"),
        ("^(?:l|n(?!g|h))", "l"),
        ("^ngh", "ng"),
        ("^gh", "g"),
        ("^[ckq]", "k"),
        ("ng$", "n"),
        ("[ct]$", "t"),
        ("y", "i"),
    )
]


@dataclass(frozen=True)
class _Known:
    written: str
    documents: int


class _Vocabulary:
    def __init__(self, rows: Iterable[tuple[str, str, int]]) -> None:
        self.known: dict[str, _Known] = {}
        # Of titles, as "mien+dong".
        self.pairs: set[str] = set()
        for word, written, documents in rows:
            if "+" in word:
                self.pairs.add(word)
            else:
                self.known[word] = _Known(written, documents)
        self.by_length: dict[int, list[str]] = {}
        self.by_sound: dict[str, list[str]] = {}
        for word in self.known:
            if _is_of_letters(word):
                self.by_length.setdefault(len(word), []).append(word)
                self.by_sound.setdefault(_sound(word), []).append(word)

    def word(self, folded: str) -> Word:
        return Word(self.known[folded].written, folded)

    def near(self, word: str) -> list[tuple[int, str]]:
        """Words of the same sound, and those at most one mistake away, two for a long one, with a number for how far they
        are: the nearest first, then the most frequent.
        """
        if len(word) < _SHORTEST or not _is_of_letters(word):
            return []
        reach = 2 if len(word) >= _LONG else 1
        lengths = range(len(word) - reach, len(word) + reach + 1)
        choices = [other for length in lengths for other in self.by_length.get(length, ())]
        found = process.extract(
            word, choices, scorer=DamerauLevenshtein.distance, processor=None, score_cutoff=reach, limit=None
        )
        # Few people mistake the first letter.
        far = {other: 2 * int(distance) + (other[0] != word[0]) for other, distance, _ in found}
        far |= dict.fromkeys(self.by_sound.get(_sound(word), ()), 1)
        far.pop(word, None)
        near = [(distance, other) for other, distance in far.items()]
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

    Those whose words stand together in titles come first, then the nearest, then the most frequent. Words that are right
    keep the marks that were typed. A number is never another one.
    """
    return islice(dict.fromkeys(_candidates(tuple(words), held.current())), MAXIMUM_CANDIDATES)


@dataclass(frozen=True)
class _Way:
    """What may stand in place of one word."""

    words: Words
    mistakes: int
    documents: int


def _candidates(words: Words, vocabulary: _Vocabulary) -> Iterator[Words]:
    unknown = [at for at, word in enumerate(words) if word.folded not in vocabulary.known]
    yield from _joinings(words, unknown, vocabulary)
    others = _together(words, unknown, vocabulary) if unknown else _one_by_one(words, vocabulary)
    compared = islice(others, _MAXIMUM_COMPARED)
    for _, other in sorted(compared, key=lambda pair: (-_neighbours(pair[1], vocabulary), pair[0])):
        yield other


def _joinings(words: Words, unknown: Sequence[int], vocabulary: _Vocabulary) -> Iterator[Words]:
    """Two neighbours as one word, where that leaves no unknown word."""
    for at in range(len(words) - 1):
        together = words[at].folded + words[at + 1].folded
        if together in vocabulary.known and set(unknown) <= {at, at + 1} and _is_of_letters(together):
            yield (*words[:at], vocabulary.word(together), *words[at + 2 :])


def _together(words: Words, unknown: Sequence[int], vocabulary: _Vocabulary) -> Iterator[tuple[tuple[int, int], Words]]:
    """Every unknown word in another way at once."""
    for taken in product(*(_ways(words[at], vocabulary) for at in unknown)):
        chosen = dict(zip(unknown, taken, strict=True))
        other = tuple(new for at, word in enumerate(words) for new in (chosen[at].words if at in chosen else (word,)))
        yield (sum(way.mistakes for way in taken), -min(way.documents for way in taken)), other


def _one_by_one(words: Words, vocabulary: _Vocabulary) -> Iterator[tuple[tuple[int, int], Words]]:
    """One known word after the other for its neighbours: a mistake may be a word too."""
    for at, word in enumerate(words):
        for way in _near(word, vocabulary):
            yield (way.mistakes, -way.documents), (*words[:at], *way.words, *words[at + 1 :])


def _ways(word: Word, vocabulary: _Vocabulary) -> list[_Way]:
    if not _is_of_letters(word.folded):
        return []
    parted = [
        _Way(parts, 0, min(vocabulary.known[part.folded].documents for part in parts))
        for parts in vocabulary.split(word.folded)[:_SPLITS]
    ]
    return [*parted, *_near(word, vocabulary)]


def _near(word: Word, vocabulary: _Vocabulary) -> list[_Way]:
    return [
        _Way((vocabulary.word(other),), mistakes, vocabulary.known[other].documents)
        for mistakes, other in vocabulary.near(word.folded)[:_OTHERS]
    ]


def _neighbours(words: Words, vocabulary: _Vocabulary) -> int:
    """How many words stand beside the next one in some title."""
    return sum(f"{one.folded}+{other.folded}" in vocabulary.pairs for one, other in pairwise(words))


def _sound(word: str) -> str:
    for letters, sound in _ALIKE:
        word = letters.sub(sound, word)
    return word


def _is_of_letters(word: str) -> bool:
    return not any(sign.isdigit() for sign in word)
