"""A refund that the card's bank sends back, days after Stripe called it made: all that followed from it is undone, once."""

from datetime import timedelta
from itertools import permutations

import pytest

from cooperatives.linkage.models import SaleReduction
from marketplace.ledger.models import Account, Entry
from marketplace.ledger.selectors import balance, owed_to
from marketplace.order.services import cancel_parcel
from marketplace.outbox.models import OutboxMessage
from marketplace.payment.card import start_card_payment
from marketplace.payment.facts import Fact, apply_fact
from marketplace.payment.models import PaymentFact, Refund, UnmatchedMoney
from marketplace.payment.providers.choice import card_provider
from marketplace.payment.reconcile import reconcile_payments
from marketplace.payment.refund_sending import apply_answer, send_due_refunds
from marketplace.payment.refunds import refund_unmatched, request_refund
from marketplace.payment.selectors import failed_in_vain
from marketplace.settlement.checks import differences
from tests.factories.listings import ListingFactory
from tests.factories.orders import bring_to
from tests.factories.payments import PARCEL_TOTAL, attempt_of, prepaid_order

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
CREATED, UPDATED, FAILED = "refund.created", "refund.updated", "refund.failed"


@pytest.fixture
def parcel(stripe, now):
    """Paid on Stripe's page, and delivered."""
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    reconcile_payments(now=now + MINUTE)
    order.lines.update(fee_rate=5)
    return bring_to(order.parcels.get(), "delivered", now=now + MINUTE)


@pytest.fixture
def refund(stripe, parcel, now):
    """Of 50.000 ₫, made at Stripe as it says, and not yet told by it."""
    (refund,) = request_refund(parcel=parcel, key="1", reason="damaged", lines={parcel.lines.get().pk: 50_000}, now=now)
    return refund


def books(parcel):
    parcel.refresh_from_db()
    assert differences() == []
    return (
        int(parcel.amount_refunded),
        parcel.payment_status,
        owed_to(parcel.cooperative_id),
        balance(Account.Kind.CARD_CLEARING),
        int(sum(SaleReduction.objects.values_list("amount", flat=True))),
    )


def told(stripe, tell, *kinds: str) -> None:
    latest = {event["type"]: event["id"] for event in stripe.events()}
    for kind in kinds:
        assert tell(latest[kind]).status_code == 200


def test_the_books_the_fee_and_the_evidence_are_as_before_the_refund(stripe, tell, parcel, refund, now):
    before = books(parcel)
    send_due_refunds(now=now + 5 * MINUTE)
    assert books(parcel)[0] == 50_000
    stripe.settle_refund(stripe.state()["refund"][0]["id"], "failed")
    told(stripe, tell, FAILED)
    assert books(parcel) == before
    refund.refresh_from_db()
    assert (refund.status, bool(refund.last_error)) == ("failed", True)
    assert list(Refund.objects.filter(failed_in_vain())) == [refund]
    assert sorted(PaymentFact.objects.values_list("kind", flat=True)) == ["received", "refunded", "sent_back"]
    assert OutboxMessage.objects.filter(key__startswith=f"refund:{refund.pk}:failed").count() == 1


@pytest.mark.parametrize("is_known", [True, False], ids=["heard of before", "never heard of"])
@pytest.mark.parametrize("order_of_events", permutations([CREATED, UPDATED, FAILED]), ids=" ".join)
def test_told_in_any_order_and_again_it_is_one_result(stripe, tell, parcel, refund, now, order_of_events, is_known):
    before = books(parcel)
    if is_known:
        send_due_refunds(now=now + 5 * MINUTE)
    else:
        stripe.fault("reset_after", "/v1/refunds", times=3)
        send_due_refunds(now=now + 5 * MINUTE)
    stripe.settle_refund(stripe.state()["refund"][0]["id"], "failed")
    for _ in range(3):
        told(stripe, tell, *order_of_events)
    reconcile_payments(now=now + 6 * MINUTE)
    send_due_refunds(now=now + timedelta(hours=2))
    assert books(parcel) == before
    assert PaymentFact.objects.filter(kind="sent_back").count() == is_known
    assert Refund.objects.get().status == "failed"


