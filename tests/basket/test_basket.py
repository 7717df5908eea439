from datetime import date
from decimal import Decimal

import pytest
from django.core.signing import Signer
from django.urls import reverse

from cooperatives.partner.models import StockRecord
from marketplace.basket.models import Basket, Line
from marketplace.basket.selectors import basket_parcels, count_of_lines
from marketplace.basket.services import (
    MAXIMUM_LINES,
    BasketClosedError,
    BasketFullError,
    NotOnSaleError,
    OnlyLeftError,
    OnlyLeftWithBasketError,
    add_to_basket,
    remove_line,
    set_quantity,
)
from marketplace.common.quantities import QuantityNotMultipleError, QuantityNotPositiveError, QuantityNotWholeError
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import PLACED_AT, basket_with
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)


def test_units_become_steps_and_the_same_good_is_one_line():
    listing = ListingFactory(step=Decimal("0.5"), stock=10)
    basket = basket_with((listing, "1.5"), (listing, 2))
    line = Line.objects.get(basket=basket)
    assert line.quantity == 7
    assert line.price_incl_tax == 60_000


@pytest.mark.parametrize(
    ("units", "error"),
    [
        ("0", QuantityNotPositiveError),
        ("-1", QuantityNotPositiveError),
        ("1.25", QuantityNotMultipleError),
        ("11", OnlyLeftError),
    ],
)
def test_a_quantity_that_cannot_be_changes_nothing(units, error):
    listing, basket = ListingFactory(step=Decimal("0.5"), stock=10), Basket()
    with pytest.raises(error):
        add_to_basket(basket=basket, listing=listing, quantity=Decimal(units), on=TODAY)
    assert not Line.objects.exists()


def test_goods_sold_whole_are_not_halved():
    hen = ListingFactory(sale_unit="piece", step=1)
    with pytest.raises(QuantityNotWholeError):
        add_to_basket(basket=Basket(), listing=hen, quantity=Decimal("1.5"), on=TODAY)


def test_what_is_left_is_said_in_units_and_counts_what_orders_hold():
    listing = ListingFactory(step=Decimal("0.5"), stock=10)
    StockRecord.objects.update(num_allocated=15)
    basket = basket_with((listing, 1))
    with pytest.raises(OnlyLeftWithBasketError) as caught:
        add_to_basket(basket=basket, listing=listing, quantity=Decimal(2), on=TODAY)
    assert caught.value.params == {"left": "2,5 kg", "held": "1 kg"}
    with pytest.raises(OnlyLeftError):
        set_quantity(basket=basket, line_id=basket.lines.get().pk, quantity=Decimal(3), on=TODAY)
    assert basket.lines.get().quantity == 2


def test_goods_of_a_suspended_cooperative_cannot_be_put_into_a_basket():
    listing = ListingFactory(cooperative=CooperativeFactory(is_active=False))
    with pytest.raises(NotOnSaleError):
        add_to_basket(basket=Basket(), listing=listing, quantity=Decimal(1), on=TODAY)


def test_a_basket_that_was_ordered_takes_nothing_more():
    listing = ListingFactory()
    basket = basket_with((listing, 1))
    line = basket.lines.get()
    Basket.objects.update(status=Basket.SUBMITTED)
    for change in (
        lambda: add_to_basket(basket=basket, listing=listing, quantity=Decimal(1), on=TODAY),
        lambda: set_quantity(basket=basket, line_id=line.pk, quantity=Decimal(2), on=TODAY),
        lambda: remove_line(basket=basket, line_id=line.pk),
    ):
        with pytest.raises(BasketClosedError):
            change()
    assert basket.lines.get().quantity == 2


def test_a_basket_has_a_limit(monkeypatch):
    assert MAXIMUM_LINES == 100
    monkeypatch.setattr("marketplace.basket.services.MAXIMUM_LINES", 1)
    basket = basket_with((ListingFactory(), 1))
    with pytest.raises(BasketFullError):
        add_to_basket(basket=basket, listing=ListingFactory(), quantity=Decimal(1), on=TODAY)


def test_goods_are_grouped_by_cooperative_and_say_what_is_wrong_with_them():
    first, second = CooperativeFactory(), CooperativeFactory()
    goods = [ListingFactory(cooperative=seller) for seller in (first, second, first)]
    basket = basket_with(*((listing, 1) for listing in goods))
    goods[2].is_public, goods[2].state = False, "paused"
    goods[2].save()
    StockRecord.objects.filter(product=goods[1]).update(num_in_stock=1)
    parcels = basket_parcels(basket_id=basket.pk, owner=None, on=TODAY)
    assert [(parcel.cooperative, parcel.goods_total) for parcel in parcels] == [(first, 240_000), (second, 120_000)]
    lines = [line for parcel in parcels for line in parcel.lines]
    assert [(line.listing, line.is_buyable, line.free_steps) for line in lines] == [
        (goods[0], True, 40),
        (goods[2], False, 0),
        (goods[1], False, 1),
    ]
    assert "0,5 kg" in lines[2].problem


def test_the_count_is_of_open_baskets_and_of_ones_own():
    owner = UserFactory()
    guests, own = basket_with((ListingFactory(), 1)), basket_with((ListingFactory(), 1), owner=owner)
    assert count_of_lines(basket_id=guests.pk, owner=None) == 1
    assert count_of_lines(basket_id=own.pk, owner=None) == 0
    assert count_of_lines(basket_id=None, owner=owner) == 1
    guests.status = Basket.SUBMITTED
    guests.save()
    assert count_of_lines(basket_id=guests.pk, owner=None) == 0


@pytest.mark.parametrize("cookie", ["1", "1:forged", "", "x" * 500])
def test_a_forged_cookie_opens_no_basket(client, cookie):
    basket_with((ListingFactory(title="Hạt dẻ của người khác"), 1), now=PLACED_AT)
    client.cookies["oscar_open_basket"] = cookie
    page = client.get(reverse("basket:summary"))
    assert page.status_code == 200
    assert "Hạt dẻ của người khác" not in page.content.decode()


def test_a_signed_cookie_opens_the_guests_basket(client):
    basket = basket_with((ListingFactory(title="Hạt dẻ"), 1))
    client.cookies["oscar_open_basket"] = Signer().sign(basket.pk)
    assert "Hạt dẻ" in client.get(reverse("basket:summary")).content.decode()
