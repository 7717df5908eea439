"""payOS's webhook at our door: forged, malformed, replayed, late and early."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.order.services import cancel_parcel
from marketplace.payment.models import PaymentFact, ProviderEvent, UnmatchedMoney
from marketplace.payment.providers.payos.signature import signature_of
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import PLACED_AT
from tests.factories.payments import TRANSFER, prepaid_order

pytestmark = pytest.mark.django_db

KEY = "checksum-1"
NOW = PLACED_AT + timedelta(hours=2)


@pytest.fixture
def cooperative(settings):
    cooperative = CooperativeFactory()
    settings.PAYOS_CHANNELS = {cooperative.slug: {"client_id": "c", "api_key": "a", "checksum_key": KEY}}
    return cooperative


@pytest.fixture
def parcel(cooperative):
    return prepaid_order(ListingFactory(cooperative=cooperative), method=TRANSFER, now=PLACED_AT).parcels.get()


@pytest.fixture
def tell(client, cooperative):
    def post(body, slug=cooperative.slug):
        url = reverse("payment:payos", args=[slug])
        return client.post(url, body, content_type="application/json")

    return post


def body_for(parcel, key=KEY, **changes):
    data = {
        "orderCode": 1,
        "amount": int(parcel.total),
        "description": f"{parcel.payment_reference} chuyen tien",
        "accountNumber": "8301205000123",
        "reference": "FT26324000001",
        "transactionDateTime": "2026-11-20 11:30:00",
        "currency": "VND",
        "paymentLinkId": "link",
        "code": "00",
        "desc": "success",
        **changes,
    }
    content = {"code": "00", "desc": "success", "success": True, "data": data, "signature": signature_of(data, key)}
    return json.dumps(content).encode()


def paid(parcel):
    parcel.refresh_from_db()
    return parcel.payment_status


def nothing_was_stored():
    return not (ProviderEvent.objects.exists() or PaymentFact.objects.exists() or UnmatchedMoney.objects.exists())


def test_a_notice_pays_the_parcel_and_again_changes_nothing(tell, parcel):
    for _time in range(3):
        answer = tell(body_for(parcel))
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert paid(parcel) == "paid"
    assert ProviderEvent.objects.count() == PaymentFact.objects.count() == 1
    assert not UnmatchedMoney.objects.exists()


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"null", b"{}", b"[]", "{}".encode("utf-16"), b"x" * 70_000])
def test_what_is_malformed_gets_400_and_nothing_is_stored(tell, parcel, body):
    assert tell(body).status_code == 400
    assert nothing_was_stored()


def test_a_forged_notice_gets_400(tell, parcel):
    assert tell(body_for(parcel, key="guessed")).status_code == 400
    forged = body_for(parcel).replace(str(int(parcel.total)).encode(), b"1")
    assert tell(forged).status_code == 400
    assert nothing_was_stored()
    assert paid(parcel) == "awaiting"


def test_a_notice_of_one_cooperative_is_not_believed_at_anothers_door(tell, parcel, settings):
    other = CooperativeFactory()
    settings.PAYOS_CHANNELS |= {other.slug: {"client_id": "c", "api_key": "a", "checksum_key": "other"}}
    assert tell(body_for(parcel), slug=other.slug).status_code == 400
    # Signed by the other cooperative itself, it still pays nobody else's parcel.
    assert tell(body_for(parcel, key="other"), slug=other.slug).status_code == 200
    assert paid(parcel) == "awaiting"
    assert UnmatchedMoney.objects.get().cooperative == other


def test_without_a_channel_there_is_no_door(tell, parcel, settings):
    settings.PAYOS_CHANNELS = {}
    assert tell(body_for(parcel)).status_code == 404
    assert nothing_was_stored()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": 149_999}, "wrong_amount"),
        ({"amount": 150_001}, "wrong_amount"),
        ({"currency": "USD"}, "wrong_currency"),
        ({"description": "tien hang"}, "no_reference"),
    ],
)
def test_what_does_not_fit_waits_for_a_person(tell, parcel, change, reason):
    assert tell(body_for(parcel, **change)).status_code == 200
    assert paid(parcel) == "awaiting"
    assert UnmatchedMoney.objects.get().reason == reason


def test_a_late_notice_of_a_cancelled_parcel_waits(tell, parcel):
    cancel_parcel(parcel=parcel, by=None, now=NOW, reason="unpaid")
    tell(body_for(parcel))
    assert not PaymentFact.objects.exists()
    assert UnmatchedMoney.objects.get().reason == "too_late"


def test_the_check_of_the_address_is_answered_and_stores_nothing(tell, parcel):
    content = json.loads(body_for(parcel)) | {"code": "01"}
    assert tell(json.dumps(content).encode()).status_code == 200
    assert nothing_was_stored()
