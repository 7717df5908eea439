"""Changing who receives an order, and ordering the same again."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone, translation

from cooperatives.places.models import AdministrativeUnit
from marketplace.basket.models import Line as BasketLine
from marketplace.order.links import order_path
from marketplace.order.models import OrderChange, OrderInvoice, ShippingAddress
from marketplace.order.services import fail_delivery
from marketplace.outbox.models import OutboxMessage
from tests.factories.listings import ListingFactory
from tests.factories.orders import BUYER, OrderFactory, ParcelFactory, bring_to, do
from tests.factories.places import CommuneFactory, ProvinceFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def now():
    return timezone.now() - 20 * HOUR


@pytest.fixture
def lan():
    return UserFactory()


@pytest.fixture
def browser(lan):
    client = Client()
    client.force_login(lan)
    return client


@pytest.fixture
def parcel(lan, now):
    return ParcelFactory(buyer=replace(BUYER, user=lan), now=now)


def place_in_words(unit: AdministrativeUnit) -> str:
    return f"{unit.name}, {unit.province.name}"


def send(browser: Client, order, **changes):
    address = ShippingAddress.objects.select_related("commune__province").get(pk=order.shipping_address_id)
    said = {
        "name": address.first_name,
        "phone": str(address.phone_number),
        "commune": place_in_words(address.commune),
        "street": address.line1,
        "directions": address.notes,
        **changes,
    }
    return browser.post(f"/en/don-hang/{order.number}/nguoi-nhan/", said)


def test_name_phone_street_and_directions_change_and_every_change_is_kept(browser, lan, parcel):
    said = {"name": "Trần Bình", "phone": "0987 654 321", "street": "5 ngõ Chợ", "directions": "cổng xanh"}
    assert send(browser, parcel.order, **said).status_code == 302
    address = ShippingAddress.objects.get(order=parcel.order)
    assert (address.first_name, str(address.phone_number), address.line1, address.notes) == (
        "Trần Bình",
        "+84987654321",
        "5 ngõ Chợ",
        "cổng xanh",
    )
    kept = {change.field: (change.was, change.became, change.changed_by) for change in OrderChange.objects.all()}
    assert kept["phone"] == ("+84912345678", "+84987654321", lan)
    assert kept["street"] == ("12 phố Xuân Trường", "5 ngõ Chợ", lan)
    assert set(kept) == {"name", "phone", "street", "directions"}
    parcel.order.refresh_from_db()
    # Who placed the order stays who placed it.
    assert (parcel.order.buyer_name, str(parcel.order.buyer_phone)) == (BUYER.name, BUYER.phone)


def test_the_same_again_changes_and_tells_nothing(browser, parcel):
    before = OutboxMessage.objects.count()
    assert send(browser, parcel.order).status_code == 302
    assert not OrderChange.objects.exists()
    assert OutboxMessage.objects.count() == before


def test_a_commune_with_the_same_charge_is_taken_and_one_with_another_refused(browser, parcel):
    cooperative = parcel.cooperative
    method = cooperative.delivery_methods.get()
    near = CommuneFactory(is_new=True, parent=ProvinceFactory(), name="Xã Gần", short_name="Gần")
    assert send(browser, parcel.order, commune=place_in_words(near)).status_code == 302
    address = ShippingAddress.objects.get(order=parcel.order)
    assert (address.commune, address.line2) == (near, "Xã Gần")
    far = CommuneFactory(is_new=True, parent=ProvinceFactory(), name="Xã Xa", short_name="Xa")
    zone = method.zones.create(days_min=1, days_max=3, tiers=[[None, 90_000]])
    zone.areas.create(unit=far)
    zone.reach = {"communes": [far.pk]}
    zone.save()
    refused = send(browser, parcel.order, commune=place_in_words(far))
    assert refused.status_code == 422
    assert "costs or takes something else" in refused.content.decode()
    address.refresh_from_db()
    assert address.commune == near


@pytest.mark.parametrize("status", ["packed", "shipped", "delivered", "cancelled"])
def test_after_packing_nothing_changes(browser, parcel, now, status):
    bring_to(parcel, status, now=now)
    refused = send(browser, parcel.order, street="5 ngõ Chợ")
    assert refused.status_code == 302
    assert not OrderChange.objects.exists()
    assert ShippingAddress.objects.get(order=parcel.order).line1 == "12 phố Xuân Trường"


@pytest.mark.parametrize(
    "said",
    [{"name": ""}, {"phone": "12"}, {"street": " "}, {"commune": "Nowhere"}, {"name": "x" * 121}],
)
def test_what_is_wrong_is_told_and_changes_nothing(browser, parcel, said):
    assert send(browser, parcel.order, **said).status_code == 422
    assert not OrderChange.objects.exists()


def test_a_phone_that_refused_twice_at_the_door_is_no_way_around_paying_in_advance(browser, parcel, now):
    for _number in range(2):
        other = ParcelFactory(buyer=replace(BUYER, phone="+84987654321"), status="shipped", now=now - 48 * HOUR)
        fail_delivery(parcel=other, by=None, now=now, reason="refused")
    refused = send(browser, parcel.order, phone="0987654321")
    assert refused.status_code == 422
    assert "pay in advance" in refused.content.decode()
    assert not OrderChange.objects.exists()


def test_ordering_again_fills_the_basket_and_tells_line_by_line_what_is_not_there(browser, lan, now):
    plenty = ListingFactory(title="Hạt dẻ", step=Decimal("0.5"), stock=40)
    scarce = ListingFactory(title="Mật ong", step=1, stock=3)
    gone = ListingFactory(title="Quýt")
    order = OrderFactory(goods=[(plenty, "1.5"), (scarce, 3), (gone, 1)], buyer=replace(BUYER, user=lan), now=now)
    type(gone).objects.filter(pk=gone.pk).update(is_public=False)
    answer = browser.post(f"/en/don-hang/{order.number}/dat-lai/", follow=True)
    text = answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/en/gio-hang/"
    line = BasketLine.objects.get(basket__status="Open")
    assert (line.product, line.quantity) == (plenty, 3)
    assert "In your basket again: Hạt dẻ." in text
    assert "Quýt: no longer on sale." in text
    assert "Mật ong:" in text


def test_ordering_again_when_nothing_is_left_stays_at_the_order(browser, lan, now):
    listing = ListingFactory()
    order = OrderFactory(goods=[(listing, 1)], buyer=replace(BUYER, user=lan), now=now)
    type(listing).objects.filter(pk=listing.pk).update(is_public=False)
    assert browser.post(f"/en/don-hang/{order.number}/dat-lai/").url == f"/en/don-hang/{order.number}/"
    assert not BasketLine.objects.filter(basket__status="Open").exists()


def test_cancelling_through_the_page_is_told_as_the_buyers_own(browser, parcel):
    path = f"/en/don-hang/{parcel.order.number}/huy/{parcel.number}/"
    assert browser.get(path).status_code == 200
    assert browser.post(path).status_code == 302
    event = parcel.events.get(to_status="cancelled")
    assert (event.reason, event.by) == ("buyer", parcel.order.user)
    # Again, it says so and changes nothing.
    assert browser.post(path).status_code == 302
    assert parcel.events.filter(to_status="cancelled").count() == 1


def test_another_orders_parcel_is_not_found(browser, lan, parcel, now):
    other = ParcelFactory(now=now)
    assert browser.post(f"/en/don-hang/{parcel.order.number}/huy/{other.number}/").status_code == 404
    assert browser.get(f"/en/don-hang/{parcel.order.number}/bao-loi/{other.number}/").status_code == 404
    do(other, "confirm", now=now + HOUR)


class TestInvoiceData:
    said = {
        "invoice_name": "Công ty TNHH An Bình",
        "invoice_tax_code": "0100109106",
        "invoice_address": "1 Kim Đồng, Cao Bằng",
        "invoice_email": "KeToan@example.com",
    }

    def path(self, parcel):
        return f"/en/don-hang/{parcel.order.number}/hoa-don/"

    def test_it_is_asked_for_changed_and_dropped_until_packed_and_each_change_is_kept(self, browser, lan, parcel, now):
        assert browser.get(self.path(parcel)).status_code == 200
        for _time in range(2):
            assert browser.post(self.path(parcel), self.said).status_code == 302
        row = OrderInvoice.objects.get()
        assert (row.name, row.tax_code, row.email) == ("Công ty TNHH An Bình", "0100109106", "ketoan@example.com")
        assert "0100109106" in browser.get(self.path(parcel)).content.decode()
        assert browser.post(self.path(parcel), dict.fromkeys(self.said, "")).status_code == 302
        assert not OrderInvoice.objects.exists()
        kept = [(change.field, change.was, change.became, change.changed_by) for change in OrderChange.objects.all()]
        name = "Công ty TNHH An Bình"
        assert kept == [("invoice", "", name, lan), ("invoice", name, "", lan)]
        bring_to(parcel, "packed", now=now)
        assert browser.post(self.path(parcel), self.said).status_code == 302
        assert not OrderInvoice.objects.exists()

    @pytest.mark.parametrize(
        "wrong", [{"invoice_tax_code": "0100109107"}, {"invoice_name": ""}, {"invoice_email": "x"}]
    )
    def test_what_is_wrong_or_missing_is_told(self, browser, parcel, wrong):
        assert browser.post(self.path(parcel), {**self.said, **wrong}).status_code == 422
        assert not OrderInvoice.objects.exists()

    def test_a_stranger_reads_and_changes_nothing(self, parcel):
        assert Client().get(self.path(parcel)).status_code == 404
        assert Client().post(self.path(parcel), self.said).status_code == 404
        assert not OrderInvoice.objects.exists()


def test_an_order_is_changed_ten_times_an_hour_at_most(browser, parcel, monkeypatch):
    monkeypatch.setattr("marketplace.common.limits.time", lambda: 0.0)
    statuses = [send(browser, parcel.order, street=f"{number} ngõ Chợ").status_code for number in range(11)]
    assert statuses == [302] * 10 + [422]
    assert OrderChange.objects.count() == 10


def test_a_guest_orders_again_by_the_link(now):
    listing = ListingFactory(stock=40)
    order = OrderFactory(goods=[(listing, 2)], now=now)
    guest = Client()
    guest.get(order_path(order))
    assert guest.post(f"/en/don-hang/{order.number}/dat-lai/").url == "/en/gio-hang/"
    assert BasketLine.objects.get(basket__status="Open").product == listing
    assert listing.title in guest.get("/en/gio-hang/").content.decode()
