"""Stripe's events at our door: forged, old, malformed, twice, in parallel, in every order."""

import json
from itertools import permutations
from time import time

import pytest
from django.urls import reverse

from marketplace.ledger.models import Entry, Transaction
from marketplace.ledger.selectors import owed_to
from marketplace.payment.card import start_card_payment
from marketplace.payment.events import apply_event, store_event
from marketplace.payment.models import PaymentAttempt, PaymentFact, ProviderEvent, UnmatchedMoney
from marketplace.payment.providers.base import News
from marketplace.payment.providers.choice import card_provider
from tests.factories.listings import ListingFactory
from tests.factories.payments import PARCEL_TOTAL, attempt_of, prepaid_order
from tests.stripe_stand_in.webhooks import signature

pytestmark = pytest.mark.django_db

WEBHOOK = "/webhook/stripe/"


@pytest.fixture
def order(stripe, now):
    """Paid at Stripe, and we have not heard of it."""
    order = prepaid_order(ListingFactory(), ListingFactory(), now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    return order


def kinds(stripe) -> dict[str, str]:
    return {event["type"]: event["id"] for event in stripe.events()}


def post(client, body: bytes, header: str):
    return client.post(WEBHOOK, body, content_type="application/json", headers={"Stripe-Signature": header})


def test_the_address_is_where_the_tests_post(client):
    assert reverse("webhook:stripe") == WEBHOOK


def test_a_completed_session_marks_the_order_paid(stripe, tell, order):
    assert tell(kinds(stripe)["checkout.session.completed"]).status_code == 200
    assert {parcel.payment_status for parcel in order.parcels.all()} == {"paid"}
    event = ProviderEvent.objects.get()
    assert (event.applied_at is not None, event.outcome) == (True, "succeeded")


def test_of_an_event_only_what_is_read_again_is_kept_and_nothing_of_the_buyer(stripe, tell, order):
    tell(kinds(stripe)["checkout.session.completed"])
    payload = ProviderEvent.objects.get().payload
    assert set(payload) == {"created", "object"}
    assert payload["object"] == attempt_of(order).external_id


def test_a_forged_an_old_and_an_unsigned_event_are_refused_and_not_stored(stripe, tell, client, order):
    event = kinds(stripe)["checkout.session.completed"]
    assert tell(event, secret="whsec_other").status_code == 400
    assert tell(event, age=301).status_code == 400
    assert post(client, stripe.signed_event(event)["body"].encode(), "").status_code == 400
    assert client.post(WEBHOOK, b"{}", content_type="application/json").status_code == 400
    assert not ProviderEvent.objects.exists()
    assert order.parcels.first().payment_status == "awaiting"


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"[]", b"null", b'"text"', b"{}", b'{"id":1,"object":"event"}', b"{", b'{"id":"evt_1","type":"x","data":{}}',
             b'{"id":"evt_1","object":"event","type":"x","created":1,"data":{"object":{}}}']
)  # fmt: skip
def test_what_is_not_an_event_is_refused_even_when_it_is_signed(stripe, client, body):
    try:
        header = signature(body, stripe.webhook_secret, at=int(time()))
    except UnicodeDecodeError:
        header = "t=1,v1=00"
    assert post(client, body, header).status_code == 400
    assert not ProviderEvent.objects.exists()


def test_who_goes_on_forging_is_told_to_wait_and_stripe_is_not(stripe, tell, client, order, monkeypatch):
    monkeypatch.setattr("marketplace.payment.webhooks._REFUSALS", 3)
    monkeypatch.setattr("marketplace.payment.webhooks._SECONDS", 86_400)
    assert [post(client, b"{}", "").status_code for _ in range(5)] == [400, 400, 400, 429, 429]
    assert tell(kinds(stripe)["checkout.session.completed"]).status_code == 200


def test_a_body_that_was_changed_after_signing_is_refused(stripe, client, order):
    signed = stripe.signed_event(kinds(stripe)["checkout.session.completed"])
    changed = signed["body"].replace(str(2 * PARCEL_TOTAL), "1")
    assert post(client, changed.encode(), signed["signature"]).status_code == 400


def test_without_a_key_there_is_no_such_address(client, settings):
    settings.STRIPE_SECRET_KEY = ""
    assert post(client, b"{}", "").status_code == 404


def test_an_event_of_a_kind_that_we_do_not_follow_is_stored_and_nothing_happens(stripe, client, now):
    body = json.dumps(
        {
            "id": "evt_1",
            "object": "event",
            "type": "customer.created",
            "created": 1,
            "data": {"object": {"id": "cus_1", "object": "customer"}},
        }
    ).encode()
    assert post(client, body, signature(body, stripe.webhook_secret, at=int(time()))).status_code == 200
    assert ProviderEvent.objects.get().outcome == "ignored"


ORDERS = list(permutations(["payment_intent.succeeded", "checkout.session.completed", "charge.succeeded"]))


@pytest.mark.parametrize("order_of_events", ORDERS, ids=" ".join)
def test_the_events_of_a_payment_in_every_order_and_three_times_are_one_payment(stripe, tell, order, order_of_events):
    for _ in range(3):
        for kind in order_of_events:
            assert tell(kinds(stripe)[kind]).status_code == 200
    assert PaymentFact.objects.count() == 2
    assert Transaction.objects.filter(kind="received").count() == 2
    assert Transaction.objects.filter(kind="provider_fee").count() == 1
    assert sum(Entry.objects.values_list("amount", flat=True)) == 0
    assert [owed_to(parcel.cooperative_id) for parcel in order.parcels.all()] == [PARCEL_TOTAL, PARCEL_TOTAL]


def test_an_old_expired_event_after_the_payment_takes_nothing_back(stripe, tell, order, now):
    tell(kinds(stripe)["checkout.session.completed"])
    body = stripe.signed_event(kinds(stripe)["checkout.session.completed"])["body"]
    told = json.loads(body) | {"id": "evt_old", "type": "checkout.session.expired"}

    news = News(event_id=told["id"], kind=told["type"], object_id="", payload={"object": attempt_of(order).external_id})
    apply_event(provider=card_provider(), event=store_event(news=news, now=now), now=now)
    assert attempt_of(order).status == "succeeded"
    assert {parcel.payment_status for parcel in order.parcels.all()} == {"paid"}


def test_while_stripe_cannot_be_read_the_event_is_stored_answered_and_left_for_later(stripe, tell, order):
    event = kinds(stripe)["checkout.session.completed"]
    stripe.fault("busy", times=100)
    assert tell(event).status_code == 200
    stored = ProviderEvent.objects.get()
    assert (stored.applied_at, stored.failures, stored.outcome) == (None, 1, "ProviderUnavailableError")


def test_a_payment_whose_attempt_lost_its_answer_is_found_by_its_key(stripe, tell, order):
    PaymentAttempt.objects.update(external_id="", url="", status="created")
    tell(kinds(stripe)["payment_intent.succeeded"])
    assert attempt_of(order).status == "succeeded"


def test_money_on_a_page_of_ours_that_we_do_not_know_waits_for_a_person(stripe, tell, order):
    PaymentAttempt.objects.update(external_id="cs_other", idempotency_key="other")
    tell(kinds(stripe)["checkout.session.completed"])
    money = UnmatchedMoney.objects.get()
    assert (money.reason, money.amount, money.cooperative) == ("unknown_payment", 2 * PARCEL_TOTAL, None)
