"""Keys that were tampered with, are too old, or belong to another order."""

from dataclasses import replace

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from marketplace.order.links import order_key
from marketplace.order.models import ShippingAddress
from marketplace.outbox.models import OutboxMessage
from tests.factories.listings import ListingFactory
from tests.factories.orders import BUYER, basket_with, place
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return place(basket_with((ListingFactory(), 1)))


def opened(browser: Client, number: str, key: str) -> int:
    browser.get(reverse("order:detail", args=[number]), {"khoa": key})
    return browser.get(reverse("order:detail", args=[number])).status_code


def test_only_the_orders_own_key_opens_it(client, order):
    other = place(basket_with((ListingFactory(), 1)))
    good = order_key(order.number)
    stamp, signature = good.split(":")
    wrong = [order_key(other.number), good[:-1], f"zzzzzz:{signature}", stamp, f":{signature}", "", "\0", good * 50]
    for key in [*wrong, signing.TimestampSigner().sign(order.number).removeprefix(f"{order.number}:")]:
        assert opened(Client(), order.number, key) == 404, key
    assert opened(Client(), order.number.upper(), good) == 404
    assert opened(client, order.number, good) == 200


def test_an_old_key_opens_nothing_and_leads_to_a_new_one(client, order, settings):
    key = order_key(order.number)
    settings.ORDER_LINK_DAYS = 0
    answer = client.get(reverse("order:detail", args=[order.number]), {"khoa": key})
    assert answer.url == reverse("order:find")
    assert client.get(reverse("order:detail", args=[order.number])).status_code == 404


def test_a_stranger_cancels_nothing(order):
    parcel = order.parcels.get()
    address = reverse("order:cancel", args=[order.number, parcel.number])
    stranger = Client()
    stranger.force_login(UserFactory())
    for browser in (Client(), stranger):
        assert browser.post(address).status_code == 404
    parcel.refresh_from_db()
    assert parcel.status == "placed"


def test_asking_for_a_link_tells_nothing_of_orders_and_is_counted(client, order, monkeypatch):
    # No stretch of the limit ends meanwhile.
    monkeypatch.setattr("marketplace.common.limits.time", lambda: 0.0)
    before = OutboxMessage.objects.count()
    address = reverse("order:find")
    right = {"number": order.number, "phone": "0912 345 678"}
    answers = [client.post(address, said) for said in (right, right | {"phone": "0987 654 321"})]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (
        len({answer.content.decode().split("<main", 1)[1].split("csrfmiddlewaretoken")[0] for answer in answers}) == 1
    )
    assert OutboxMessage.objects.count() == before + 1
    for _ in range(4):
        client.post(address, right)
    refused = client.post(address, right)
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")


def test_the_link_goes_to_the_phone_of_an_order_without_an_email_address_old_and_new_number_alike(client):
    order = place(basket_with((ListingFactory(), 1)), buyer=replace(BUYER, email=""))
    ShippingAddress.objects.filter(order=order).update(phone_number="+84987654321")
    OutboxMessage.objects.all().delete()
    client.post(reverse("order:find"), {"number": order.number, "phone": "0987 654 321"})
    (text,) = OutboxMessage.objects.all()
    assert (text.channel, text.recipient, text.template) == ("text", "+84987654321", "order_link")
    assert f"/don-hang/{order.number}/?khoa=" in text.text
