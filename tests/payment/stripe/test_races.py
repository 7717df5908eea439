"""Payments that are told at the same moment, and goods let go at the moment they are paid."""

import threading
import time

import pytest
from django.db import connections
from django.test import Client

from cooperatives.partner.models import StockRecord
from marketplace.ledger.models import Entry, Transaction
from marketplace.order.links import order_path
from marketplace.order.models import Order, Parcel
from marketplace.outbox.models import OutboxMessage
from marketplace.payment.card import start_card_payment
from marketplace.payment.facts import Fact, apply_fact
from marketplace.payment.holds import expire_holds
from marketplace.payment.models import PaymentFact, ProviderEvent, UnmatchedMoney
from marketplace.payment.reconcile import reconcile_payments
from tests.checkout.test_races import all_at_once
from tests.factories.listings import ListingFactory
from tests.factories.payments import PARCEL_TOTAL, TRANSFER, attempt_of, prepaid_order
from tests.payment.stripe.test_holds import MINUTE, OVER
from tests.payment.stripe.test_webhooks import WEBHOOK

pytestmark = pytest.mark.django_db(transaction=True)
LATER = 24 * 60 * MINUTE


def deliver(stripe, event_id: str) -> int:
    signed = stripe.signed_event(event_id)
    header = {"Stripe-Signature": signed["signature"]}
    return Client().post(WEBHOOK, signed["body"].encode(), content_type="application/json", headers=header).status_code


@pytest.mark.parametrize("workers", [8])
def test_the_events_of_a_payment_told_at_once_are_one_payment(stripe, now, workers):
    order = prepaid_order(ListingFactory(), ListingFactory(), now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    events = [
        event["id"]
        for event in stripe.events()
        if event["type"] in {"payment_intent.succeeded", "checkout.session.completed"}
    ]
    answers = all_at_once(lambda turn: deliver(stripe, events[turn % 2]), workers, workers=workers)
    assert answers == [200] * workers
    reconcile_payments(now=now + 3 * MINUTE)
    assert PaymentFact.objects.count() == Transaction.objects.filter(kind="received").count() == 2
    assert Transaction.objects.filter(kind="provider_fee").count() == 1
    assert sum(Entry.objects.values_list("amount", flat=True)) == 0
    assert not UnmatchedMoney.objects.exists()
    assert not ProviderEvent.objects.filter(applied_at=None).exists()
    assert {parcel.amount_received for parcel in order.parcels.all()} == {PARCEL_TOTAL}


def test_pay_now_pressed_in_six_windows_at_once_leads_to_one_page(stripe, now):
    order = prepaid_order(now=now)
    pages = all_at_once(lambda _turn: start_card_payment(order=order, now=now), 6, workers=6)
    (session,) = stripe.state()["checkout.session"]
    assert set(pages) <= {session["url"], order_path(order)}
    assert session["url"] in pages


def pay_while_the_hold_ends(now) -> Parcel:
    """A transfer arrives in the moment in which its goods are let go."""
    order = prepaid_order(now=now, method=TRANSFER)
    fact = Fact(provider="transfer", reference=order.number, amount=PARCEL_TOTAL, currency="VND", occurred_at=now)
    acts = (
        lambda: apply_fact(fact=fact, target=attempt_of(order), now=now + LATER),
        lambda: expire_holds(now=now + LATER),
    )
    for result in all_at_once(lambda turn: acts[turn](), 2, workers=2):
        assert not isinstance(result, Exception), result
    return order.parcels.get()


def wait_for_a_payment(*, of: Order) -> None:
    for _turn in range(600):
        if PaymentFact.objects.filter(parcel__order=of).exists():
            return
        time.sleep(0.1)


def is_settled_one_way(parcel: Parcel) -> bool:
    """Paid and kept, or let go and the money unmatched."""
    held = sum(StockRecord.objects.filter(line__parcel=parcel).values_list("num_allocated", flat=True))
    state = (
        parcel.status,
        held,
        PaymentFact.objects.filter(parcel=parcel).count(),
        UnmatchedMoney.objects.filter(parcel=parcel).count(),
    )
    return state in {("placed", 2, 1, 0), ("cancelled", 0, 0, 1)}


@pytest.mark.postgres
def test_a_hold_that_ends_as_the_payment_succeeds_ends_one_way(now):
    parcels = [pay_while_the_hold_ends(now) for _ in range(10)]
    assert all(is_settled_one_way(parcel) for parcel in parcels)


@pytest.mark.postgres
def test_without_the_locks_the_same_race_takes_money_for_goods_that_are_let_go(now, monkeypatch):
    """The control: a race that this cannot lose would prove nothing. Both read order and parcel before either writes."""
    both, reads = threading.Barrier(2), threading.local()

    def read_and_wait(rows):
        found = list(rows.order_by("pk"))
        reads.count = getattr(reads, "count", 0) + 1
        if reads.count <= 2:
            both.wait(60)
        if reads.count == 3:
            # Only who lets go reads again, to cancel: were both to write at once, the database would stop one of them.
            wait_for_a_payment(of=found[0])
        return found

    for module in ("payment.facts", "payment.holds", "order.locks"):
        monkeypatch.setattr(f"marketplace.{module}.locked", read_and_wait)
    assert not is_settled_one_way(pay_while_the_hold_ends(now))


@pytest.mark.parametrize("delay", [0, 0.02, 0.05])
def test_a_card_that_is_paid_as_its_hold_ends_is_paid_or_cancelled_and_never_both(stripe, now, delay):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    session = attempt_of(order).external_id

    def pay():
        time.sleep(delay)
        try:
            stripe.pay(session)
        except Exception:  # noqa: BLE001 - closed already
            return
        finally:
            connections.close_all()

    buyer = threading.Thread(target=pay)
    buyer.start()
    expire_holds(now=now + OVER)
    buyer.join()
    reconcile_payments(now=now + OVER)
    expire_holds(now=now + OVER)
    parcel = order.parcels.get()
    is_paid = stripe.state()["checkout.session"][0]["payment_status"] == "paid"
    assert (parcel.status, parcel.payment_status) == (("placed", "paid") if is_paid else ("cancelled", "unpaid"))
    assert not UnmatchedMoney.objects.exists()
    assert OutboxMessage.objects.filter(key__contains="event").count() == (0 if is_paid else 1)
