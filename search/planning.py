"""From words to terms and tiers: the ranking of listings, shared by every engine."""

from collections.abc import Callable, Sequence

from search.terms import Place, Word, folded_term, joined, marked_term, pairs

# Where all the words must stand, from the best place to the widest.
_TITLE_ON = (Place.TITLE, Place.TITLE_PLACE_MAKER, Place.TITLE_GOODS)


def required_terms(words: Sequence[Word]) -> tuple[str, ...]:
    """What every hit has: each word, marks aside, wherever it stands."""
    return tuple(dict.fromkeys(word.folded for word in words))


def tiers(words: Sequence[Word]) -> tuple[tuple[str, ...], ...]:
    """The conjunctions that order the hits, the best first. None without words.

    With the typed marks: the whole title, a phrase of it, words of it, words of it with its place and cooperative,
    words of it with its commodity and other names. Then the same without marks, and place and cooperative alone. Whoever
    typed no mark asks for no mark: the first half is left out. Hits in no tier have the words anywhere.
    """
    if not words:
        return ()
    found = _half(words, marked_term, lambda word: word.marked) if any(word.has_marks for word in words) else []
    found += _half(words, folded_term, lambda word: word.folded)
    found.append(tuple(folded_term(Place.PLACE_MAKER, word.folded) for word in words))
    return tuple(found)


def tier_of(terms: str, tiers: Sequence[Sequence[str]]) -> int:
    """The position of the first tier that a document with these terms stands in, or their number."""
    held = set(terms.split())
    return next((at for at, tier in enumerate(tiers) if held.issuperset(tier)), len(tiers))


def _half(words: Sequence[Word], term: Callable[[str, str], str], form: Callable[[Word], str]) -> list[tuple[str, ...]]:
    conjunctions: list[tuple[str, ...]] = [(term(Place.TITLE_WHOLE, form(joined(words))),)]
    if len(words) > 1:
        conjunctions.append(tuple(term(Place.TITLE_PAIR, form(pair)) for pair in pairs(words)))
    conjunctions += [tuple(term(place, form(word)) for word in words) for place in _TITLE_ON]
    return conjunctions