def test_an_answer_from_before_it_failed_changes_nothing_after_it(stripe, tell, parcel, refund, now):
    send_due_refunds(now=now + 5 * MINUTE)
    refund.refresh_from_db()
    early = card_provider().read_refund(refund.external_id)
    stripe.settle_refund(refund.external_id, "failed")
    told(stripe, tell, FAILED)
    after = books(parcel)
    apply_answer(refund=refund, answer=early, now=now + 6 * MINUTE)
    assert books(parcel) == after
    assert refund.status == "failed"


def test_the_money_can_be_given_back_anew(stripe, tell, parcel, refund, now):
    send_due_refunds(now=now + 5 * MINUTE)
    stripe.settle_refund(stripe.state()["refund"][0]["id"], "failed")
    told(stripe, tell, FAILED)
    lines = {parcel.lines.get().pk: 50_000}
    later = Refund.objects.get().finished_at + MINUTE
    request_refund(parcel=parcel, key="2", reason="damaged", lines=lines, now=later)
    assert not Refund.objects.filter(failed_in_vain()).exists()
    send_due_refunds(now=later)
    assert books(parcel)[0] == 50_000


def test_of_a_cancelled_parcel_the_buyer_is_owed_it(stripe, tell, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    reconcile_payments(now=now + MINUTE)
    parcel = order.parcels.get()
    cancel_parcel(parcel=parcel, by=None, now=now + MINUTE, reason="out_of_stock")
    send_due_refunds(now=now + 5 * MINUTE)
    stripe.settle_refund(stripe.state()["refund"][0]["id"], "failed")
    told(stripe, tell, FAILED)
    assert books(parcel)[:3] == (0, "paid", PARCEL_TOTAL)


def test_one_made_at_stripes_own_desk_is_undone_on_every_parcel(stripe, tell, now):
    order = prepaid_order(ListingFactory(), ListingFactory(), now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    reconcile_payments(now=now + MINUTE)
    before = [books(parcel)[:4] for parcel in order.parcels.order_by("pk")]
    answer = card_provider().refund(
        payment_id=attempt_of(order).payment_id, amount=60_001, currency="VND", idempotency_key="desk", metadata={}
    )
    told(stripe, tell, CREATED)
    assert Refund.objects.filter(status="succeeded").count() == 2
    stripe.settle_refund(answer.external_id, "failed")
    for _ in range(2):
        told(stripe, tell, FAILED, UPDATED, CREATED)
    assert [books(parcel)[:4] for parcel in order.parcels.order_by("pk")] == before
    assert OutboxMessage.objects.filter(key__contains=":failed").count() == 2


def test_what_the_marketplace_bore_of_it_is_undone_too(stripe, tell, parcel, now):
    """Stripe's desk gave back what a lost dispute takes as well: more than the parcel has left."""
    dispute = stripe.open_dispute(stripe.state()["charge"][0]["id"], amount=100_000)
    stripe.close_dispute(dispute["id"], "lost")
    told(stripe, tell, "charge.dispute.closed")
    loss = balance(Account.Kind.PROVIDER_FEES)
    attempt = attempt_of(parcel.order)

    def fact(kind):
        return Fact("stripe", "re_desk", 80_000, "VND", now, kind=kind)

    assert apply_fact(fact=fact("refunded"), target=attempt, now=now) == "applied"
    assert balance(Account.Kind.PROVIDER_FEES) == loss + 30_000
    outcomes = [apply_fact(fact=fact("sent_back"), target=attempt, now=now) for _ in range(2)]
    assert outcomes == ["applied", "known"]
    assert balance(Account.Kind.PROVIDER_FEES) == loss
    assert books(parcel)[0] == 100_000


def test_money_that_fits_nothing_waits_in_the_queue_again(stripe, tell, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    cancelled = order.parcels.get()
    stripe.pay(attempt_of(order).external_id)
    cancel_parcel(parcel=cancelled, by=None, now=now, reason="buyer")
    reconcile_payments(now=now)
    money = UnmatchedMoney.objects.get()
    refund_unmatched(money=money, now=now)
    send_due_refunds(now=now)
    stripe.settle_refund(stripe.state()["refund"][0]["id"], "failed")
    for _ in range(2):
        told(stripe, tell, FAILED, UPDATED)
    money.refresh_from_db()
    assert (money.status, money.resolved_at, Refund.objects.get().status) == ("open", None, "failed")
    assert not Entry.objects.filter(transaction__parcel__isnull=False).exists()
    refund_unmatched(money=money, now=now + MINUTE)
    send_due_refunds(now=now + MINUTE)
    money.refresh_from_db()
    assert money.status == "refunded"
