"""What a hostile or careless buyer posts to the checkout. Nothing may be placed, and no error page shown."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from marketplace.basket.models import Basket
from marketplace.checkout.services import MAXIMUM_TOTAL, TotalTooLargeError
from marketplace.order.models import Order, Parcel
from tests.factories.cooperatives import DeliveryMethodFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import basket_with, place
from tests.factories.places import CommuneFactory, ProvinceFactory

pytestmark = pytest.mark.django_db

CHECKOUT = "/dat-hang/"


@pytest.fixture
def commune():
    province = ProvinceFactory(name="Tỉnh Cao Bằng", short_name="Cao Bằng")
    return CommuneFactory(is_new=True, parent=province, name="Xã Đàm Thủy", short_name="Đàm Thủy")


@pytest.fixture
def goods():
    return ListingFactory(price_per_unit=120_000, stock=20)


@pytest.fixture
def buyer(client, goods):
    client.post(reverse("basket:add", args=[goods.pk]), {"quantity": "1"})
    return client


def form(unit, /, **changes):
    return {
        "name": "Nguyễn Thị Lan",
        "phone": "0912 345 678",
        "email": "lan@example.com",
        "commune": f"{unit.name}, {unit.province.name}",
        "street": "12 phố Xuân Trường",
        "payment": "cod",
        "token": str(uuid4()),
        "seen_total": "150000",
        "action": "place",
        **changes,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"seen_total": "0"},
        {"seen_total": "-1"},
        {"seen_total": "150000.0001"},
        {"seen_total": "NaN"},
        {"seen_total": "9" * 400},
        {"token": "1"},
        {"token": ""},
        {"payment": "card"},
        {"name": "L" * 5000},
        {"name": "\u202e\u200b"},
        {"email": f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.com"},
        {"phone": "0912\0345678"},
        {"phone": "9" * 5000},
        {"street": ""},
        {"commune": "Xã Không Có", "commune_id": "9" * 30},
        {"commune": "", "commune_id": "1"},
        {"commune_id": "NaN"},
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_placed(buyer, commune, changes):
    answer = buyer.post(CHECKOUT, form(commune, **changes))
    assert answer.status_code == 422
    assert not Order.objects.exists()
    assert Basket.objects.get().status == Basket.OPEN


def test_a_commune_that_is_no_longer_one_cannot_be_named_by_its_key(buyer, commune):
    former = CommuneFactory(parent=commune.parent, name="Xã Chí Viễn", short_name="Chí Viễn")
    assert not former.is_in_force(timezone.localdate())
    answer = buyer.post(CHECKOUT, form(commune, commune="Xã Chí Viễn", commune_id=former.pk))
    assert answer.status_code == 422
    assert not Order.objects.exists()


def test_another_cooperatives_delivery_and_hidden_letters_change_nothing(buyer, commune, goods):
    foreign = DeliveryMethodFactory(charge=0)
    own = f"delivery-{goods.cooperative_id}"
    notes = {f"note-{goods.cooperative_id}": "Gọi\0 trước\u202e", "note-x": "?", "delivery-9999999999999": "1"}
    refused = buyer.post(CHECKOUT, form(commune, **{own: foreign.pk, **notes}))
    assert refused.status_code == 422
    assert not Order.objects.exists()
    assert buyer.post(CHECKOUT, form(commune, **{own: "-1", **notes})).status_code == 302
    parcel = Parcel.objects.get()
    assert (parcel.delivery_charge, parcel.total, parcel.note) == (30_000, 150_000, "Gọi trước")


def test_an_order_of_more_digits_than_amounts_hold_is_refused_and_the_stock_kept():
    dear = ListingFactory(price_per_unit=2_000_000_000, step=1, stock=20)
    basket = basket_with((dear, 5))
    with pytest.raises(TotalTooLargeError):
        place(basket)
    assert not Order.objects.exists()
    assert dear.stockrecords.get().num_allocated == 0
    assert MAXIMUM_TOTAL < 5 * 2_000_000_000
