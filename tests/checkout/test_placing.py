from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

import pytest

from cooperatives.linkage.models import BuyerContact
from cooperatives.models import CooperativeActivity
from cooperatives.partner.models import StockRecord
from marketplace.basket.models import Basket
from marketplace.checkout.services import (
    DeliveryGoneError,
    EmptyBasketError,
    GoodsGoneError,
    GoodsShortError,
    NoDeliveryError,
    PriceChangedError,
)
from marketplace.common.identifiers import is_valid_identifier
from marketplace.order.models import Line, Order, Parcel, ParcelEvent
from marketplace.order.placing import Address
from marketplace.outbox.models import OutboxMessage
from marketplace.shipping.models import DeliveryZone
from tests.factories.cooperatives import CooperativeFactory, DeliveryMethodFactory, MembershipFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import BUYER, PLACED_AT, basket_with, destination, place
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def chestnuts():
    return ListingFactory(price_per_unit=120_000, step=Decimal("0.5"), stock=10)


def nothing_was_placed(basket: Basket) -> bool:
    basket.refresh_from_db()
    return (
        basket.status == Basket.OPEN
        and not Order.objects.exists()
        and not OutboxMessage.objects.exists()
        and not StockRecord.objects.filter(num_allocated__gt=0).exists()
    )


def test_an_order_has_one_parcel_for_each_cooperative_and_one_total(chestnuts):
    tea = ListingFactory(price_per_unit=300_000, step=Decimal("0.1"))
    order = place(basket_with((chestnuts, "1.5"), (tea, "0.2")))
    parcels = list(order.parcels.order_by("pk"))
    assert [(p.cooperative, p.goods_total, p.delivery_charge, p.total) for p in parcels] == [
        (chestnuts.cooperative, 180_000, 30_000, 210_000),
        (tea.cooperative, 60_000, 30_000, 90_000),
    ]
    assert order.total_incl_tax == 300_000 == sum(parcel.total for parcel in parcels)
    assert order.shipping_incl_tax == 60_000
    assert order.status == "placed"


def test_a_line_freezes_what_the_listing_was_on_the_day(chestnuts):
    order = place(basket_with((chestnuts, "1.5")))
    chestnuts.step, chestnuts.price_per_unit = Decimal(1), 150_000
    chestnuts.save()
    line = Line.objects.get(order=order)
    assert (line.quantity, line.step, line.units, line.sale_unit) == (3, Decimal("0.500"), Decimal("1.500"), "kg")
    assert (line.price_per_unit, line.unit_price_incl_tax, line.line_price_incl_tax) == (120_000, 60_000, 180_000)
    assert (line.commodity, line.origin_unit) == (chestnuts.commodity, chestnuts.origin_unit)
    assert (line.num_allocated, line.stockrecord.num_allocated) == (3, 3)


def test_numbers_are_unguessable_and_carry_a_check(chestnuts):
    order = place(basket_with((chestnuts, 1)), rng=Random(7))
    parcel = order.parcels.get()
    assert is_valid_identifier(order.number)
    assert is_valid_identifier(parcel.number)
    assert str(order.pk) != order.number != parcel.number
    other = place(basket_with((chestnuts, 1)))
    assert other.number != order.number


def test_a_number_that_is_taken_is_drawn_anew(chestnuts):
    first = place(basket_with((chestnuts, 1)), rng=Random(7))
    second = place(basket_with((chestnuts, 1)), rng=Random(7))
    assert first.number != second.number
    assert Order.objects.count() == 2


def test_the_basket_is_closed_and_the_buyer_and_the_clerks_are_written_to(chestnuts):
    clerk = MembershipFactory(cooperative=chestnuts.cooperative, user=UserFactory(email="binh@example.com")).user
    MembershipFactory(cooperative=chestnuts.cooperative, user=UserFactory(email="xa-vien@example.com"), role="member")
    basket = basket_with((chestnuts, 1))
    order = place(basket)
    basket.refresh_from_db()
    assert (basket.status, basket.date_submitted) == (Basket.SUBMITTED, PLACED_AT)
    mails = {message.recipient: message for message in OutboxMessage.objects.all()}
    assert set(mails) == {"lan@example.com", chestnuts.cooperative.email, clerk.email}
    confirmation = mails["lan@example.com"]
    assert order.number.upper() in confirmation.subject
    for body in (confirmation.text, confirmation.html):
        assert "?khoa=" in body
        assert "150.000\xa0₫" in body


def test_a_clerk_is_told_of_the_own_parcel_and_of_nothing_else(chestnuts):
    tea = ListingFactory(title="Chè Phja Đén")
    order = place(basket_with((chestnuts, 1), (tea, 1)))
    notice = OutboxMessage.objects.get(recipient=chestnuts.cooperative.email)
    for body in (notice.text, notice.html):
        assert chestnuts.title in body
        assert tea.title not in body
        assert order.number.upper() not in body
        assert "300.000" not in body


def test_what_a_buyer_types_is_escaped_in_the_message(chestnuts):
    order = place(basket_with((chestnuts, 1)), buyer=replace(BUYER, name="<b>Lan</b>"))
    message = OutboxMessage.objects.get(key=f"order:{order.number}:placed")
    assert "<b>Lan</b>" in message.text
    assert "<b>Lan</b>" not in message.html


def test_an_order_without_an_email_address_writes_to_the_clerks_and_a_text_to_the_buyer(chestnuts):
    place(basket_with((chestnuts, 1)), buyer=replace(BUYER, email=""))
    told = {(message.channel, message.recipient) for message in OutboxMessage.objects.all()}
    assert told == {("email", chestnuts.cooperative.email), ("text", BUYER.phone)}


