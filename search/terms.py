"""Terms: what a text is indexed by and asked for, the same on every engine.

A document is a set of terms and a query a conjunction of terms, so no engine's tokenizer, analyzer or score decides
anything. A plain term is a word without marks, wherever in the document it stands. The others begin with a colon, a
letter for where the word stands and a sign for its form (":" without marks, "=" with them), as in ":t=miến".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

from marketplace.common.text import clean_text, fold, tokens

MAXIMUM_WORDS = 12
MAXIMUM_TEXT = 200
MAXIMUM_START = 6
# What is longer is cut: PostgreSQL takes no lexeme of more than 2046 bytes.
MAXIMUM_LETTERS = 100

# "mỳ" and "mì", "lý" and "lí", "quý" and "quí" are one word; "thúy" and "thui" are two.
_FINAL_Y = re.compile(r"^([bhklmstv]|qu)([yýỳỷỹỵ])$")
_I_FOR_Y = str.maketrans("yýỳỷỹỵ", "iíìỉĩị")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text in canonical form: with the marks that were typed, and without any."""

    marked: str
    folded: str

    @property
    def has_marks(self) -> bool:
        return self.marked != self.folded


class Place:
    """Where in a listing a word stands: the letter of its terms."""

    TITLE = "t"
    # In the title, the place of origin or the cooperative's name.
    TITLE_PLACE_MAKER = "p"
    # In the title, the commodity's names, their other names or the category.
    TITLE_GOODS = "g"
    PLACE_MAKER = "w"
    # Two words of the title that stand together; and the whole title.
    TITLE_PAIR = "b"
    TITLE_WHOLE = "e"
    # The first words of the title, joined: so many at most as MAXIMUM_START.
    TITLE_START = "s"


def words_of(text: str) -> list[Word]:
    """The words of a text, in order; i and y are one letter where Vietnamese spells both ways."""
    return [_word(token[:MAXIMUM_LETTERS]) for token in tokens(text)]


def query_words(text: str) -> tuple[Word, ...]:
    """The words asked for: at most MAXIMUM_WORDS of the first MAXIMUM_TEXT characters; one said twice counts once."""
    return tuple(dict.fromkeys(words_of(clean_text(text[:MAXIMUM_TEXT]))))[:MAXIMUM_WORDS]


def marked_term(place: str, word: str) -> str:
    return f":{place}={word}"


def folded_term(place: str, word: str) -> str:
    return f":{place}:{word}"


@dataclass(frozen=True, slots=True)
class Texts:
    """What is written about a listing, or about a thing with a name, by where it stands."""

    title: str
    place: Sequence[str] = ()
    maker: Sequence[str] = ()
    goods: Sequence[str] = ()
    rest: Sequence[str] = ()


def document_terms(texts: Texts) -> frozenset[str]:
    """Every term of the document."""
    return frozenset(stored_terms(parts_of(texts)).split())


class Part(NamedTuple):
    """The terms of a part of a document, which many documents may share."""

    plain: tuple[str, ...]
    # The others, separated by spaces.
    placed: str = ""


def stored_terms(parts: Sequence[Part]) -> str:
    """The terms of the parts as documents keep them: the plain ones first, each once."""
    plain = dict.fromkeys(chain.from_iterable([part.plain for part in parts]))
    return " ".join([*plain, *[part.placed for part in parts if part.placed]])


def parts_of(texts: Texts) -> list[Part]:
    named = _words(texts.place) + _words(texts.maker)
    return [
        title_part(words_of(texts.title)),
        named_part(named),
        goods_part(_words(texts.goods)),
        rest_part(_words(texts.rest)),
    ]


def title_part(title: Sequence[Word]) -> Part:
    """Its terms with marks for the title alone stand first."""
    if not title:
        return Part(())
    marked, folded = [word.marked for word in title], [word.folded for word in title]
    placed = [
        line
        for place in (Place.TITLE, Place.TITLE_PLACE_MAKER, Place.TITLE_GOODS)
        for line in (_line(place, "=", marked), _line(place, ":", folded))
    ]
    if len(title) > 1:
        placed.append(_line(Place.TITLE_PAIR, "=", map(_PAIR, marked, marked[1:])))
        placed.append(_line(Place.TITLE_PAIR, ":", map(_PAIR, folded, folded[1:])))
    placed += [marked_term(Place.TITLE_WHOLE, "+".join(marked)), folded_term(Place.TITLE_WHOLE, "+".join(folded))]
    for sign, words in (("=", marked), (":", folded)):
        placed.append(_line(Place.TITLE_START, sign, accumulate(words[:MAXIMUM_START], _PAIR)))
    return Part(tuple(folded), " ".join(placed))


def named_part(words: Sequence[Word]) -> Part:
    """Of the names of a place or a cooperative."""
    found = [*_both(Place.TITLE_PLACE_MAKER, words), *_both(Place.PLACE_MAKER, words)]
    return Part(rest_part(words).plain, " ".join(dict.fromkeys(found)))


def goods_part(words: Sequence[Word]) -> Part:
    return Part(rest_part(words).plain, " ".join(dict.fromkeys(_both(Place.TITLE_GOODS, words))))


def rest_part(words: Iterable[Word]) -> Part:
    return Part(tuple(dict.fromkeys([word.folded for word in words])))


def plain_words(terms: Iterable[str]) -> list[str]:
    """The words without marks among a document's terms."""
    return [term for term in terms if not term.startswith(":")]


def title_pairs(terms: Iterable[str]) -> list[str]:
    """The pairs of words without marks that stand together in a document's title, as "mien+dong"."""
    start = folded_term(Place.TITLE_PAIR, "")
    return [term.removeprefix(start) for term in terms if term.startswith(start)]


def pairs(words: Sequence[Word]) -> list[Word]:
    """Each word joined to the next."""
    return [joined(pair) for pair in pairwise(words)]


def joined(words: Sequence[Word]) -> Word:
    return Word("+".join(word.marked for word in words), "+".join(word.folded for word in words))


_PAIR = "{}+{}".format


def _line(place: str, sign: str, words: Iterable[str]) -> str:
    """The terms of the words, separated by spaces."""
    head = f":{place}{sign}"
    return head + f" {head}".join(words)


def _words(texts: Iterable[str]) -> list[Word]:
    return [word for text in dict.fromkeys(texts) for word in words_of(text)]


def _both(place: str, words: Sequence[Word]) -> list[str]:
    return [marked_term(place, word.marked) for word in words] + [folded_term(place, word.folded) for word in words]


@lru_cache(maxsize=1 << 15)
def _word(token: str) -> Word:
    marked = _with_i(token)
    return Word(marked, fold(marked))


def _with_i(word: str) -> str:
    return _FINAL_Y.sub(lambda found: found[1] + found[2].translate(_I_FOR_Y), word)
