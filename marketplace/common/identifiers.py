"""Numbers for orders, parcels and the like: short, unguessable, and safe to read over the phone.

32 digits and letters without I, L, O and U. The last character is a check: a sum over the field of 32 elements in
which every place has a weight of its own, so that one wrong character, or any two exchanged, never pass.
"""

import re
import secrets
from random import Random

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Weights are powers of a generator of the field, which has 31 of them: longer numbers would repeat a weight.
MAXIMUM_LENGTH = 31

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_READ_AS = str.maketrans({"o": "0", "i": "1", "l": "1"})
_IGNORED = re.compile(r"[\s\-\u2010-\u2015]+")
# x^5 + x^2 + 1, primitive over GF(2).
_POLYNOMIAL = 0b100101


def new_identifier(length: int, rng: Random | None = None) -> str:
    """A new number of `length` characters, the check among them: 5 bits of chance in each of the others.

    Raises ValueError for a length outside 4 to 31. Uniqueness is the caller's constraint.
    """
    if not 4 <= length <= MAXIMUM_LENGTH:
        raise ValueError(length)
    rng = rng or secrets.SystemRandom()
    payload = "".join(rng.choice(ALPHABET) for _ in range(length - 1))
    return payload + check_character(payload)


def normalise_identifier(text: str) -> str:
    """What was typed, in the stored form: lower case, O as 0, I and L as 1, without spaces and hyphens."""
    return _IGNORED.sub("", text).lower().translate(_READ_AS)


def is_valid_identifier(text: str) -> bool:
    """Whether what was typed can be a number of ours: known characters and the right check."""
    identifier = normalise_identifier(text)
    if not 4 <= len(identifier) <= MAXIMUM_LENGTH or not _VALUES.keys() >= set(identifier):
        return False
    return check_character(identifier[:-1]) == identifier[-1]


def check_character(payload: str) -> str:
    """The check of a number's other characters."""
    # Horner's rule: each step multiplies what stands to the left by the generator.
    total = 0
    for character in payload:
        total = _times_generator(total ^ _VALUES[character])
    return ALPHABET[total]


def _times_generator(value: int) -> int:
    value <<= 1
    return value ^ _POLYNOMIAL if value & 0b100000 else value
