"""A guest's whole way, by the test client: from a listing to the order's page, and every mistake on it."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from marketplace.basket.models import Basket
from marketplace.basket.models import Line as BasketLine
from marketplace.common.quantities import QuantityNotWholeError, SaleUnit
from marketplace.order.access import cookie_name, grant
from marketplace.order.links import order_path
from marketplace.order.models import Order, Parcel
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import send_due
from tests.factories.cooperatives import CooperativeFactory, DeliveryMethodFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import BUYER, OrderFactory
from tests.factories.places import CommuneFactory, ProvinceFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

BASKET = "/gio-hang/"
CHECKOUT = "/dat-hang/"


@pytest.fixture(autouse=True)
def _in_vietnamese():
    """An English page leaves its language behind in the thread."""
    with translation.override("vi"):
        yield


@pytest.fixture
def province():
    return ProvinceFactory(name="Tỉnh Cao Bằng", short_name="Cao Bằng")


@pytest.fixture
def commune(province):
    return CommuneFactory(is_new=True, parent=province, name="Xã Đàm Thủy", short_name="Đàm Thủy")


@pytest.fixture
def chestnuts():
    return ListingFactory(title="Hạt dẻ", price_per_unit=120_000, step=Decimal("0.5"), stock=10)


def add(client, listing, quantity):
    return client.post(reverse("basket:add", args=[listing.pk]), {"quantity": quantity})


def hidden(page, name):
    return unescape(re.search(rf'name="{name}" value="([^"]*)"', page.content.decode()).group(1))


def checkout_form(client, **changes):
    """What a browser without scripts would post from the page."""
    page = client.get(CHECKOUT)
    return {
        "name": "Nguyễn Thị Lan",
        "phone": "0912 345 678",
        "email": "lan@example.com",
        "commune": "dam thuy cao bang",
        "street": "12 phố Xuân Trường",
        "directions": "",
        "payment": "cod",
        "token": hidden(page, "token"),
        "seen_total": hidden(page, "seen_total"),
        "action": "place",
        **changes,
    }


def test_a_guest_buys_by_units_and_follows_the_order(client, chestnuts, commune):
    response = add(client, chestnuts, "1,5")
    assert (response.status_code, response.url) == (302, BASKET)
    assert "1,5" in client.get(BASKET).content.decode()
    placed = client.post(CHECKOUT, checkout_form(client))
    order = Order.objects.get()
    assert (placed.status_code, placed.url) == (302, f"/don-hang/{order.number}/")
    page = client.get(placed.url)
    text = page.content.decode()
    assert page.status_code == 200
    for shown in (order.number.upper(), "1,5 kg", "180.000\xa0₫", "210.000\xa0₫", "Xã Đàm Thủy", "0912 345 678"):
        assert shown in text
    assert "no-store" in page["Cache-Control"]
    assert order.buyer_phone == "+84912345678"
    assert order.shipping_address.commune == commune
    assert BasketLine.objects.filter(basket__status=Basket.OPEN).count() == 0
    assert "Lines in the basket" not in client.get(BASKET).content.decode()


def test_the_link_in_the_email_opens_the_order_in_another_browser_and_a_stranger_gets_404(client, chestnuts, commune):
    add(client, chestnuts, "1")
    client.post(CHECKOUT, checkout_form(client))
    send_due(now=timezone.now())
    message = next(message for message in mail.outbox if message.to == ["lan@example.com"])
    address = urlsplit(re.search(r"http\S+khoa=\S+", message.body).group())
    order = Order.objects.get()
    phone = Client()
    opened = phone.get(f"{address.path}?{address.query}")
    assert (opened.status_code, opened.url) == (302, f"/don-hang/{order.number}/")
    assert phone.get(opened.url).status_code == 200
    stranger = Client()
    number = order.number
    for path in (f"/don-hang/{number}/", "/don-hang/0000000000/", f"/don-hang/{number}/?khoa=x:y", "/don-hang/1/"):
        assert stranger.get(path).status_code == 404
    parcel = order.parcels.get()
    assert stranger.post(f"/don-hang/{number}/huy/{parcel.number}/").status_code == 404
    assert Parcel.objects.get().status == "placed"


@pytest.mark.parametrize("typed", ["0", "-1", "", "ba", "1,25", "1000000000", "20", "1.000"])
def test_a_quantity_that_cannot_be_is_refused_at_the_field_and_kept_as_typed(client, chestnuts, typed):
    response = add(client, chestnuts, typed)
    assert response.status_code == 422
    text = response.content.decode()
    assert 'id="quantity_error"' in text
    assert f'value="{typed or "0,5"}"' in text
    assert not BasketLine.objects.exists()


def test_one_and_a_half_pieces_are_refused(client):
    hen = ListingFactory(sale_unit="piece", step=1, stock=5)
    refused = add(client, hen, "1,5")
    assert refused.status_code == 422
    message = str(QuantityNotWholeError(unit=SaleUnit.PIECE.label))
    assert f"<span>{message}</span>" in refused.content.decode()
    assert add(client, hen, "2").status_code == 302
    assert BasketLine.objects.get().quantity == 2


def test_more_than_is_left_together_with_the_basket_is_refused(client, chestnuts):
    add(client, chestnuts, "8")
    response = add(client, chestnuts, "3")
    assert response.status_code == 422
    assert "10 kg" in response.content.decode()
    assert "8 kg" in response.content.decode()
    assert BasketLine.objects.get().quantity == 16


def test_goods_that_are_not_on_sale_are_not_found(client):
    assert add(client, ListingFactory(is_public=False, state="draft"), "1").status_code == 404
    assert client.post(reverse("basket:add", args=[999_999]), {"quantity": "1"}).status_code == 404
    suspended = ListingFactory(cooperative=CooperativeFactory(is_active=False))
    assert add(client, suspended, "1").status_code == 422


def test_the_basket_changes_and_empties_by_plain_forms(client, chestnuts):
    add(client, chestnuts, "1")
    line = BasketLine.objects.get()
    update = reverse("basket:update", args=[line.pk])
    assert client.post(update, {"quantity": "2,5"}).status_code == 302
    line.refresh_from_db()
    assert line.quantity == 5
    refused = client.post(update, {"quantity": "11"})
    assert refused.status_code == 422
    assert 'value="11"' in refused.content.decode()
    by_script = client.post(update, {"quantity": "11"}, headers={"HX-Request": "true"})
    assert by_script.status_code == 200
    assert f'id="quantity-{line.pk}_error"' in by_script.content.decode()
    assert client.post(reverse("basket:remove", args=[line.pk])).status_code == 302
    assert not BasketLine.objects.exists()
    assert client.get(BASKET).status_code == 200
    assert client.get(CHECKOUT).url == BASKET


def test_a_strangers_basket_line_cannot_be_changed(client, chestnuts):
    add(client, chestnuts, "1")
    line, stranger = BasketLine.objects.get(), Client()
    add(stranger, chestnuts, "1")
    stranger.post(reverse("basket:update", args=[line.pk]), {"quantity": "5"})
    stranger.post(reverse("basket:remove", args=[line.pk]))
    line.refresh_from_db()
    assert line.quantity == 2


def test_the_basket_of_a_guest_who_logs_in_becomes_the_persons(client, chestnuts):
    person = UserFactory(email="lan@example.com")
    add(client, chestnuts, "1")
    client.force_login(person)
    client.get(BASKET)
    assert BasketLine.objects.get().basket.owner == person


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("phone", "123"),
        ("phone", "01234567890"),
        ("phone", ""),
        ("name", " "),
        ("email", "lan@"),
        ("commune", ""),
        ("commune", "zzz"),
        ("street", ""),
        ("payment", "card"),
        ("token", "x"),
        ("seen_total", "-1"),
        ("seen_total", "9" * 30),
    ],
)
def test_a_mistake_in_the_form_is_shown_and_nothing_is_placed(client, chestnuts, commune, field, typed):
    add(client, chestnuts, "1")
    response = client.post(CHECKOUT, checkout_form(client, **{field: typed}))
    assert response.status_code == 422
    text = response.content.decode()
    assert 'class="errors"' in text
    assert "12 phố Xuân Trường" in text or field == "street"
    assert not Order.objects.exists()


def test_communes_of_the_same_name_are_offered_to_choose_from(client, chestnuts, commune):
    twin = CommuneFactory(is_new=True, parent=ProvinceFactory(), name="Xã Đàm Thủy", short_name="Đàm Thủy")
    add(client, chestnuts, "1")
    form = checkout_form(client, commune="Dam Thuy")
    unclear = client.post(CHECKOUT, form)
    assert unclear.status_code == 422
    for unit in (commune, twin):
        assert f'name="commune_id" value="{unit.pk}"' in unclear.content.decode()
    assert client.post(CHECKOUT, {**form, "commune_id": twin.pk}).status_code == 302
    assert Order.objects.get().shipping_address.commune == twin


def test_a_commune_that_is_no_longer_valid_is_not_taken(client, chestnuts, commune):
    old = CommuneFactory(name="Xã Cô Ba")
    add(client, chestnuts, "1")
    response = client.post(CHECKOUT, checkout_form(client, commune="xa co ba", commune_id=old.pk))
    assert response.status_code == 422
    assert not Order.objects.exists()


def test_communes_are_suggested_while_typing(client, commune):
    found = client.get("/dat-hang/xa-phuong/", {"commune": "dam"}).content.decode()
    assert "Xã Đàm Thủy, Tỉnh Cao Bằng" in found
    assert "<html" not in found


def test_a_changed_price_places_nothing_and_the_same_form_then_works_with_the_new_total(client, chestnuts, commune):
    add(client, chestnuts, "1")
    form = checkout_form(client)
    chestnuts.stockrecords.update(price=70_000)
    refused = client.post(CHECKOUT, form)
    assert refused.status_code == 422
    assert "170.000\xa0₫" in refused.content.decode()
    assert hidden(refused, "token") == form["token"]
    assert not Order.objects.exists()
    again = client.post(CHECKOUT, {**form, "seen_total": hidden(refused, "seen_total")})
    assert again.status_code == 302


def test_another_delivery_is_reckoned_before_it_is_ordered(client, chestnuts, commune):
    fast = DeliveryMethodFactory(cooperative=chestnuts.cooperative, name="Giao nhanh", charge=50_000)
    add(client, chestnuts, "1")
    form = checkout_form(client, **{f"delivery-{chestnuts.cooperative_id}": fast.pk})
    shown = client.post(CHECKOUT, {**form, "action": "update"})
    assert shown.status_code == 200
    assert hidden(shown, "seen_total") == "170000"
    assert client.post(CHECKOUT, {**form, "seen_total": "170000"}).status_code == 302
    assert Order.objects.get().total_incl_tax == 170_000


def test_pressing_twice_places_one_order_and_leads_to_it_both_times(client, chestnuts, commune):
    add(client, chestnuts, "1")
    form = checkout_form(client)
    first, second = client.post(CHECKOUT, form), client.post(CHECKOUT, form)
    number = Order.objects.get().number
    assert {urlsplit(response.url).path for response in (first, second)} == {f"/don-hang/{number}/"}


def test_pressing_twice_while_logged_in_places_one_order(client, chestnuts, commune):
    person = UserFactory(email="lan@example.com")
    client.force_login(person)
    add(client, chestnuts, "1")
    form = checkout_form(client)
    paths = {urlsplit(client.post(CHECKOUT, form).url).path for _ in range(2)}
    order = Order.objects.get()
    assert paths == {f"/don-hang/{order.number}/"}
    assert order.user == person
    assert client.get(f"/don-hang/{order.number}/").status_code == 200
    assert order.number.upper() in client.get("/don-hang/").content.decode()


def test_the_buyer_cancels_after_a_question_until_it_is_packed(client, chestnuts, commune):
    add(client, chestnuts, "1")
    client.get(client.post(CHECKOUT, checkout_form(client)).url)
    parcel = Parcel.objects.get()
    path = f"/don-hang/{parcel.order.number}/huy/{parcel.number}/"
    assert client.get(path).status_code == 200
    assert Parcel.objects.get().status == "placed"
    assert client.post(path).status_code == 302
    assert Parcel.objects.get().status == "cancelled"
    assert client.post(path, follow=True).status_code == 200
    assert chestnuts.stockrecords.get().num_allocated == 0


def test_an_expired_link_leads_to_asking_for_a_new_one(client, chestnuts, commune, settings):
    add(client, chestnuts, "1")
    client.post(CHECKOUT, checkout_form(client))
    link = order_path(Order.objects.get())
    settings.ORDER_LINK_DAYS = -1
    assert Client().get(link).url == "/don-hang/tim/"


def test_the_link_is_sent_again_to_the_contact_on_the_order_and_the_answer_is_the_same(client):
    order = OrderFactory()
    OutboxMessage.objects.all().delete()
    path = "/don-hang/tim/"
    known = client.post(path, {"number": order.number.upper(), "phone": "0912345678"})
    unknown = client.post(path, {"number": order.number, "phone": "0987654321"})
    assert known.status_code == unknown.status_code == 200
    assert 'role="status"' in known.content.decode()
    assert without_tokens(known) == without_tokens(unknown)
    assert [message.recipient for message in OutboxMessage.objects.all()] == ["lan@example.com"]


def without_tokens(response):
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())


def test_asking_again_and_again_is_slowed_down(client):
    data = {"number": OrderFactory().number, "phone": "0912345678"}
    answers = [client.post("/don-hang/tim/", data) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1]["Retry-After"] == "3600"


@pytest.mark.parametrize("number", ["", "abc", "0000000001", "x" * 100])
def test_a_mistyped_number_is_told_by_its_check(client, number):
    assert client.post("/don-hang/tim/", {"number": number, "phone": "0912345678"}).status_code == 422


def test_another_persons_order_is_not_found(client):
    buyer, other = UserFactory(), UserFactory()
    order = OrderFactory(buyer=replace(BUYER, user=buyer))
    client.force_login(other)
    assert client.get(f"/don-hang/{order.number}/").status_code == 404
    assert order.number.upper() not in client.get("/don-hang/").content.decode()


def test_an_english_buyer_is_served_in_english_all_the_way(client, chestnuts, commune):
    client.post(f"/en/gio-hang/them/{chestnuts.pk}/", {"quantity": "1"})
    form = checkout_form(client)
    placed = client.post("/en/dat-hang/", form)
    assert placed.url.startswith("/en/don-hang/")
    assert Order.objects.get().language == "en"
    assert "Thank you" in client.get(placed.url, follow=True).content.decode()


def test_a_grant_ends_with_the_link(client, chestnuts, commune):
    add(client, chestnuts, "1")
    placed = client.post(CHECKOUT, checkout_form(client))
    request, response = RequestFactory().get("/"), HttpResponse()
    grant(request, response, Order.objects.get().number, now=timezone.now() - timedelta(days=91))
    client.cookies[cookie_name()] = response.cookies[cookie_name()].value
    assert client.get(placed.url).status_code == 404


def test_a_grant_that_somebody_wrote_opens_nothing(client, chestnuts, commune):
    add(client, chestnuts, "1")
    placed = client.post(CHECKOUT, checkout_form(client))
    assert client.get(placed.url).status_code == 200
    content, _colon, signature = client.cookies[cookie_name()].value.partition(":")
    client.cookies[cookie_name()] = f"{content[:-2]}AA:{signature}"
    assert client.get(placed.url).status_code == 404


def test_logging_out_leaves_no_guest_order_open(client, chestnuts, commune):
    add(client, chestnuts, "1")
    placed = client.post(CHECKOUT, checkout_form(client))
    client.force_login(UserFactory())
    assert client.get(placed.url).status_code == 200
    client.post("/tai-khoan/dang-xuat/")
    assert client.get(placed.url).status_code == 404
