"""GHN by its published fields: what is sent, what comes back, and what becomes of a parcel when nothing does."""

import csv
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from marketplace.common.tracking import tracking_url
from marketplace.order.models import Parcel
from marketplace.payment.models import UnmatchedMoney
from marketplace.payment.unmatched import assign
from marketplace.portal.shipments import open_shipments, ship, track
from marketplace.shipping.carriers import carriers
from marketplace.shipping.carriers.base import (
    CarrierLimitError,
    CarrierRefusedError,
    CarrierUnavailableError,
    Consignment,
    Party,
    Ward,
    WardUnknownError,
)
from marketplace.shipping.carriers.ghn import GhnCarrier
from marketplace.shipping.models import CarrierWard, Shipment
from tests.factories.cooperatives import MembershipFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import PLACED_AT, ParcelFactory
from tests.factories.places import CommuneFactory, ProvinceFactory
from tests.shipping.ghn_stand_in import ghn

pytestmark = pytest.mark.django_db

NOW = PLACED_AT + timedelta(days=1)


@pytest.fixture
def service(settings):
    with ghn(settings) as stand_in:
        yield stand_in


@pytest.fixture
def parcel():
    """Packed: 1,5 kg for 180.000 đồng and 30.000 for delivery, in cash; both communes are known to GHN."""
    listing = ListingFactory(price_per_unit=120_000, step=Decimal("0.5"))
    found = ParcelFactory(listing=listing, units="1.5", status=Parcel.Status.PACKED)
    home = found.cooperative.communes.get(role="home").unit
    for number, commune in enumerate((home, found.order.shipping_address.commune), start=1):
        CarrierWard.objects.create(
            carrier="ghn", commune=commune, district_id=1_400 + number, ward_code=f"2010{number}", checked_at=PLACED_AT
        )
    return found


def consignment(**changes) -> Consignment:
    party = Party("HTX Bản Giốc", "0912345678", "Xóm Pác Bó", Ward(1401, "20101"))
    given = {"weight_g": 1_500, "goods_value": 180_000, "cash_to_collect": 0, "content": "Hạt dẻ"}
    return Consignment(**{"reference": "R-1", "sender": party, "recipient": party, **given, **changes})


def book(parcel: Parcel) -> Parcel:
    return ship(parcel=parcel, by=None, now=NOW, is_booked=True)


def follow(parcel: Parcel, days: int = 1) -> Parcel:
    for shipment in open_shipments(limit=10):
        track(shipment=shipment, now=NOW + timedelta(days=days))
    parcel.refresh_from_db()
    return parcel


def test_without_a_token_there_is_no_carrier_and_parcels_go_by_hand(settings, parcel):
    assert (settings.GHN_TOKEN, carriers()) == ("", [])
    shipped = ship(parcel=parcel, by=None, now=NOW, carrier="Viettel Post", tracking_number="VT1", is_booked=True)
    assert (shipped.status, shipped.carrier, shipped.tracking_number) == ("shipped", "Viettel Post", "VT1")
    assert not Shipment.objects.exists()


def test_a_fee_is_quoted_and_nothing_is_booked(service):
    assert GhnCarrier().quote(consignment()) == 26_000
    assert service.orders == {}


def test_a_parcel_is_booked_with_what_ghn_asks_for_and_the_buyer_can_follow_it(service, parcel):
    shipped = book(parcel)
    (number,) = service.orders
    sent = service.orders[number]["sent"]
    assert (shipped.status, shipped.carrier, shipped.tracking_number) == ("shipped", "GHN", number)
    assert (sent["weight"], sent["cod_amount"], sent["insurance_value"]) == (1_500, 210_000, 180_000)
    assert (sent["from_ward_code"], sent["to_district_id"], sent["to_ward_code"]) == ("20101", 1402, "20102")
    assert (sent["to_phone"], sent["service_type_id"]) == ("0912345678", 2)
    shipment = Shipment.objects.get()
    assert (shipment.reference, shipment.fee, shipment.status) == (f"{parcel.number}-1", 20_000, "booked")
    assert sent["client_order_code"] == shipment.reference
    assert tracking_url(shipped.carrier, number) == f"https://donhang.ghn.vn/?order_code={number}"


