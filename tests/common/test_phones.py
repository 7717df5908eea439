import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.phones import (
    PhoneError,
    PhoneInvalidError,
    PhoneNotMobileError,
    PhoneOldElevenDigitsError,
    format_phone,
    parse_phone,
)


@pytest.mark.parametrize(
    "typed",
    [
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "0912-345-678",
        "(0912) 345678",
        "+84 912 345 678",
        "84912345678",
        "0084912345678",
        "０９１２３４５６７８",
    ],
)
def test_every_way_to_type_a_mobile_number_gives_one_number(typed):
    assert parse_phone(typed) == "+84912345678"


def test_a_landline_is_valid_but_receives_no_messages():
    assert parse_phone("0206 3855 555") == "+842063855555"
    with pytest.raises(PhoneNotMobileError):
        parse_phone("0206 3855 555", mobile_only=True)
    assert parse_phone("0912345678", mobile_only=True) == "+84912345678"


@pytest.mark.parametrize("typed", ["01234567890", "+841234567890", "841234567890", "0169 123 4567"])
def test_an_old_number_of_eleven_digits_has_its_own_message(typed):
    with pytest.raises(PhoneOldElevenDigitsError):
        parse_phone(typed)


@pytest.mark.parametrize(
    "typed", ["", "12", "0912 345 67", "0912 345 6789", "0012", "abc", "0912345678 x", "+84", "113"]
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(PhoneInvalidError):
        parse_phone(typed)


def test_a_hotline_is_nobodys_phone():
    with pytest.raises(PhoneInvalidError):
        parse_phone("1900 1234")
    assert parse_phone("1900 1234", hotline_allowed=True) == "+8419001234"


def test_numbers_from_abroad_need_their_country_code():
    assert parse_phone("+44 20 7946 0958") == "+442079460958"
    assert format_phone("+442079460958") == "+44 20 7946 0958"


def test_numbers_are_shown_in_the_national_way():
    assert format_phone("+84912345678") == "0912 345 678"
    assert format_phone("không có") == "không có"


@given(st.integers(min_value=0, max_value=999_999))
def test_what_is_shown_reads_back_as_itself(rest):
    number = f"+84912{rest:06}"
    assert parse_phone(format_phone(number)) == number


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_a_named_refusal(text):
    try:
        number = parse_phone(text)
    except PhoneError:
        return
    assert number.startswith("+")
