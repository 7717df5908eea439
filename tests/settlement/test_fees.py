from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from catalog.models import Category
from marketplace.settlement.fees import FeeRateOverlapsError, rates_for, set_fee
from marketplace.settlement.models import FeeRate
from tests.factories.listings import ListingFactory

pytestmark = pytest.mark.django_db
FIRST = date(2026, 1, 1)
DAY = date(2026, 11, 20)


@pytest.fixture
def listing():
    food = Category.add_root(name="Thực phẩm", slug="thuc-pham")
    return ListingFactory(category=food.add_child(name="Miến", slug="mien"))


def rate_of(listing, on=DAY) -> Decimal:
    return rates_for([listing], on)[listing.pk]


def test_without_any_row_there_is_no_fee(listing):
    assert rates_for([listing], DAY) == {listing.pk: 0}
    assert rates_for([], DAY) == {}


def test_the_most_specific_row_wins(listing):
    noodles, food = listing.category, listing.category.get_parent()
    steps = [
        ("3.00", {}),
        ("2.50", {"category_id": food.pk}),
        ("2.25", {"category_id": noodles.pk}),
        ("2.00", {"cooperative_id": listing.cooperative_id}),
        ("1.75", {"cooperative_id": listing.cooperative_id, "category_id": food.pk}),
        ("1.50", {"cooperative_id": listing.cooperative_id, "category_id": noodles.pk}),
    ]
    for rate, scope in steps:
        set_fee(rate=Decimal(rate), valid_from=FIRST, **scope)
        assert rate_of(listing) == Decimal(rate)


def test_a_row_of_another_cooperative_or_category_does_not_count(listing):
    set_fee(rate=Decimal(3), valid_from=FIRST)
    set_fee(rate=Decimal(9), valid_from=FIRST, cooperative_id=ListingFactory().cooperative_id)
    aside = Category.add_root(name="Đồ thủ công", slug="do-thu-cong")
    set_fee(rate=Decimal(9), valid_from=FIRST, category_id=aside.pk)
    set_fee(rate=Decimal(9), valid_from=FIRST, category_id=listing.category.add_child(name="Sâu", slug="sau").pk)
    assert rate_of(listing) == 3


def test_a_new_rate_closes_the_old_one_on_its_first_day(listing):
    old = set_fee(rate=Decimal(3), valid_from=FIRST)
    set_fee(rate=Decimal(4), valid_from=date(2026, 12, 1))
    old.refresh_from_db()
    assert old.valid_to == date(2026, 12, 1)
    days = [date(2025, 12, 31), FIRST, date(2026, 11, 30), date(2026, 12, 1)]
    assert [rate_of(listing, on) for on in days] == [0, 3, 3, 4]


def test_a_rate_before_a_later_one_is_refused_and_nothing_changes():
    set_fee(rate=Decimal(3), valid_from=FIRST)
    for day in (FIRST, date(2025, 6, 1)):
        with pytest.raises(FeeRateOverlapsError):
            set_fee(rate=Decimal(4), valid_from=day)
    assert list(FeeRate.objects.values_list("rate", "valid_to")) == [(3, None)]


@pytest.mark.parametrize("rate", ["-0.01", "100.01"])
def test_a_fee_is_a_percentage(rate):
    with pytest.raises(ValidationError):
        set_fee(rate=Decimal(rate), valid_from=FIRST)
    with pytest.raises(IntegrityError), transaction.atomic():
        FeeRate.objects.create(rate=Decimal(rate), valid_from=FIRST)
    assert not FeeRate.objects.exists()


def test_the_rates_of_many_listings_cost_one_query(listing, django_assert_num_queries):
    others = [ListingFactory() for _ in range(3)]
    set_fee(rate=Decimal(3), valid_from=FIRST)
    set_fee(rate=Decimal(1), valid_from=FIRST, cooperative_id=others[0].cooperative_id)
    with django_assert_num_queries(1):
        rates = rates_for([listing, *others], DAY)
    assert [rates[row.pk] for row in (listing, *others)] == [3, 1, 3, 3]
