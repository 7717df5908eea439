"""A card holder's bank asks its money back: opened, won, lost, told in every order."""

from itertools import permutations

import pytest

from marketplace.ledger.models import Account, Entry
from marketplace.ledger.selectors import balance, owed_to
from marketplace.order.services import cancel_parcel
from marketplace.payment.card import start_card_payment
from marketplace.payment.models import Dispute, PaymentFact, UnmatchedMoney
from marketplace.payment.providers.choice import card_provider
from marketplace.payment.reconcile import reconcile_payments
from marketplace.payment.refund_sending import send_due_refunds
from tests.factories.listings import ListingFactory
from tests.factories.money import pay_cash
from tests.factories.payments import PARCEL_TOTAL, attempt_of, prepaid_order

pytestmark = pytest.mark.django_db

TOTAL = 2 * PARCEL_TOTAL
OPENED, WITHDRAWN, CLOSED = "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"


@pytest.fixture
def order(stripe, now):
    """Of two cooperatives, paid at Stripe and not yet heard of."""
    order = prepaid_order(ListingFactory(), ListingFactory(), now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    return order


@pytest.fixture
def dispute(stripe, order):
    return stripe.open_dispute(stripe.state()["charge"][0]["id"])


def told(stripe, tell, *kinds: str) -> None:
    latest = {event["type"]: event["id"] for event in stripe.events()}
    for kind in kinds:
        assert tell(latest[kind]).status_code == 200


def owed(order) -> list[int]:
    return [owed_to(parcel.cooperative_id) for parcel in order.parcels.order_by("pk")]


def test_an_open_dispute_is_recorded_and_posts_nothing(stripe, tell, order, dispute):
    told(stripe, tell, OPENED, WITHDRAWN)
    row = Dispute.objects.get()
    assert (row.external_id, row.attempt, row.amount, row.status, row.closed_at) == (
        dispute["id"],
        attempt_of(order),
        TOTAL,
        "open",
        None,
    )
    assert owed(order) == [PARCEL_TOTAL, PARCEL_TOTAL]


def test_a_dispute_told_before_its_payment_brings_the_payment_with_it(stripe, tell, order, dispute):
    told(stripe, tell, OPENED)
    assert {parcel.payment_status for parcel in order.parcels.all()} == {"paid"}


def test_a_dispute_that_is_won_leaves_the_money_where_it_was(stripe, tell, order, dispute):
    told(stripe, tell, OPENED)
    stripe.close_dispute(dispute["id"], "won")
    told(stripe, tell, CLOSED)
    assert Dispute.objects.get().status == "won"
    assert owed(order) == [PARCEL_TOTAL, PARCEL_TOTAL]
    assert not PaymentFact.objects.filter(kind="charged_back").exists()


@pytest.mark.parametrize(
    "order_of_events", permutations([OPENED, WITHDRAWN, CLOSED, "checkout.session.completed"]), ids=" ".join
)
def test_a_dispute_that_is_lost_is_one_result_in_every_order_of_events(stripe, tell, order, dispute, order_of_events):
    stripe.close_dispute(dispute["id"], "lost")
    for _ in range(2):
        told(stripe, tell, *order_of_events)
    row = Dispute.objects.get()
    assert (row.status, row.closed_at is not None) == ("lost", True)
    assert PaymentFact.objects.filter(kind="charged_back").count() == 2
    assert {parcel.payment_status for parcel in order.parcels.all()} == {"refunded"}
    assert owed(order) == [0, 0]
    assert sum(Entry.objects.values_list("amount", flat=True)) == 0
    assert balance(Account.Kind.CARD_CLEARING) == -stripe.settings.fee_on(TOTAL)


def test_a_dispute_for_a_part_takes_it_from_each_parcel_by_its_share(stripe, tell, order):
    dispute = stripe.open_dispute(stripe.state()["charge"][0]["id"], amount=100_001)
    stripe.close_dispute(dispute["id"], "lost")
    told(stripe, tell, CLOSED)
    assert sorted(owed(order)) == [PARCEL_TOTAL - 50_001, PARCEL_TOTAL - 50_000]
    assert {parcel.payment_status for parcel in order.parcels.all()} == {"part_refunded"}


def test_a_dispute_that_was_never_told_is_found(stripe, order, dispute, now):
    stripe.close_dispute(dispute["id"], "lost")
    reconcile_payments(now=now)
    assert Dispute.objects.get().status == "lost"
    assert owed(order) == [0, 0]


def test_a_dispute_of_a_payment_that_is_not_ours_is_left_alone(stripe, tell, order, dispute):
    attempt = attempt_of(order)
    type(attempt).objects.update(external_id="cs_other", idempotency_key="other")
    told(stripe, tell, OPENED)
    assert not Dispute.objects.exists()


def test_a_refund_made_at_stripes_own_desk_is_taken_off_the_parcels(stripe, tell, order, now):
    payment = stripe.state()["payment_intent"][0]["id"]
    card_provider().refund(payment_id=payment, amount=100_000, currency="VND", idempotency_key="desk", metadata={})
    told(stripe, tell, "refund.created")
    assert owed(order) == [PARCEL_TOTAL - 50_000] * 2
    reconcile_payments(now=now)
    assert owed(order) == [PARCEL_TOTAL - 50_000] * 2


def test_of_an_order_cancelled_in_part_before_it_was_paid_that_share_goes_back_by_stripe(stripe, now):
    order = prepaid_order(ListingFactory(), ListingFactory(), now=now)
    start_card_payment(order=order, now=now)
    cancelled, _kept = order.parcels.order_by("pk")
    cancel_parcel(parcel=cancelled, by=None, now=now, reason="out_of_stock")
    stripe.pay(attempt_of(order).external_id)
    reconcile_payments(now=now)
    send_due_refunds(now=now)
    assert [(refund["amount"], refund["status"]) for refund in stripe.state()["refund"]] == [
        (PARCEL_TOTAL, "succeeded")
    ]
    cancelled.refresh_from_db()
    assert (cancelled.payment_status, owed(order)) == ("refunded", [0, PARCEL_TOTAL])


def test_a_lost_dispute_about_money_that_fits_nothing_touches_no_parcel(stripe, tell, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    parcel = order.parcels.get()
    pay_cash(parcel, now=now)
    stripe.pay(attempt_of(order).external_id)
    dispute = stripe.open_dispute(stripe.state()["charge"][0]["id"])
    stripe.close_dispute(dispute["id"], "lost")
    for event in stripe.events() * 2:
        assert tell(event["id"]).status_code == 200
    parcel.refresh_from_db()
    assert (parcel.amount_refunded, parcel.payment_status) == (0, "paid")
    money = UnmatchedMoney.objects.get()
    assert (money.status, money.refund.status, money.refund.reason) == ("refunded", "succeeded", "disputed")
    assert not PaymentFact.objects.filter(kind="charged_back").exists()
