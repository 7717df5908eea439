"""Vietnamese text: cleaning, folding and words, the same for every search engine and for every query."""

import re
import unicodedata

from django.utils.text import slugify

# The five tone marks as combining characters: huyền, sắc, ngã, hỏi, nặng.
_TONES = "\u0300\u0301\u0303\u0309\u0323"
# An open syllable's "oa", "oe", "uy" carries its tone on either vowel (hòa, hoà); the first is the canonical one.
# After q, "uy" is the glide and its tone never moves (quý).
_TONE_ON_SECOND = re.compile(rf"(?<!q)(o(?=[ae])|u(?=y))([aey])([{_TONES}])(?![a-z\u0300-\u036f])")
_MARK = re.compile(r"[\u0300-\u036f]")
# Words are letters and digits; a number keeps its decimals ("1,5" is one word).
_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+")
_SPACES = re.compile(r"\s+")
# Of no width, controls but those that are spaces, and marks that turn the direction of what follows.
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def clean_text(text: str) -> str:
    """NFC, without invisible characters, with single spaces and none at the ends. Line breaks become spaces."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", _INVISIBLE.sub("", text))).strip()


def canonical(text: str) -> str:
    """NFC, lower case, tones in their canonical place: "Hoà" and "Hòa" give "hòa". Marks are kept."""
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).lower())
    return unicodedata.normalize("NFC", _TONE_ON_SECOND.sub(r"\1\3\2", decomposed))


def fold(text: str) -> str:
    """`canonical` without any mark and with đ as d: "Đàm Thuỷ" gives "dam thuy"."""
    decomposed = unicodedata.normalize("NFD", canonical(text))
    return unicodedata.normalize("NFC", _MARK.sub("", decomposed).replace("đ", "d"))


def tokens(text: str) -> list[str]:
    """The words of a text in canonical form, marks kept, in order; numbers keep their decimals ("1,5")."""
    return _WORD.findall(canonical(text))


def folded_tokens(text: str) -> list[str]:
    """The words of a text without marks, one for each of `tokens(text)`."""
    return [fold(token) for token in tokens(text)]


def slugify_vi(text: str, allow_unicode: bool = False) -> str:  # noqa: FBT001, FBT002, ARG001 - Oscar calls it so
    """A part of an address, ASCII only: "Miến dong Phia Đén" gives "mien-dong-phia-den"."""
    return slugify(fold(text), allow_unicode=False)
