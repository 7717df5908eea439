from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import transaction

from cooperatives.partner.models import StockRecord
from cooperatives.partner.selectors import purchase_info_for_listings
from cooperatives.partner.services import (
    StockBelowAllocatedError,
    StockNegativeError,
    StockNotHeldError,
    StockShortError,
    adjust_stock,
    allocate,
    consume,
    put_back,
    release,
)
from cooperatives.partner.strategy import Selector
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


def stock_of(listing) -> tuple[int, int]:
    record = StockRecord.objects.get(product=listing)
    return record.num_in_stock, record.num_allocated


def test_what_is_allocated_is_held_and_what_is_released_is_free_again():
    record = ListingFactory(stock=10).stockrecords.get()
    allocate({record.pk: 20})
    with pytest.raises(StockShortError) as caught:
        allocate({record.pk: 1})
    assert caught.value.stockrecord_id == record.pk
    assert stock_of(record.product) == (20, 20)
    release({record.pk: 5})
    assert stock_of(record.product) == (20, 15)


def test_an_allocation_of_two_goods_is_all_or_nothing():
    plenty, scarce = (ListingFactory(stock=units).stockrecords.get() for units in (10, 1))
    with pytest.raises(StockShortError), transaction.atomic():
        allocate({plenty.pk: 2, scarce.pk: 3})
    assert stock_of(plenty.product) == (20, 0)


def test_what_is_sent_leaves_the_shelf_and_what_comes_back_returns_to_it():
    record = ListingFactory(stock=10).stockrecords.get()
    allocate({record.pk: 4})
    consume({record.pk: 4})
    assert stock_of(record.product) == (16, 0)
    put_back({record.pk: 4})
    assert stock_of(record.product) == (20, 0)


@pytest.mark.parametrize("change", [release, consume])
def test_no_more_is_taken_from_the_held_stock_than_is_held(change):
    record = ListingFactory().stockrecords.get()
    allocate({record.pk: 1})
    with pytest.raises(StockNotHeldError):
        change({record.pk: 2})
    assert stock_of(record.product) == (40, 1)


def test_a_count_of_the_shelf_sets_the_stock():
    record = ListingFactory().stockrecords.get()
    assert adjust_stock(stockrecord=record, new_quantity=7, by=None, at=NOW).num_in_stock == 7


def test_the_stock_cannot_be_set_below_what_orders_hold():
    record = ListingFactory(stock=10).stockrecords.get()
    allocate({record.pk: 3})
    with pytest.raises(StockBelowAllocatedError) as caught:
        adjust_stock(stockrecord=record, new_quantity=2, by=None, at=NOW)
    assert "1,5 kg" in str(caught.value)
    with pytest.raises(StockNegativeError):
        adjust_stock(stockrecord=record, new_quantity=-1, by=None, at=NOW)
    assert stock_of(record.product) == (20, 3)


def test_purchase_info_of_any_number_of_listings_costs_one_query(django_assert_num_queries):
    listings = [ListingFactory(stock=n) for n in range(5)]
    with django_assert_num_queries(1):
        info = purchase_info_for_listings([listing.pk for listing in listings], on=TODAY)
    assert [info[listing.pk].free_steps for listing in listings] == [0, 2, 4, 6, 8]
    assert [info[listing.pk].is_buyable for listing in listings] == [False, True, True, True, True]
    assert info[listings[0].pk].step_price == 60_000


def test_goods_of_a_suspended_cooperative_and_unpublished_goods_are_not_offered():
    suspended = ListingFactory(cooperative=CooperativeFactory(is_active=False))
    paused = ListingFactory(is_public=False, state="paused")
    info = purchase_info_for_listings([suspended.pk, paused.pk], on=TODAY)
    assert not info[suspended.pk].is_offered
    assert not info[paused.pk].is_offered
    for listing in (suspended, paused):
        assert not Selector().strategy().fetch_for_product(listing).availability.is_available_to_buy


def test_the_strategy_prices_a_step_in_whole_dong_and_counts_what_is_free():
    listing = ListingFactory(stock=3)
    record = listing.stockrecords.get()
    allocate({record.pk: 2})
    info = Selector().strategy().fetch_for_product(listing)
    assert info.price.incl_tax == Decimal(60_000)
    assert info.price.tax == 0
    assert info.availability.is_purchase_permitted(4) == (True, "")
    assert not info.availability.is_purchase_permitted(5)[0]