@pytest.mark.parametrize(("received", "collected"), [(0, 0), (150_000, 60_000), (210_000, 0)])
def test_of_a_parcel_paid_in_advance_the_carrier_collects_the_rest_that_the_buyer_agreed_to(
    service, parcel, received, collected
):
    Parcel.objects.filter(pk=parcel.pk).update(payment_method="transfer")
    if received:
        money = UnmatchedMoney.objects.create(
            provider="statement", reference="1:1", cooperative=parcel.cooperative, amount=received,
            reason="wrong_amount", occurred_at=PLACED_AT, recorded_at=PLACED_AT,
        )  # fmt: skip
        assign(money=money, parcel=parcel, by=None, now=NOW)
    parcel.refresh_from_db()
    book(parcel)
    (number,) = service.orders
    assert service.orders[number]["sent"]["cod_amount"] == collected
    service.move(number, "delivered")
    followed = follow(parcel)
    assert (followed.status, followed.amount_received) == ("delivered", received + collected)
    assert followed.payment_status == ("paid" if received else "unpaid")


@pytest.mark.parametrize(
    "changes", [{"weight_g": 50_001}, {"weight_g": 0}, {"weight_g": 10**9}, {"cash_to_collect": 50_000_001}]
)
def test_what_is_beyond_the_published_limits_is_not_even_asked(service, changes):
    with pytest.raises(CarrierLimitError):
        GhnCarrier().create(consignment(**changes))
    assert service.asked == []


def test_a_dear_parcel_is_insured_up_to_the_limit_and_a_heavy_one_goes_as_heavy(service):
    GhnCarrier().create(consignment(goods_value=40_000_000, weight_g=20_000))
    sent = service.orders["GA000001"]["sent"]
    assert (sent["insurance_value"], sent["service_type_id"]) == (5_000_000, 5)


@pytest.mark.parametrize("fault", [500, 503, 429, 401, 302, "reset", "garbage", "list"])
def test_no_usable_answer_leaves_the_parcel_where_it_was(service, parcel, fault):
    service.faults = [fault]
    with pytest.raises(CarrierUnavailableError):
        book(parcel)
    parcel.refresh_from_db()
    assert (parcel.status, parcel.carrier) == ("packed", "")


def test_ghn_that_is_not_there_at_all_leads_to_shipping_by_hand(settings, parcel):
    settings.GHN_TOKEN, settings.GHN_SHOP_ID = "x", "1"
    settings.GHN_API_URL = "http://127.0.0.1:1"
    with pytest.raises(CarrierUnavailableError):
        book(parcel)
    by_hand = ship(parcel=parcel, by=None, now=NOW, carrier="Xe khách 11B-001.23")
    assert (by_hand.status, by_hand.carrier) == ("shipped", "Xe khách 11B-001.23")


def test_an_answer_that_was_lost_is_found_again_and_nothing_is_booked_twice(service, parcel):
    service.faults = ["lost"]
    with pytest.raises(CarrierUnavailableError):
        book(parcel)
    assert len(service.orders) == 1
    assert book(parcel).tracking_number == "GA000001"
    assert len(service.orders) == Shipment.objects.count() == 1


def test_a_request_that_never_arrived_is_booked_under_the_same_reference(service, parcel):
    service.faults = ["reset"]
    with pytest.raises(CarrierUnavailableError):
        book(parcel)
    assert service.orders == {}
    book(parcel)
    assert [order["code"] for order in service.orders.values()] == [f"{parcel.number}-1"]


def test_a_booking_that_nobody_heard_of_is_cancelled_once_the_parcel_went_another_way(service, parcel):
    service.faults = ["lost"]
    with pytest.raises(CarrierUnavailableError):
        book(parcel)
    ship(parcel=parcel, by=None, now=NOW, carrier="Viettel Post", tracking_number="VT1")
    assert follow(parcel).status == "shipped"
    assert service.orders["GA000001"]["status"] == "cancel"
    assert Shipment.objects.get().status == "cancelled"
    assert (parcel.carrier, parcel.tracking_number) == ("Viettel Post", "VT1")


def test_a_parcel_that_was_sent_again_by_hand_does_not_follow_its_first_shipment(service, parcel):
    book(parcel)
    service.move("GA000001", "delivery_fail")
    follow(parcel)
    ship(parcel=parcel, by=None, now=NOW + timedelta(days=1), carrier="Viettel Post", tracking_number="VT1")
    service.move("GA000001", "returned")
    assert follow(parcel, days=2).status == "shipped"
    assert Shipment.objects.get().status == "returned"


def test_a_commune_that_ghn_does_not_know_is_shipped_by_hand(service, parcel):
    CarrierWard.objects.filter(commune=parcel.order.shipping_address.commune).delete()
    with pytest.raises(WardUnknownError) as refused:
        book(parcel)
    assert parcel.order.shipping_address.line2 in str(refused.value)
    assert service.asked == []


def test_what_ghn_refuses_says_so(service, parcel):
    service.faults = [400]
    with pytest.raises(CarrierRefusedError):
        book(parcel)
    assert parcel.status == "packed"


