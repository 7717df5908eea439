"""Stock that is counted in other steps between sending and coming back; goods of a cooperative that closed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.services import edit_listing
from cooperatives.models import CooperativeActivity
from marketplace.checkout.services import CheckoutError
from marketplace.order import services as orders
from marketplace.order.models import Order
from tests.factories.listings import ListingFactory
from tests.factories.orders import PLACED_AT, basket_with, place

pytestmark = pytest.mark.django_db


def sent(listing, units):
    parcel = place(basket_with((listing, units))).parcels.get()
    for step in (orders.confirm_parcel, orders.pack_parcel, orders.ship_parcel):
        parcel = step(parcel=parcel, by=None, now=PLACED_AT)
    return parcel


def come_back(parcel):
    parcel = orders.fail_delivery(parcel=parcel, by=None, now=PLACED_AT, reason="refused")
    parcel = orders.start_return(parcel=parcel, by=None, now=PLACED_AT)
    return orders.return_parcel(parcel=parcel, by=None, now=PLACED_AT, is_restocked=True)


def counted_in(listing, step, unit="kg", price=120_000):
    edit_listing(
        listing=listing,
        title=listing.title,
        commodity=listing.commodity,
        origin_unit=listing.origin_unit,
        sale_unit=unit,
        step=Decimal(step),
        price_per_unit=price,
        season_months=listing.season_months,
        description="",
        by=None,
        now=timezone.now(),
    )


@pytest.mark.parametrize(
    ("step", "unit", "price", "stock"),
    [("0.5", "kg", 120_000, 40), ("2", "kg", 120_000, 10), ("5", "kg", 120_000, 3), ("500", "g", 120, 40)],
)
def test_goods_that_come_back_are_counted_in_the_steps_of_now(step, unit, price, stock):
    listing = ListingFactory(step=Decimal("0.5"), stock=20)
    parcel = sent(listing, 4)
    counted_in(listing, step, unit, price)
    come_back(parcel)
    record = listing.stockrecords.get()
    assert (record.num_in_stock, record.num_allocated) == (stock, 0)


def test_goods_of_a_cooperative_that_closed_meanwhile_cannot_be_ordered():
    listing = ListingFactory()
    basket = basket_with((listing, 1))
    CooperativeActivity.objects.update(valid_to=PLACED_AT.date() - timedelta(days=1))
    with pytest.raises(CheckoutError):
        place(basket)
    assert not Order.objects.exists()
    assert listing.stockrecords.get().num_allocated == 0
