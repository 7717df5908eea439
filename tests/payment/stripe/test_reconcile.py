"""What was never told is found: over Stripe's own client library, against the stand-in."""

from datetime import timedelta

import pytest
import stripe as stripe_library

from marketplace.ledger.models import Transaction
from marketplace.order.services import cancel_parcel
from marketplace.payment.card import start_card_payment
from marketplace.payment.models import PaymentAttempt, PaymentFact, ProviderCursor, ProviderEvent
from marketplace.payment.providers.stripe.pages import fee_of
from marketplace.payment.reconcile import reconcile_payments
from tests.factories.payments import attempt_of, prepaid_order

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_without_a_key_there_is_nothing_to_do(settings, now):
    settings.STRIPE_SECRET_KEY = ""
    assert reconcile_payments(now=now) == 0


def test_a_payment_that_was_never_told_is_found_in_the_list_of_events(stripe, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    reconcile_payments(now=now)
    assert order.parcels.get().payment_status == "paid"
    assert ProviderCursor.objects.get().events_read_until == now
    assert not ProviderEvent.objects.filter(applied_at=None).exists()
    before = ProviderEvent.objects.count()
    reconcile_payments(now=now + MINUTE)
    assert (ProviderEvent.objects.count(), PaymentFact.objects.count()) == (before, 1)


def test_an_attempt_is_read_even_when_its_events_are_gone(stripe, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    ProviderCursor.objects.create(provider="stripe", events_read_until=now + timedelta(days=1))
    reconcile_payments(now=now + MINUTE)
    assert order.parcels.get().payment_status == "awaiting"
    reconcile_payments(now=now + 3 * MINUTE)
    assert order.parcels.get().payment_status == "paid"


def test_a_call_whose_answer_was_lost_is_made_again_and_the_page_is_ready(stripe, now):
    order = prepaid_order(now=now)
    stripe.fault("reset_after", path="/v1/checkout/sessions", times=3)
    start_card_payment(order=order, now=now)
    reconcile_payments(now=now + 3 * MINUTE)
    attempt = attempt_of(order)
    assert (attempt.status, len(stripe.state()["checkout.session"])) == ("pending", 1)
    assert attempt.url == stripe.state()["checkout.session"][0]["url"]


def test_events_that_could_not_be_applied_are_applied_later(stripe, tell, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    stripe.fault("busy", times=1)
    tell(next(event["id"] for event in stripe.events("checkout.session.completed")))
    assert order.parcels.get().payment_status == "awaiting"
    reconcile_payments(now=now)
    assert order.parcels.get().payment_status == "paid"


def test_the_page_of_an_order_that_was_cancelled_is_closed(stripe, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    cancel_parcel(parcel=order.parcels.get(), by=None, now=now, reason="buyer")
    reconcile_payments(now=now)
    assert stripe.state()["checkout.session"][0]["status"] == "expired"
    assert attempt_of(order).status == "expired"


def test_stripes_fee_that_was_not_settled_yet_is_posted_later_and_once(stripe, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    reconcile_payments(now=now)
    fees = Transaction.objects.filter(kind="provider_fee")
    assert fees.count() == 1
    fees.get().entries.all()._raw_delete("default")
    fees._raw_delete("default")
    reconcile_payments(now=now + MINUTE)
    reconcile_payments(now=now + 2 * MINUTE)
    assert fees.count() == 1


@pytest.mark.parametrize(
    ("currency", "credited", "fee", "in_dong"),
    [("vnd", 300_000, 19_700, 19_700), ("sgd", 1_554, 103, 19_884), ("usd", 1_140, 1, 263), ("sgd", 0, 5, None)],
)
def test_a_fee_in_another_currency_is_as_much_of_the_charge_as_of_what_was_credited(currency, credited, fee, in_dong):
    charge = stripe_library.Charge.construct_from(
        {
            "id": "ch_1",
            "amount": 300_000,
            "currency": "vnd",
            "balance_transaction": {
                "id": "txn_1",
                "object": "balance_transaction",
                "amount": credited,
                "fee": fee,
                "currency": currency,
            },
        },
        "sk_test",
    )
    assert fee_of(charge) == in_dong


def test_while_stripe_is_down_a_pass_asks_twice_and_gives_up(stripe, now):
    for _ in range(4):
        start_card_payment(order=prepaid_order(now=now), now=now)
    stripe.fault("busy", times=1000)
    before = len(stripe.requests())
    reconcile_payments(now=now + 3 * MINUTE)
    assert len(stripe.requests()) - before == 3
    stripe.clear_faults()
    reconcile_payments(now=now + 6 * MINUTE)
    assert PaymentAttempt.objects.filter(status="pending", last_error="").count() == 4


def test_what_waits_too_long_raises_an_alarm(stripe, now, caplog):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.fault("busy", times=1000)
    reconcile_payments(now=now + 51 * MINUTE)
    assert "Unreconciled for 15 minutes: 0 events, 1 attempts" in caplog.text