def test_a_delivered_parcel_is_delivered_and_its_cash_received(service, parcel):
    book(parcel)
    service.move("GA000001", "delivering")
    assert follow(parcel).status == "shipped"
    service.move("GA000001", "delivered")
    parcel = follow(parcel, days=2)
    assert (parcel.status, parcel.payment_status) == ("delivered", "paid")
    assert Shipment.objects.get().status == "delivered"
    assert open_shipments(limit=10) == []


def test_a_failed_delivery_goes_out_again_or_comes_back(service, parcel):
    book(parcel)
    service.move("GA000001", "delivery_fail")
    assert follow(parcel).status == "delivery_failed"
    service.move("GA000001", "delivering")
    assert follow(parcel, days=2).status == "shipped"
    service.move("GA000001", "returned")
    assert follow(parcel, days=3).status == "returned"
    assert [event.to_status for event in parcel.events.all()][-4:] == [
        "shipped",
        "delivery_failed",
        "returning",
        "returned",
    ]


def test_a_status_told_twice_or_unknown_changes_nothing(service, parcel):
    book(parcel)
    service.move("GA000001", "delivered")
    follow(parcel)
    events = parcel.events.count()
    Shipment.objects.update(status="underway")
    service.move("GA000001", "teleported")
    follow(parcel, days=2)
    service.move("GA000001", "delivered")
    follow(parcel, days=3)
    assert parcel.events.count() == events


def test_the_command_goes_on_past_a_shipment_that_gets_no_answer(service, parcel, capsys):
    book(parcel)
    service.faults = [500]
    call_command("track_shipments")
    assert "1 shipments asked about, 1 without an answer" in capsys.readouterr().out
    service.move("GA000001", "delivered")
    call_command("track_shipments")
    parcel.refresh_from_db()
    assert parcel.status == "delivered"


def test_a_booking_is_cancelled_until_it_is_picked_up(service):
    number = GhnCarrier().create(consignment()).tracking_number
    GhnCarrier().cancel(number)
    assert service.orders[number]["status"] == "cancel"
    with pytest.raises(CarrierRefusedError):
        GhnCarrier().cancel(number)


def test_the_clerk_books_by_a_tick_and_reads_why_it_did_not_work(client, service, parcel):
    client.force_login(MembershipFactory(cooperative=parcel.cooperative).user)
    url = reverse("portal:act", kwargs={"number": parcel.number, "slug": "gui-di"})
    assert "is_booked" in client.get(url).content.decode()
    service.faults = [503]
    refused = client.post(url, {"is_booked": "on"}, follow=True)
    assert refused.status_code == 200
    assert [message.level_tag for message in refused.context["messages"]] == ["error"]
    client.post(url, {"is_booked": "on"})
    parcel.refresh_from_db()
    assert (parcel.status, parcel.carrier, parcel.tracking_number) == ("shipped", "GHN", "GA000001")


def test_the_clerk_writes_down_any_carrier_and_number(client, parcel):
    client.force_login(MembershipFactory(cooperative=parcel.cooperative).user)
    url = reverse("portal:act", kwargs={"number": parcel.number, "slug": "gui-di"})
    assert "is_booked" not in client.get(url).content.decode()
    client.post(url, {"carrier": "Viettel\u202e Post", "tracking_number": " VT 123 ", "note": "Gửi lúc 9 giờ"})
    parcel.refresh_from_db()
    assert (parcel.status, parcel.carrier, parcel.tracking_number) == ("shipped", "Viettel Post", "VT 123")
    assert parcel.events.last().note == "Gửi lúc 9 giờ"


@pytest.mark.parametrize(
    ("carrier", "number"), [("Bưu điện", "VT1234"), ("GHN", "a b"), ("GHN", "../x"), ("GHN", ""), ("", "GA000001")]
)
def test_only_a_likely_number_of_a_known_carrier_is_a_link(carrier, number):
    assert tracking_url(carrier, number) == ""


def test_a_carriers_numbers_of_communes_are_read_whole_or_not_at_all(tmp_path):
    commune = CommuneFactory(is_new=True, parent=ProvinceFactory())
    file = tmp_path / "wards.csv"

    def written(*rows) -> str:
        with file.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows([("code", "district_id", "ward_code"), *rows])
        return str(file)

    for wrong in (("99999", "1", "2"), (commune.code, "x", "2"), (commune.code, "1", "")):
        with pytest.raises(CommandError):
            call_command("load_carrier_wards", "ghn", written((commune.code, "1442", "20109"), wrong))
        assert not CarrierWard.objects.exists()
    call_command("load_carrier_wards", "ghn", written((commune.code, "1442", "20109")))
    call_command("load_carrier_wards", "ghn", written((commune.code, "1443", "20109")))
    row = CarrierWard.objects.get()
    assert (row.commune, row.district_id, row.ward_code) == (commune, 1443, "20109")
