from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.money import (
    MAXIMUM_VND,
    AmountNegativeError,
    AmountNotANumberError,
    AmountNotWholeError,
    AmountTooLargeError,
    format_vnd,
    parse_vnd,
    round_half_up,
    split_by_largest_remainder,
)

amounts = st.integers(min_value=0, max_value=MAXIMUM_VND)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0, "0\u00a0₫"), (999, "999\u00a0₫"), (125_000, "125.000\u00a0₫"), (-1_250, "-1.250\u00a0₫")],
)
def test_money_is_shown_with_dots_and_a_no_break_space(amount, shown):
    assert format_vnd(amount) == shown


def test_oscars_two_decimals_are_shown_whole():
    assert format_vnd(Decimal("125000.00")) == "125.000\u00a0₫"


def test_a_fraction_of_a_dong_is_never_shown():
    with pytest.raises(ValueError, match=r"0\.5"):
        format_vnd(Decimal("0.5"))


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1250000", 1_250_000),
        ("1.250.000", 1_250_000),
        ("1,250,000", 1_250_000),
        ("1 250 000", 1_250_000),
        ("1\u00a0250\u00a0000", 1_250_000),
        ("1.250", 1_250),
        ("1,250", 1_250),
        ("  125.000 ₫ ", 125_000),
        ("125.000đ", 125_000),
        ("125.000 VND", 125_000),
        ("125.000 đồng", 125_000),
        ("１２５０００", 125_000),
        ("007", 7),
        ("0", 0),
        ("2.000.000.000", 2_000_000_000),
    ],
)
def test_amounts_are_read_as_people_type_them(typed, amount):
    assert parse_vnd(typed) == amount


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("1.25", AmountNotWholeError),
        ("1,5", AmountNotWholeError),
        ("27000.00", AmountNotWholeError),
        ("1.250,50", AmountNotWholeError),
        ("1.250,000", AmountNotWholeError),
        ("1.2500", AmountNotWholeError),
        ("0.500", AmountNotWholeError),
        ("1..000", AmountNotWholeError),
        ("12.", AmountNotWholeError),
        ("-5000", AmountNegativeError),
        ("\u22125.000", AmountNegativeError),
        ("2.000.000.001", AmountTooLargeError),
        ("9" * 10_000, AmountTooLargeError),
        ("", AmountNotANumberError),
        ("1.250k", AmountNotANumberError),
        ("1e6", AmountNotANumberError),
        ("0x10", AmountNotANumberError),
        ("mười nghìn", AmountNotANumberError),
        ("₫", AmountNotANumberError),
        ("--1", AmountNotANumberError),
    ],
)
def test_anything_else_is_refused_by_name(typed, error):
    with pytest.raises(error):
        parse_vnd(typed)


def test_a_lower_maximum_may_be_asked_for_and_is_named():
    with pytest.raises(AmountTooLargeError) as refusal:
        parse_vnd("1001", maximum=1000)
    assert refusal.value.params == {"maximum": "1.000\u00a0₫"}


@given(amounts)
def test_what_is_shown_reads_back_as_itself(amount):
    assert parse_vnd(format_vnd(amount)) == amount


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_a_named_refusal(text):
    try:
        amount = parse_vnd(text)
    except (AmountNegativeError, AmountNotANumberError, AmountNotWholeError, AmountTooLargeError):
        return
    assert 0 <= amount <= MAXIMUM_VND


@pytest.mark.parametrize(("exact", "whole"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.49", 2), ("-2.5", -3)])
def test_a_half_dong_is_rounded_up(exact, whole):
    assert round_half_up(Decimal(exact)) == whole


weights = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=12).filter(any)


@given(st.integers(min_value=-(10**12), max_value=10**12), weights)
def test_shares_add_up_and_each_is_within_one_dong_of_its_exact_part(total, shares_of):
    shares = split_by_largest_remainder(total, shares_of)
    assert sum(shares) == total
    for share, weight in zip(shares, shares_of, strict=True):
        assert abs(share * sum(shares_of) - total * weight) < sum(shares_of)


@given(st.integers(min_value=0, max_value=10**12), weights)
def test_a_refund_is_shared_as_its_charge_was(total, shares_of):
    charged = split_by_largest_remainder(total, shares_of)
    assert split_by_largest_remainder(-total, shares_of) == [-share for share in charged]


@given(st.integers(min_value=0, max_value=10**12), weights)
def test_no_share_is_taken_from_nothing(total, shares_of):
    shares = split_by_largest_remainder(total, shares_of)
    assert all(share == 0 for share, weight in zip(shares, shares_of, strict=True) if not weight)


def test_the_odd_dong_goes_to_the_largest_remainder_then_to_the_first():
    assert split_by_largest_remainder(100, [1, 1, 1]) == [34, 33, 33]
    assert split_by_largest_remainder(10, [Decimal("0.3"), Decimal("0.6"), Decimal("0.6")]) == [2, 4, 4]
    assert split_by_largest_remainder(5, [9, 8, 3]) == [2, 2, 1]


def test_nothing_is_shared_among_nobody():
    assert split_by_largest_remainder(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="5"):
        split_by_largest_remainder(5, [0, 0])
    with pytest.raises(ValueError, match="-1"):
        split_by_largest_remainder(5, [-1, 2])