def test_the_message_speaks_the_language_of_the_order(chestnuts):
    place(basket_with((chestnuts, 1)), buyer=replace(BUYER, language="en"))
    assert OutboxMessage.objects.get(recipient="lan@example.com").text.startswith("Hello Nguyễn Thị Lan,")


def test_the_buyer_is_recorded_as_evidence_and_the_placing_as_an_event(chestnuts):
    order = place(basket_with((chestnuts, 1)))
    assert BuyerContact.objects.get().order_key == order.number
    assert BuyerContact.objects.get().placed_on == date(2026, 11, 20)
    event = ParcelEvent.objects.get()
    assert (event.from_status, event.to_status, event.occurred_at) == ("", "placed", PLACED_AT)


def test_another_total_than_the_one_seen_places_nothing_and_the_token_stays_good(chestnuts):
    basket, token = basket_with((chestnuts, 1)), uuid4()
    StockRecord.objects.filter(product=chestnuts).update(price=65_000)
    with pytest.raises(PriceChangedError) as caught:
        place(basket, token=token, seen_total=150_000)
    assert caught.value.params["total"] == 160_000
    assert nothing_was_placed(basket)
    assert place(basket, token=token, seen_total=160_000).total_incl_tax == 160_000


def test_goods_that_ran_short_are_named_with_what_is_left_and_the_basket_is_kept(chestnuts):
    basket = basket_with((chestnuts, 3))
    StockRecord.objects.filter(product=chestnuts).update(num_in_stock=3)
    with pytest.raises(GoodsShortError) as caught:
        place(basket, seen_total=390_000)
    assert caught.value.params == {"title": chestnuts.title, "left": "1,5 kg"}
    assert nothing_was_placed(basket)


@pytest.mark.parametrize("reason", ["sold out", "paused", "suspended"])
def test_goods_that_are_gone_are_named_and_the_basket_is_kept(chestnuts, reason):
    basket = basket_with((chestnuts, 1))
    if reason == "sold out":
        StockRecord.objects.filter(product=chestnuts).update(num_in_stock=0)
    elif reason == "paused":
        chestnuts.is_public, chestnuts.state = False, "paused"
        chestnuts.save()
    else:
        CooperativeActivity.objects.update(valid_to=date(2026, 11, 20))
    with pytest.raises(GoodsGoneError):
        place(basket, seen_total=150_000)
    assert nothing_was_placed(basket)


def test_a_cooperative_that_offers_no_delivery_sells_nothing():
    listing = ListingFactory(cooperative=CooperativeFactory(delivery_charge=False))
    basket = basket_with((listing, 1))
    with pytest.raises(NoDeliveryError):
        place(basket)
    assert nothing_was_placed(basket)


def test_the_cheapest_delivery_is_taken_unless_another_offered_one_is_named(chestnuts):
    DeliveryZone.objects.update(free_from=200_000)
    fast = DeliveryMethodFactory(cooperative=chestnuts.cooperative, name="Giao nhanh", charge=50_000)
    strange = DeliveryMethodFactory(charge=1)
    cheap = place(basket_with((chestnuts, 2))).parcels.get()
    assert (cheap.delivery_name, cheap.delivery_charge) == ("Giao tận nơi", 0)
    wanted = {chestnuts.cooperative_id: str(fast.pk)}
    assert place(basket_with((chestnuts, 2)), deliveries=wanted).parcels.get().delivery_charge == 50_000
    foreign = {chestnuts.cooperative_id: str(strange.pk)}
    with pytest.raises(DeliveryGoneError):
        place(basket_with((chestnuts, 1)), deliveries=foreign)


def test_the_same_token_again_leads_to_the_same_order(chestnuts):
    basket, token = basket_with((chestnuts, 1)), uuid4()
    order = place(basket, token=token)
    again = place(basket, token=token, seen_total=150_000, now=PLACED_AT + timedelta(days=3))
    refilled = place(basket_with((chestnuts, 2)), token=token, seen_total=270_000)
    assert order == again == refilled
    assert Order.objects.count() == 1
    assert StockRecord.objects.get(product=chestnuts).num_allocated == 2


def test_a_second_tab_with_a_token_of_its_own_is_led_to_the_order_of_the_basket(chestnuts):
    basket = basket_with((chestnuts, 1))
    assert place(basket) == place(basket, seen_total=150_000)


def test_no_basket_and_an_empty_one_are_refused(chestnuts):
    for basket in (Basket(), Basket.objects.create()):
        with pytest.raises(EmptyBasketError):
            place(basket, seen_total=0)


def test_a_strangers_basket_is_not_there(chestnuts):
    basket = basket_with((chestnuts, 1), owner=UserFactory())
    with pytest.raises(EmptyBasketError):
        place(basket, seen_total=150_000)
    assert nothing_was_placed(basket)


@pytest.mark.parametrize("goods_count", [1, 4])
def test_placing_costs_two_queries_for_each_further_line_at_most(chestnuts, goods_count, django_assert_max_num_queries):
    cooperative = chestnuts.cooperative
    goods = [(chestnuts, 1), *((ListingFactory(cooperative=cooperative), 1) for _ in range(goods_count - 1))]
    basket = basket_with(*goods)
    address = Address(commune=destination(), street="12 phố Xuân Trường")
    total = 120_000 * goods_count + 30_000
    # Two savepoints, lock, lines, deliveries, address, order, parcels, lines, events, stock, clerks, outbox, basket
    # and three for the buyer.
    with django_assert_max_num_queries(17 + goods_count - 1):
        place(basket, address=address, seen_total=total)
    assert Parcel.objects.count() == 1
