"""Refunds by the card's provider, over Stripe's own client library: late, lost, refused, told twice, made elsewhere."""

from datetime import timedelta

import pytest

from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance, owed_to
from marketplace.order.services import cancel_parcel
from marketplace.payment.card import start_card_payment
from marketplace.payment.facts import apply_fact
from marketplace.payment.models import PaymentAttempt, Refund, UnmatchedMoney
from marketplace.payment.providers.choice import card_provider
from marketplace.payment.reconcile import reconcile_payments
from marketplace.payment.refund_sending import read_refund, send_due_refunds
from marketplace.payment.refunds import refund_unmatched, request_refund
from tests.factories.listings import ListingFactory
from tests.factories.money import assert_books_balance, given_back, pay_cash
from tests.factories.payments import PARCEL_TOTAL, attempt_of, prepaid_order

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def parcel(stripe, now):
    """Paid on Stripe's page."""
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(stripe.state()["checkout.session"][0]["id"])
    reconcile_payments(now=now + MINUTE)
    parcel = order.parcels.get()
    assert parcel.payment_status == "paid"
    return parcel


def ask(parcel, now, *, key="1", amount=50_000):
    return request_refund(parcel=parcel, key=key, reason="damaged", amount=amount, now=now)[0]


def at_stripe(stripe):
    return [(refund["amount"], refund["status"]) for refund in stripe.state()["refund"]]


def test_it_is_made_at_stripe_and_known_at_once(stripe, parcel, now):
    refund = ask(parcel, now)
    before = balance(Account.Kind.CARD_CLEARING)
    assert send_due_refunds(now=now) == 1
    refund.refresh_from_db()
    parcel.refresh_from_db()
    assert at_stripe(stripe) == [(50_000, "succeeded")]
    assert (refund.status, refund.external_id[:3]) == ("succeeded", "re_")
    assert (parcel.amount_refunded, parcel.payment_status) == (50_000, "part_refunded")
    assert balance(Account.Kind.CARD_CLEARING) == before - 50_000
    assert owed_to(parcel.cooperative_id) == PARCEL_TOTAL - 50_000
    assert send_due_refunds(now=now + MINUTE) == 0
    assert_books_balance()


@pytest.mark.parametrize("fault", ["error", "error_after", "error_saved", "reset", "reset_after"])
def test_an_answer_that_is_lost_makes_one_refund(stripe, parcel, now, fault):
    refund = ask(parcel, now)
    stripe.fault(fault, "/v1/refunds", times=3)
    for minutes in range(0, 20, 5):
        send_due_refunds(now=now + minutes * MINUTE)
    if fault == "error_saved":
        # Stripe repeats that failure under the key for a day.
        assert at_stripe(stripe) == []
        stripe.advance_clock(25 * 3600)
        send_due_refunds(now=now + timedelta(hours=25))
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert at_stripe(stripe) == [(50_000, "succeeded")]


def test_while_stripe_is_down_the_refund_waits(stripe, parcel, now):
    refund = ask(parcel, now)
    stripe.fault("error", "/v1/refunds", times=3)
    assert send_due_refunds(now=now) == 0
    refund.refresh_from_db()
    assert (refund.status, bool(refund.last_error)) == ("requested", True)
    assert send_due_refunds(now=now + MINUTE) == 0
    assert send_due_refunds(now=now + 3 * MINUTE) == 1


def test_one_that_takes_its_time_is_read_until_it_is_done(stripe, parcel, now):
    refund = ask(parcel, now)
    stripe.refund_outcome("pending")
    assert send_due_refunds(now=now) == 0
    refund.refresh_from_db()
    assert refund.status == "pending"
    stripe.settle_refund(refund.external_id, "succeeded")
    assert send_due_refunds(now=now + 10 * MINUTE) == 0
    assert send_due_refunds(now=now + 61 * MINUTE) == 1
    parcel.refresh_from_db()
    assert parcel.amount_refunded == 50_000


def test_after_the_key_is_forgotten_what_was_made_is_found(stripe, parcel, now):
    refund = ask(parcel, now - timedelta(hours=30))
    provider = card_provider()
    answer = provider.refund(
        payment_id=attempt_of(parcel.order).payment_id,
        amount=50_000,
        currency="VND",
        idempotency_key="forgotten",
        metadata={"refund": refund.key},
    )
    assert send_due_refunds(now=now) == 1
    refund.refresh_from_db()
    assert (refund.status, refund.external_id) == ("succeeded", answer.external_id)
    assert len(at_stripe(stripe)) == 1


def test_what_stripe_refuses_is_failed_and_may_be_asked_for_again(stripe, parcel, now):
    card_provider().refund(
        payment_id=attempt_of(parcel.order).payment_id,
        amount=PARCEL_TOTAL,
        currency="VND",
        idempotency_key="by hand",
        metadata={},
    )
    refund = ask(parcel, now)
    assert send_due_refunds(now=now) == 1
    refund.refresh_from_db()
    parcel.refresh_from_db()
    assert (refund.status, bool(refund.last_error), parcel.amount_refunded) == ("failed", True, 0)
    assert ask(parcel, now, key="2").status == "requested"


