"""The checkout's page between the first look and the order: addresses, delivery by commune, codes, invoice data."""

import pytest
from django.urls import reverse

from marketplace.basket.models import Basket
from marketplace.customer.models import SavedAddress
from marketplace.order.models import Order, OrderInvoice, Parcel
from marketplace.shipping.models import DeliveryZone
from tests.checkout.test_attacks import CHECKOUT, form
from tests.factories.cooperatives import MembershipFactory, PickupPointFactory, ZoneFactory
from tests.factories.listings import ListingFactory
from tests.factories.offers import voucher
from tests.factories.orders import PLACED_AT
from tests.factories.places import CommuneFactory, ProvinceFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


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


@pytest.fixture
def person(client, goods):
    user = UserFactory(full_name="Nông Thị Hoa", email="hoa@example.com")
    client.force_login(user)
    client.post(reverse("basket:add", args=[goods.pk]), {"quantity": "1"})
    client.user = user
    return client


def text(answer):
    return answer.content.decode()


# -- Delivery by commune ----------------------------------------------------------------------------------------------


def test_before_the_commune_is_known_the_total_is_the_least_and_there_is_no_button_to_order(buyer, commune, goods):
    DeliveryZone.objects.all().delete()
    ZoneFactory(method=goods.cooperative.delivery_methods.get(), areas=[commune], tiers=[[None, 15_000]])
    ZoneFactory(method=goods.cooperative.delivery_methods.get(), tiers=[[None, 45_000]])
    page = buyer.get(CHECKOUT)
    assert page.context["quote"].is_estimate
    assert 'value="place"' not in text(page)
    shown = buyer.post(CHECKOUT, form(commune, action="update"))
    assert shown.status_code == 200
    assert shown.context["quote"].total == 135_000
    assert 'value="place"' in text(shown)
    assert "Nguyễn Thị Lan" in text(shown)


def test_a_total_of_another_commune_places_nothing_and_shows_the_right_one(buyer, commune, goods):
    ZoneFactory(method=goods.cooperative.delivery_methods.get(), areas=[commune], tiers=[[None, 15_000]])
    answer = buyer.post(CHECKOUT, form(commune, seen_total="150000"))
    assert answer.status_code == 422
    assert "135.000\xa0₫" in text(answer)
    assert not Order.objects.exists()


def test_a_pick_up_point_costs_nothing_and_its_hours_stay_with_the_parcel(buyer, commune, goods):
    point = PickupPointFactory(cooperative=goods.cooperative)
    chosen = {f"delivery-{goods.cooperative_id}": point.pk}
    assert "Xóm Pác Bó" in text(buyer.get(CHECKOUT))
    buyer.post(CHECKOUT, form(commune, seen_total="120000", **chosen))
    parcel = Parcel.objects.get()
    assert (parcel.delivery_kind, parcel.total) == ("pickup", 120_000)
    assert "Xóm Pác Bó" in parcel.pickup_note


def test_another_cooperatives_pick_up_point_is_refused(buyer, commune, goods):
    point = PickupPointFactory()
    chosen = {f"delivery-{goods.cooperative_id}": point.pk}
    assert buyer.post(CHECKOUT, form(commune, seen_total="120000", **chosen)).status_code == 422
    assert not Order.objects.exists()


def test_what_belongs_to_the_sellers_and_the_market_cannot_be_posted(buyer, commune, goods):
    stranger = ListingFactory().cooperative
    forged = {
        "price": "1",
        "quantity": "100",
        "fee_rate": "0",
        "total": "1",
        "seller": stranger.pk,
        "cooperative": stranger.pk,
        "seller_discount": "119999",
        "delivery_charge": "0",
        f"delivery_charge-{goods.cooperative_id}": "0",
        f"note-{stranger.pk}": "x",
    }
    assert buyer.post(CHECKOUT, form(commune, **forged)).status_code == 302
    parcel = Parcel.objects.get()
    line = parcel.lines.get()
    assert (parcel.cooperative, parcel.total, line.units, line.seller_discount) == (goods.cooperative, 150_000, 1, 0)


# -- Addresses of an account ------------------------------------------------------------------------------------------


def test_an_account_remembers_the_address_and_offers_it_again(person, commune, goods):
    person.post(CHECKOUT, form(commune, is_saved="on"))
    saved = SavedAddress.objects.get()
    assert (saved.user, saved.street, saved.commune) == (person.user, "12 phố Xuân Trường", commune)
    person.post(reverse("basket:add", args=[goods.pk]), {"quantity": "1"})
    page = person.get(CHECKOUT)
    assert 'value="12 phố Xuân Trường"' in text(page)
    assert not page.context["quote"].is_estimate
    assert 'value="place"' in text(page)


def test_the_same_address_is_kept_once_and_an_unticked_one_is_not(person, commune, goods):
    for ticked in ({"is_saved": "on"}, {"is_saved": "on"}, {"street": "9 phố Cũ"}):
        person.post(reverse("basket:add", args=[goods.pk]), {"quantity": "1"})
        page = person.get(CHECKOUT)
        person.post(CHECKOUT, form(commune, seen_total=page.context["quote"].total, **ticked))
    assert Order.objects.count() == 3
    assert [saved.street for saved in SavedAddress.objects.all()] == ["12 phố Xuân Trường"]


