"""Amounts in words against an independent rule, and against words that people would write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.settlement.words import amount_in_words, number_in_words

DIGITS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]


def spelled(number: int) -> str:
    """1 to 9999, digit by digit."""
    thousands, hundreds, tens, ones = (int(digit) for digit in f"{number:04d}")
    words = [DIGITS[thousands], "nghìn"] if thousands else []
    if hundreds or (thousands and (tens or ones)):
        words += [DIGITS[hundreds], "trăm"]
    if tens == 1:
        words.append("mười")
    elif tens:
        words += [DIGITS[tens], "mươi"]
    elif ones and words:
        words.append("linh")
    if ones:
        words.append("mốt" if ones == 1 and tens > 1 else "lăm" if ones == 5 and tens else DIGITS[ones])
    return " ".join(words)


def test_every_number_up_to_9999():
    assert [number_in_words(n) for n in range(1, 10_000)] == [spelled(n) for n in range(1, 10_000)]


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (1_005, "Một nghìn không trăm linh năm đồng"),
        (21_000, "Hai mươi mốt nghìn đồng"),
        (115_000, "Một trăm mười lăm nghìn đồng"),
        (1_250_000, "Một triệu hai trăm năm mươi nghìn đồng"),
        (2_000_010, "Hai triệu không trăm mười đồng"),
        (1_000_000_000, "Một tỷ đồng"),
        (1_001_000_000_000, "Một nghìn không trăm linh một tỷ đồng"),
        (-40_000, "Âm bốn mươi nghìn đồng"),
    ],
)
def test_amounts(amount, words):
    assert amount_in_words(amount) == words


@given(st.integers(1, 999), st.integers(0, 999))
def test_millions_are_said_like_the_group_itself(millions, thousands):
    words = number_in_words(millions * 10**6 + thousands * 1000)
    assert words.startswith(f"{number_in_words(millions)} triệu")
    assert words.endswith("nghìn") == bool(thousands)
