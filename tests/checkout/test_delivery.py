"""A basket quoted with its delivery, and what may not be placed because of it."""

from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.checkout.quotes import quote_basket
from marketplace.checkout.services import DeliveryGoneError, NoDeliveryError, NotTakingOrdersError
from marketplace.common.weekdays import weekday_mask
from marketplace.order.models import Order
from marketplace.order.placing import Address
from marketplace.shipping.models import DeliveryMethod, OrderingRules
from tests.factories.cooperatives import CooperativeFactory, DeliveryMethodFactory, PickupPointFactory, ZoneFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import PLACED_AT, basket_with, destination, place
from tests.factories.places import CommuneFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    return destination()


@pytest.fixture
def cooperative(home):
    return CooperativeFactory(home=home, delivery_charge=False)


@pytest.fixture
def chestnuts(cooperative):
    return ListingFactory(cooperative=cooperative, price_per_unit=120_000, step=Decimal("0.5"), stock=100)


@pytest.fixture
def brought(cooperative, home):
    """By the cooperative itself: near for 10.000 đồng, elsewhere in the province by weight."""
    method = DeliveryMethodFactory(cooperative=cooperative, name="Hợp tác xã tự giao", charge=False)
    ZoneFactory(method=method, areas=[home], tiers=[[None, 10_000]], days_min=0, days_max=1)
    ZoneFactory(method=method, areas=[home.province], tiers=[[2_000, 20_000], [5_000, 30_000]], free_from=500_000)
    return method


def parcel_quote(basket, to=None, now=PLACED_AT, **deliveries):
    quote = quote_basket(basket_id=basket.pk, owner=None, deliveries=deliveries.get("by", {}), destination=to, now=now)
    return quote.parcels[0]


def neighbour(home):
    return CommuneFactory(is_new=True, parent=home.province)


def test_the_charge_goes_by_the_commune_and_the_weight(chestnuts, brought, home):
    near, far = home, neighbour(home)
    assert parcel_quote(basket_with((chestnuts, 3)), near).chosen.charge == 10_000
    charges = [parcel_quote(basket_with((chestnuts, kg)), far).chosen.charge for kg in (2, "2.5", 4, "4.5")]
    assert charges == [20_000, 30_000, 30_000, 0]


def test_before_the_commune_is_known_the_least_is_shown_as_an_estimate(chestnuts, brought):
    basket = basket_with((chestnuts, 3))
    quote = quote_basket(basket_id=basket.pk, owner=None, deliveries={}, now=PLACED_AT)
    assert quote.is_estimate
    assert (quote.parcels[0].chosen.charge, quote.parcels[0].chosen.is_estimate) == (10_000, True)


def test_a_commune_that_nothing_reaches_is_named_and_nothing_is_placed(chestnuts, brought):
    far = destination()
    basket = basket_with((chestnuts, 1))
    quote = parcel_quote(basket, far)
    assert quote.choices == []
    assert not quote.is_placeable
    with pytest.raises(NoDeliveryError) as refused:
        place(basket, address=Address(commune=far, street="1"), seen_total=120_000)
    assert far.name in str(refused.value)
    assert chestnuts.cooperative.short_name in str(refused.value)
    assert not Order.objects.exists()


def test_a_parcel_that_is_too_heavy_says_so(chestnuts, brought, home):
    basket = basket_with((chestnuts, 6))
    (problem,) = parcel_quote(basket, neighbour(home)).problems
    assert neighbour(home).name not in problem
    with pytest.raises(NoDeliveryError):
        place(basket, address=Address(commune=neighbour(home), street="1"), seen_total=720_000)


def test_nobody_is_sent_to_fetch_goods_without_having_said_so(chestnuts, brought, home):
    point = PickupPointFactory(
        cooperative=chestnuts.cooperative, opens_at=time(7), closes_at=time(11), note="Gọi trước"
    )
    basket = basket_with((chestnuts, 1))
    quote = parcel_quote(basket, home)
    assert [choice.kind for choice in quote.choices] == ["delivery", "pickup"]
    assert quote.chosen.charge == 10_000
    order = place(basket, deliveries={chestnuts.cooperative_id: str(point.pk)})
    parcel = order.parcels.get()
    assert (parcel.delivery_kind, parcel.delivery_name, parcel.delivery_charge) == ("pickup", point.name, 0)
    assert parcel.pickup_note.startswith(f"{point.address}, {point.commune.name}. ")
    assert "07:00–11:00" in parcel.pickup_note
    assert parcel.expected_from == parcel.expected_until == (PLACED_AT + timedelta(days=1)).date()


