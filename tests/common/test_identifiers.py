from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.identifiers import (
    ALPHABET,
    MAXIMUM_LENGTH,
    is_valid_identifier,
    new_identifier,
    normalise_identifier,
)

identifiers = st.builds(
    lambda length, seed: new_identifier(length, Random(seed)),
    st.integers(min_value=4, max_value=MAXIMUM_LENGTH),
    st.integers(),
)


def test_the_alphabet_has_no_letter_that_is_misread():
    assert len(set(ALPHABET)) == 32
    assert not set("ilou") & set(ALPHABET)


@given(identifiers)
def test_a_new_number_is_valid(identifier):
    assert is_valid_identifier(identifier)


@given(identifiers, st.data())
def test_every_single_wrong_character_is_caught(identifier, data):
    place = data.draw(st.integers(0, len(identifier) - 1))
    wrong = data.draw(st.sampled_from([c for c in ALPHABET if c != identifier[place]]))
    assert not is_valid_identifier(identifier[:place] + wrong + identifier[place + 1 :])


@given(identifiers, st.data())
def test_every_exchange_of_two_different_characters_is_caught(identifier, data):
    first = data.draw(st.integers(0, len(identifier) - 2))
    second = data.draw(st.integers(first + 1, len(identifier) - 1))
    characters = list(identifier)
    characters[first], characters[second] = characters[second], characters[first]
    exchanged = "".join(characters)
    assert exchanged == identifier or not is_valid_identifier(exchanged)


@given(identifiers)
def test_numbers_are_read_however_they_are_typed(identifier):
    middle = len(identifier) // 2
    typed = f" {identifier[:middle].upper()}-{identifier[middle:]} ".replace("0", "O").replace("1", "I")
    assert is_valid_identifier(typed)
    assert normalise_identifier(typed) == identifier


@pytest.mark.parametrize("text", ["", "abc", "uuuuuuuu", "đđđđđđ", "0" * (MAXIMUM_LENGTH + 1), "abcdef*g"])
def test_what_cannot_be_a_number_is_invalid(text):
    assert not is_valid_identifier(text)


@pytest.mark.parametrize("length", [0, 3, MAXIMUM_LENGTH + 1])
def test_a_length_that_cannot_be_checked_is_refused(length):
    with pytest.raises(ValueError, match=str(length)):
        new_identifier(length)


def test_numbers_do_not_repeat_or_follow_one_another():
    assert len({new_identifier(10) for _ in range(500)}) == 500
