"""How a discount is shared out in whole đồng."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from marketplace.offer.discounts import _shares

LINES = st.lists(st.integers(0, 5_000_000), min_size=1, max_size=12)


@given(LINES, st.integers(1, 100))
def test_a_percentage_is_within_a_dong_of_each_lines_part_and_adds_up_to_the_whole_rounded_down(totals, percent):
    exact = [Decimal(total) * percent / 100 for total in totals]
    shares = _shares(exact, totals)
    assert sum(shares) == int(sum(exact))
    assert all(abs(share - part) < 1 for share, part in zip(shares, exact, strict=True))


@given(LINES.filter(any), st.integers(1, 10_000_000))
def test_an_amount_is_given_in_full_and_never_more_than_a_line_costs(totals, amount):
    whole = sum(totals)
    amount = min(amount, whole)
    exact = [(Decimal(total) * amount / whole).quantize(Decimal("0.000001")) for total in totals]
    shares = _shares(exact, totals)
    assert sum(shares) == amount
    assert all(0 <= share <= total for share, total in zip(shares, totals, strict=True))


def test_what_is_left_goes_to_the_earlier_of_equals():
    third = Decimal("33.333333")
    assert _shares([third, third, third], [100, 100, 100]) == [34, 33, 33]