def saved(user, commune, **changes):
    fields = {"name": "Bà ngoại", "phone": "+84987654321", "street": "Xóm Lũng Nà", "used_at": PLACED_AT, **changes}
    return SavedAddress.objects.create(user=user, commune=commune, **fields)


def test_another_saved_address_is_filled_in_and_one_is_forgotten(person, commune):
    other = saved(person.user, commune)
    page = person.post(CHECKOUT, form(commune, action=f"address-{other.pk}"))
    assert 'value="Xóm Lũng Nà"' in text(page)
    assert 'value="Bà ngoại"' in text(page)
    person.post(CHECKOUT, form(commune, action=f"forget-{other.pk}"))
    assert not SavedAddress.objects.exists()


@pytest.mark.parametrize("action", ["address", "forget"])
def test_somebody_elses_address_is_neither_shown_nor_forgotten(person, commune, action):
    other = saved(UserFactory(), commune)
    page = person.post(CHECKOUT, form(commune, action=f"{action}-{other.pk}"))
    assert page.status_code == 200
    assert "Xóm Lũng Nà" not in text(page)
    assert SavedAddress.objects.get() == other


def test_an_address_in_a_commune_that_is_no_more_is_not_offered(person):
    former = CommuneFactory(name="Xã Chí Viễn", short_name="Chí Viễn")
    saved(person.user, former)
    assert "Xóm Lũng Nà" not in text(person.get(CHECKOUT))


def test_a_guest_is_not_asked_to_be_remembered(buyer, commune):
    assert "is_saved" not in text(buyer.get(CHECKOUT))
    assert buyer.post(CHECKOUT, form(commune, is_saved="on")).status_code == 302
    assert not SavedAddress.objects.exists()


# -- Codes ------------------------------------------------------------------------------------------------------------


def test_a_code_is_used_on_the_page_with_what_was_typed_kept(buyer, commune):
    voucher()
    page = buyer.post(CHECKOUT, form(commune, action="voucher", voucher="tet2027"))
    assert page.context["quote"].total == 138_000
    assert "Nguyễn Thị Lan" in text(page)
    assert buyer.post(CHECKOUT, form(commune, seen_total="138000")).status_code == 302
    assert Order.objects.get().total_incl_tax == 138_000


def test_a_wrong_code_is_said_at_its_field(buyer, commune):
    page = buyer.post(CHECKOUT, form(commune, action="voucher", voucher="<script>"))
    assert 'id="id_voucher_error"' in text(page)
    assert "<script>" not in text(page).split("id_voucher_error")[1][:400]
    assert not Basket.objects.get().vouchers.exists()


# -- Invoice data -----------------------------------------------------------------------------------------------------

COMPANY = {
    "invoice_name": "Công ty TNHH Hoa Sen",
    "invoice_tax_code": "0100109106",
    "invoice_address": "1 Phố Huế, Hà Nội",
    "invoice_email": "ke-toan@example.com",
}


@pytest.mark.parametrize("code", ["0100109106", "0100109106-001", "004 093 001 234", "0101243150"])
def test_invoice_data_are_kept_with_the_order(buyer, commune, code):
    assert buyer.post(CHECKOUT, form(commune, **{**COMPANY, "invoice_tax_code": code})).status_code == 302
    invoice = Order.objects.get().invoice
    assert (invoice.name, invoice.tax_code) == ("Công ty TNHH Hoa Sen", code.replace(" ", ""))


@pytest.mark.parametrize(
    "changes",
    [
        {"invoice_tax_code": "0100109107"},
        {"invoice_tax_code": "123"},
        {"invoice_tax_code": "1" * 500},
        {"invoice_tax_code": ""},
        {"invoice_name": ""},
        {"invoice_email": "khong"},
        {"invoice_address": "\u200b"},
    ],
)
def test_invoice_data_that_are_wrong_or_half_are_refused_and_what_was_typed_stays(buyer, commune, changes):
    answer = buyer.post(CHECKOUT, form(commune, **{**COMPANY, **changes}))
    assert answer.status_code == 422
    assert "1 Phố Huế" in text(answer) or "invoice_address" in changes
    assert not Order.objects.exists()


def test_an_order_without_invoice_data_keeps_none(buyer, commune):
    buyer.post(CHECKOUT, form(commune))
    assert not OrderInvoice.objects.exists()


def test_the_cooperative_of_the_order_sees_the_invoice_data_in_full_and_the_order_page_hides_a_persons_number(
    buyer, commune, goods
):
    placed = buyer.post(CHECKOUT, form(commune, **{**COMPANY, "invoice_tax_code": "004093001234"}))
    order_page = text(buyer.get(placed.url))
    assert "0040••••••34" in order_page
    assert "004093001234" not in order_page
    clerk = MembershipFactory(cooperative=goods.cooperative).user
    buyer.force_login(clerk)
    assert "004093001234" in text(buyer.get(reverse("portal:parcel", args=[Parcel.objects.get().number])))