def test_the_webhook_and_our_own_question_tell_the_same_once(stripe, parcel, now, tell):
    refund = ask(parcel, now)
    send_due_refunds(now=now)
    for event in [event for event in stripe.events() if "refund" in event["type"]]:
        for _ in range(2):
            assert tell(event["id"]).status_code == 200
    refund.refresh_from_db()
    assert read_refund(provider=card_provider(), external_id=refund.external_id, now=now) == "succeeded"
    parcel.refresh_from_db()
    assert parcel.amount_refunded == 50_000
    assert Refund.objects.count() == 1
    assert_books_balance()


def test_one_made_at_stripes_own_desk_is_taken_off_the_parcels(stripe, now):
    order = prepaid_order(ListingFactory(), ListingFactory(), now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(stripe.state()["checkout.session"][0]["id"])
    reconcile_payments(now=now + MINUTE)
    answer = card_provider().refund(
        payment_id=attempt_of(order).payment_id, amount=60_001, currency="VND", idempotency_key="desk", metadata={}
    )
    for _ in range(2):
        read_refund(provider=card_provider(), external_id=answer.external_id, now=now)
    assert [int(parcel.amount_refunded) for parcel in order.parcels.order_by("pk")] == [30_001, 30_000]
    assert_books_balance()


def test_a_cancelled_parcel_and_money_that_fits_nothing_go_back_to_the_card(stripe, parcel, now):
    cancel_parcel(parcel=parcel, by=None, now=now, reason="buyer")
    assert send_due_refunds(now=now) == 1
    money = UnmatchedMoney.objects.create(
        provider="stripe",
        reference="pi_unknown",
        amount=1_000,
        reason="paid_twice",
        occurred_at=now,
        recorded_at=now,
    )
    refund_unmatched(money=money, now=now)
    # Stripe does not know that payment: it refuses, and a person sees it.
    assert send_due_refunds(now=now) == 1
    assert sorted(Refund.objects.values_list("status", flat=True)) == ["failed", "succeeded"]
    assert at_stripe(stripe) == [(PARCEL_TOTAL, "succeeded")]


@pytest.fixture
def unmatched(stripe, now):
    """Paid by card although the cooperative has had the cash."""
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    parcel = order.parcels.get()
    pay_cash(parcel, now=now)
    stripe.pay(attempt_of(order).external_id)
    reconcile_payments(now=now + MINUTE)
    return UnmatchedMoney.objects.get()


def untouched(money) -> bool:
    """The parcel keeps the cash that it received, and the books nothing but it and Stripe's fee."""
    parcel = money.attempt.order.parcels.get()
    assert_books_balance()
    return (
        parcel.amount_refunded,
        parcel.payment_status,
        balance(Account.Kind.REFUNDS_PAID, parcel.cooperative_id),
    ) == (
        0,
        "paid",
        0,
    )


def desk(money, amount=PARCEL_TOTAL, key="desk"):
    return card_provider().refund(
        payment_id=money.reference, amount=amount, currency="VND", idempotency_key=key, metadata={}
    )


@pytest.mark.parametrize("is_asked_for", [False, True])
@pytest.mark.parametrize("has_attempt", [True, False])
def test_money_that_fits_nothing_and_is_given_back_at_stripes_desk_leaves_the_queue(
    stripe, unmatched, now, tell, is_asked_for, has_attempt
):
    if not has_attempt:
        PaymentAttempt.objects.update(payment_id="", external_id="")
    if is_asked_for:
        refund_unmatched(money=unmatched, now=now)
    desk(unmatched)
    for event in stripe.events() * 2:
        assert tell(event["id"]).status_code == 200
    unmatched.refresh_from_db()
    assert (unmatched.status, Refund.objects.get().status) == ("refunded", "succeeded")
    assert untouched(unmatched)
    assert send_due_refunds(now=now + MINUTE) == 0


def test_a_part_of_it_given_back_there_leaves_the_rest_to_a_person(stripe, unmatched, now, tell):
    desk(unmatched, 40_000)
    for event in stripe.events():
        tell(event["id"])
    unmatched.refresh_from_db()
    assert (unmatched.status, Refund.objects.count()) == ("open", 0)
    assert untouched(unmatched)


def test_one_that_failed_for_money_that_fits_nothing_is_asked_for_anew(stripe, unmatched, now):
    refund = refund_unmatched(money=unmatched, now=now)
    stripe.refund_outcome("failed")
    assert send_due_refunds(now=now) == 1
    stripe.refund_outcome("succeeded")
    for _press in range(2):
        refund_unmatched(money=unmatched, now=now + MINUTE)
    assert send_due_refunds(now=now + MINUTE) == 1
    refund.refresh_from_db()
    unmatched.refresh_from_db()
    assert (refund.status, unmatched.status) == ("succeeded", "refunded")


def test_without_a_provider_refunds_wait(settings, parcel, now):
    refund = ask(parcel, now)
    settings.STRIPE_SECRET_KEY = ""
    assert send_due_refunds(now=now) == 0
    refund.refresh_from_db()
    assert refund.status == "requested"
    assert apply_fact(fact=given_back(refund, now=now), target=refund, now=now) == "applied"
