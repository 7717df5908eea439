"""Payouts as transfers at Stripe, by the real client library, against the stand-in."""

from datetime import timedelta

import pytest

from marketplace.ledger.selectors import owed_to
from marketplace.payment.card import start_card_payment
from marketplace.payment.providers.base import ProviderRefusedError, ProviderUnavailableError
from marketplace.payment.providers.choice import card_provider
from marketplace.settlement import payouts
from marketplace.settlement.models import Payout
from marketplace.settlement.payouts import PayoutStateError, TransferUnknownError
from marketplace.settlement.sellers import connect_account
from marketplace.settlement.sweep import sweep
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.orders import PLACED_AT
from tests.factories.payments import attempt_of, prepaid_order
from tests.factories.settlement import PERIOD_TO, SWEPT_AT, finance_person, sold_parcel

pytestmark = pytest.mark.django_db


@pytest.fixture
def payout(stripe, now) -> Payout:
    """Approved twice, for a cooperative with an account; Stripe holds the money of two orders."""
    for _ in range(2):
        order = prepaid_order(now=now)
        start_card_payment(order=order, now=now)
        stripe.pay(attempt_of(order).external_id)
    cooperative = CooperativeFactory()
    connect_account(cooperative=cooperative, account=stripe.add_account()["id"], now=PLACED_AT)
    sold_parcel(cooperative, paid_by="card")
    found = next(s for s in sweep(period_to=PERIOD_TO, now=SWEPT_AT) if s.cooperative == cooperative).payout
    for person in (finance_person(), finance_person()):
        found = payouts.approve(payout=found, by=person, now=SWEPT_AT)
    return found


@pytest.fixture
def person():
    return finance_person()


def send(payout: Payout, person, *, now=SWEPT_AT) -> Payout:
    return payouts.send_by_stripe(payout=payout, provider=card_provider(), by=person, now=now)


def test_a_payout_becomes_one_transfer(stripe, payout, person):
    paid = send(payout, person)
    (row,) = stripe.state()["transfer"]
    assert (paid.status, paid.reference) == ("paid", row["id"])
    assert (row["amount"], row["transfer_group"]) == (payout.amount, payout.statement.number)
    assert owed_to(payout.statement.cooperative_id) == 0


def test_a_lost_answer_is_found_again_under_the_same_key(stripe, payout, person):
    stripe.fault("reset_after", path="/v1/transfers", times=3)
    with pytest.raises(ProviderUnavailableError):
        send(payout, person)
    with pytest.raises(PayoutStateError):
        payouts.mark_failed(payout=payout, by=person, now=SWEPT_AT, note="")
    assert send(payout, person).status == "paid"
    assert len(stripe.state()["transfer"]) == 1


def test_after_a_day_a_person_looks_it_up(stripe, payout, person):
    stripe.fault("reset_after", path="/v1/transfers", times=3)
    with pytest.raises(ProviderUnavailableError):
        send(payout, person)
    later = SWEPT_AT + timedelta(days=1)
    with pytest.raises(TransferUnknownError):
        send(payout, person, now=later)
    (row,) = stripe.state()["transfer"]
    paid = payouts.mark_paid(payout=payout, reference=row["id"], by=person, now=later)
    assert (paid.status, paid.reference) == ("paid", row["id"])


def test_what_stripe_refuses_waits_for_approval_anew(stripe, payout, person):
    stripe.activate_account(payout.statement.cooperative.connected_account.account, active=False)
    with pytest.raises(ProviderRefusedError):
        send(payout, person)
    payout.refresh_from_db()
    assert (payout.status, payout.turn) == ("pending", 2)
    assert not stripe.state()["transfer"]
    assert owed_to(payout.statement.cooperative_id) == payout.amount
