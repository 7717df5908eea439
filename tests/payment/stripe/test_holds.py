"""What happens when the goods' time runs out: at Stripe first, then here."""

from datetime import timedelta

import pytest

from cooperatives.partner.models import StockRecord
from marketplace.outbox.models import OutboxMessage
from marketplace.payment.card import start_card_payment
from marketplace.payment.facts import Fact, apply_fact
from marketplace.payment.holds import expire_holds
from marketplace.payment.models import PaymentAttempt, PaymentFact, UnmatchedMoney
from tests.factories.listings import ListingFactory
from tests.factories.payments import TRANSFER, attempt_of, prepaid_order

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
OVER = 35 * MINUTE


def allocated() -> int:
    return sum(StockRecord.objects.values_list("num_allocated", flat=True))


def test_a_page_that_nobody_paid_on_is_closed_and_the_order_cancelled_with_its_stock(stripe, now):
    order = prepaid_order(ListingFactory(), ListingFactory(), now=now)
    start_card_payment(order=order, now=now)
    assert expire_holds(now=now + OVER - MINUTE) == 0
    assert allocated() == 4
    assert expire_holds(now=now + OVER) == 2
    assert stripe.state()["checkout.session"][0]["status"] == "expired"
    order.refresh_from_db()
    assert (order.status, attempt_of(order).status, allocated()) == ("cancelled", "expired", 0)
    assert {(parcel.status, parcel.payment_status, parcel.hold_expires_at) for parcel in order.parcels.all()} == {
        ("cancelled", "unpaid", None)
    }
    assert set(order.parcels.values_list("events__reason", flat=True)) == {"", "unpaid"}


def test_twice_cancels_once(stripe, now):
    order = prepaid_order(now=now)
    assert [expire_holds(now=now + OVER) for _ in range(2)] == [1, 0]
    assert order.parcels.get().events.filter(to_status="cancelled").count() == 1
    assert OutboxMessage.objects.filter(subject__contains="hủy").count() <= 1


def test_money_that_was_quicker_is_applied_and_nothing_is_cancelled(stripe, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    assert expire_holds(now=now + OVER) == 0
    assert (order.parcels.get().status, order.parcels.get().payment_status, allocated()) == ("placed", "paid", 2)


def test_while_stripe_does_not_answer_the_goods_are_kept(stripe, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.fault("busy", times=100)
    assert expire_holds(now=now + OVER) == 0
    assert (order.parcels.get().status, allocated()) == ("placed", 2)
    stripe.clear_faults()
    assert expire_holds(now=now + OVER) == 1


def test_a_page_whose_answer_was_lost_is_found_and_closed_before_the_goods_are_let_go(stripe, now):
    order = prepaid_order(now=now)
    stripe.fault("reset_after", path="/v1/checkout/sessions", times=3)
    start_card_payment(order=order, now=now)
    assert attempt_of(order).status == "created"
    assert expire_holds(now=now + OVER) == 1
    assert stripe.state()["checkout.session"][0]["status"] == "expired"


def test_paid_on_a_page_whose_answer_was_lost_the_money_is_found(stripe, now):
    order = prepaid_order(now=now)
    stripe.fault("reset_after", path="/v1/checkout/sessions", times=3)
    start_card_payment(order=order, now=now)
    stripe.pay(stripe.state()["checkout.session"][0]["id"])
    assert expire_holds(now=now + OVER) == 0
    assert order.parcels.get().payment_status == "paid"


def test_without_a_key_any_more_a_page_is_taken_as_closed_when_its_time_is_long_over(stripe, settings, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    settings.STRIPE_SECRET_KEY = ""
    assert expire_holds(now=now + OVER) == 0
    assert expire_holds(now=now + OVER + timedelta(hours=1)) == 1
    assert PaymentAttempt.objects.get().status == "expired"


def test_of_two_parcels_to_be_paid_by_transfer_only_the_unpaid_one_runs_out(now):

    order = prepaid_order(ListingFactory(), ListingFactory(), now=now, method=TRANSFER)
    first, second = order.parcels.order_by("pk")
    paid = next(row for row in PaymentAttempt.objects.all() if first.pk in row.share_of)
    fact = Fact(provider="transfer", reference="FT1", amount=150_000, currency="VND", occurred_at=now)
    apply_fact(fact=fact, target=paid, now=now)
    assert expire_holds(now=now + timedelta(hours=24)) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("placed", "cancelled")
    assert set(PaymentAttempt.objects.values_list("status", flat=True)) == {"succeeded", "expired"}


def test_money_that_comes_after_the_goods_were_let_go_waits_for_a_person(now):

    order = prepaid_order(now=now, method=TRANSFER)
    expire_holds(now=now + timedelta(hours=24))
    fact = Fact(provider="transfer", reference="FT1", amount=150_000, currency="VND", occurred_at=now)
    apply_fact(fact=fact, target=PaymentAttempt.objects.get(), now=now + timedelta(hours=25))
    money = UnmatchedMoney.objects.get()
    assert (money.reason, money.parcel, money.cooperative) == (
        "too_late",
        order.parcels.get(),
        order.parcels.get().cooperative,
    )
    assert not PaymentFact.objects.exists()
