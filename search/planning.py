"""From words to terms and tiers: the ranking of listings, shared by every engine."""

from collections.abc import Iterator, Sequence

from search.terms import MAXIMUM_START, Place, Word, folded_term, joined, marked_term, pairs

# A longer question is not parted into goods and a place.
_MAXIMUM_PARTED = 6
# "Xã", "huyện" and the like say what kind of name follows: no title need have them.
_KINDS_OF_NAMES = frozenset(
    {
        "xã",
        "xa",
        "phường",
        "phuong",
        "huyện",
        "huyen",
        "tỉnh",
        "tinh",
        "quận",
        "quan",
        "thôn",
        "thon",
        "xóm",
        "xom",
        "htx",
    }
)


def required_terms(words: Sequence[Word]) -> tuple[str, ...]:
    """What every hit has: each word, marks aside, wherever it stands."""
    return tuple(dict.fromkeys(word.folded for word in words))


def tiers(words: Sequence[Word]) -> tuple[tuple[str, ...], ...]:
    """The conjunctions that order the hits, the best first. None without words.

    As they were typed, marks or none: the whole title; its beginning; a phrase of it; words of it; goods in the title with a place of
    origin or cooperative; the same in any mixture; words of the title and of the commodity with its other names; those
    with a place or cooperative. Then all of it once more without marks, and place and cooperative alone. Hits in no tier
    have the words anywhere. Of a question without any mark only titles are looked through for just these letters.
    """
    if not words:
        return ()
    telling = [word for word in words if word.marked not in _KINDS_OF_NAMES] or list(words)
    has_marks = any(word.has_marks for word in telling)
    found = [
        # A title may consist of such words.
        *(_titles(words, is_marked=True) if has_marks else _letters(words)),
        *(_half(telling, is_marked=True) if has_marks else _letters(telling)),
        *_titles(words, is_marked=False),
        *_half(telling, is_marked=False),
    ]
    found.append(tuple(folded_term(Place.PLACE_MAKER, word.folded) for word in telling))
    return tuple(dict.fromkeys(found))


def tier_of(terms: str, tiers: Sequence[Sequence[str]]) -> int:
    """The position of the first tier that a document with these terms stands in, or their number."""
    held = set(terms.split())
    return next((at for at, tier in enumerate(tiers) if held.issuperset(tier)), len(tiers))


def _half(words: Sequence[Word], *, is_marked: bool) -> Iterator[tuple[str, ...]]:
    def terms(place: str, some: Sequence[Word]) -> tuple[str, ...]:
        return _terms(place, some, is_marked=is_marked)

    parted = list(_parted(words))
    yield from _titles(words, is_marked=is_marked)
    for goods, place in parted:
        yield (*terms(Place.TITLE, goods), *terms(Place.PLACE_MAKER, place))
    yield terms(Place.TITLE_PLACE_MAKER, words)
    yield terms(Place.TITLE_GOODS, words)
    for goods, place in parted:
        yield (*terms(Place.TITLE_GOODS, goods), *terms(Place.PLACE_MAKER, place))


def _titles(words: Sequence[Word], *, is_marked: bool) -> Iterator[tuple[str, ...]]:
    yield _terms(Place.TITLE_WHOLE, [joined(words)], is_marked=is_marked)
    if len(words) <= MAXIMUM_START:
        yield _terms(Place.TITLE_START, [joined(words)], is_marked=is_marked)
    if len(words) > 1:
        yield _terms(Place.TITLE_PAIR, pairs(words), is_marked=is_marked)
    yield _terms(Place.TITLE, words, is_marked=is_marked)


def _letters(words: Sequence[Word]) -> Iterator[tuple[str, ...]]:
    """Titles with just these letters. Hardly any title has Vietnamese words without their marks: few looks are enough."""
    if len(words) <= MAXIMUM_START:
        yield _terms(Place.TITLE_START, [joined(words)], is_marked=True)
    yield _terms(Place.TITLE, words, is_marked=True)


def _terms(place: str, words: Sequence[Word], *, is_marked: bool) -> tuple[str, ...]:
    if is_marked:
        return tuple(marked_term(place, word.marked) for word in words)
    return tuple(folded_term(place, word.folded) for word in words)


def _parted(words: Sequence[Word]) -> Iterator[tuple[Sequence[Word], Sequence[Word]]]:
    """The ways to read a question as goods and then a place, or a place and then goods: the longest goods first."""
    if len(words) > _MAXIMUM_PARTED:
        return
    for length in range(len(words) - 1, 0, -1):
        yield words[:length], words[length:]
        yield words[-length:], words[:-length]