def test_what_was_promised_is_frozen_on_the_parcel(chestnuts, brought, home):
    order = place(basket_with((chestnuts, 1)), address=Address(commune=home, street="1"))
    parcel = order.parcels.get()
    DeliveryMethod.objects.update(name="Khác")
    parcel.refresh_from_db()
    assert (parcel.delivery_kind, parcel.delivery_name, parcel.pickup_note) == ("delivery", "Hợp tác xã tự giao", "")
    day = PLACED_AT.date()
    assert (parcel.expected_from, parcel.expected_until) == (day, day + timedelta(days=1))


def test_a_pick_up_point_that_was_closed_meanwhile_is_not_silently_another_delivery(chestnuts, brought, home):
    point = PickupPointFactory(cooperative=chestnuts.cooperative)
    basket = basket_with((chestnuts, 1))
    DeliveryMethod.objects.filter(pk=point.pk).update(is_active=False)
    chosen = {chestnuts.cooperative_id: str(point.pk)}
    assert parcel_quote(basket, home, by=chosen).is_choice_lost
    with pytest.raises(DeliveryGoneError):
        place(basket, deliveries=chosen, address=Address(commune=home, street="1"), seen_total=130_000)
    assert not Order.objects.exists()


def test_anothers_delivery_posted_by_hand_is_refused(chestnuts, brought, home):
    foreign = PickupPointFactory()
    with pytest.raises(DeliveryGoneError):
        place(
            basket_with((chestnuts, 1)),
            deliveries={chestnuts.cooperative_id: str(foreign.pk)},
            address=Address(commune=home, street="1"),
            seen_total=130_000,
        )
    assert not Order.objects.exists()


def test_the_rules_of_a_cooperative_are_shown_and_enforced(chestnuts, brought, home):
    OrderingRules.objects.create(
        cooperative=chestnuts.cooperative, minimum_order=200_000, order_weekdays=weekday_mask([0])
    )
    basket = basket_with((chestnuts, 1))
    assert len(parcel_quote(basket, home).problems) == 2
    with pytest.raises(NotTakingOrdersError):
        place(basket, address=Address(commune=home, street="1"))
    OrderingRules.objects.update(minimum_order=0)
    with pytest.raises(NotTakingOrdersError):
        place(basket, address=Address(commune=home, street="1"))
    assert not Order.objects.exists()
    monday = PLACED_AT + timedelta(days=3)
    assert place(basket, address=Address(commune=home, street="1"), now=monday)


def test_goods_that_are_sold_by_the_piece_weigh_what_the_listing_says_or_what_is_usual(chestnuts, brought, home):
    hens = ListingFactory(cooperative=chestnuts.cooperative, sale_unit="animal", step=1, price_per_unit=90_000)
    basket = basket_with((hens, 2))
    assert parcel_quote(basket, home).weight_g == 4_000
    hens.unit_weight_kg = Decimal("1.35")
    hens.save()
    assert parcel_quote(basket, home).weight_g == 2_700


def test_a_basket_of_many_cooperatives_is_quoted_by_three_queries(home):
    goods = []
    for _ in range(3):
        listing = ListingFactory()
        PickupPointFactory(cooperative=listing.cooperative)
        ZoneFactory(method=listing.cooperative.delivery_methods.first(), areas=[home])
        OrderingRules.objects.create(cooperative=listing.cooperative, lead_days=1)
        goods.append((listing, 1))
    basket = basket_with(*goods)
    quote_basket(basket_id=basket.pk, owner=None, deliveries={}, destination=home, now=PLACED_AT)
    # The lines; ways of delivery with their zones and the rules; terms of payment.
    with CaptureQueriesContext(connection) as asked:
        quote = quote_basket(basket_id=basket.pk, owner=None, deliveries={}, destination=home, now=PLACED_AT)
    assert len(asked) == 3
    assert [len(parcel.choices) for parcel in quote.parcels] == [2, 2, 2]
