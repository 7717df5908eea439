"""The fee and the voucher credit follow the parcel."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.ledger.models import Transaction
from marketplace.ledger.parcels import align_parcel, fee_of, voucher_credit_of
from marketplace.ledger.selectors import owed_to
from marketplace.order.models import Line, Parcel
from tests.factories.orders import PLACED_AT, ParcelFactory, do

NOW = PLACED_AT + timedelta(days=2)


def line(pk=1, charged=100_000, rate="2.50", by_marketplace=0) -> Line:
    return Line(
        pk=pk,
        line_price_incl_tax=Decimal(charged),
        fee_rate=Decimal(rate),
        marketplace_discount=Decimal(by_marketplace),
    )


def test_the_fee_is_on_goods_after_the_sellers_discounts_and_rounds_once_a_parcel():
    assert fee_of([line(charged=150_020)], {}) == 3_751
    # 0.5 + 0.5 đồng: each alone would round up.
    assert fee_of([line(1, 20), line(2, 20)], {}) == 1
    # What the marketplace pays of the discount is the seller's revenue too.
    assert fee_of([line(charged=80_000, by_marketplace=20_000)], {}) == 2_500


def test_what_was_refunded_bears_no_fee_and_no_voucher():
    lines = [line(charged=80_000, by_marketplace=20_000)]
    assert (fee_of(lines, {1: 40_000}), voucher_credit_of(lines, {1: 40_000})) == (1_250, 10_000)
    assert (fee_of(lines, {1: 80_000}), voucher_credit_of(lines, {1: 80_000})) == (0, 0)


@given(st.integers(0, 10**9), st.integers(0, 10**8), st.integers(0, 2 * 10**9), st.decimals(0, 100, places=2))
def test_the_fee_is_never_negative_nor_more_than_what_the_seller_earns(charged, discount, refunded, rate):
    lines = [line(charged=charged, by_marketplace=discount, rate=str(rate))]
    earned = max(0, charged - refunded) + voucher_credit_of(lines, {1: refunded})
    assert 0 <= fee_of(lines, {1: refunded}) <= earned + 1
    assert 0 <= voucher_credit_of(lines, {1: refunded}) <= discount


@pytest.fixture
def parcel(db) -> Parcel:
    placed = ParcelFactory(status="shipped")
    placed.lines.update(fee_rate=Decimal("2.50"))
    return placed


def test_a_parcel_bears_its_fee_from_delivery_and_payment_until_it_is_returned(parcel):
    assert owed_to(parcel.cooperative_id) == 0
    delivered = do(parcel, "deliver", now=NOW)
    assert owed_to(parcel.cooperative_id) == -round(delivered.goods_total * Decimal("0.025"))
    align_parcel(parcel=delivered, refunded={}, now=NOW)
    assert Transaction.objects.filter(kind="alignment").count() == 1
    delivered.status = Parcel.Status.RETURNED
    align_parcel(parcel=delivered, refunded={}, now=NOW)
    assert owed_to(parcel.cooperative_id) == 0
    keys = list(Transaction.objects.filter(kind="alignment").order_by("pk").values_list("key", flat=True))
    assert keys == [f"alignment:{parcel.number}:{turn}" for turn in (1, 2)]


def test_a_parcel_that_bears_nothing_costs_one_query(parcel, django_assert_num_queries):
    with django_assert_num_queries(1):
        align_parcel(parcel=parcel, refunded={}, now=NOW)
