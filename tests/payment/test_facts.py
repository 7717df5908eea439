"""The one function in which every way of being paid ends: what fits is applied once, what does not is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.ledger.models import Account, Entry
from marketplace.ledger.selectors import balance, owed_to
from marketplace.order.models import Parcel
from marketplace.order.services import cancel_parcel
from marketplace.payment.attempts import open_attempts
from marketplace.payment.facts import Fact, Outcome, apply_fact
from marketplace.payment.models import PaymentAttempt, PaymentFact, Refund, UnmatchedMoney
from tests.factories.listings import ListingFactory
from tests.factories.money import pay_cash
from tests.factories.orders import do
from tests.factories.payments import PARCEL_TOTAL, TRANSFER, attempt_of, prepaid_order

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOTAL = 2 * PARCEL_TOTAL


@pytest.fixture
def order():
    """By card, of two cooperatives."""
    return prepaid_order(ListingFactory(), ListingFactory(), now=NOW)


def fact(amount: int = TOTAL, **changes) -> Fact:
    said = {"provider": "stripe", "reference": "pi_1", "amount": amount, "currency": "VND", "occurred_at": NOW + MINUTE}
    return Fact(**{**said, **changes})


def apply(order, told: Fact, *, now=NOW + 2 * MINUTE) -> Outcome:
    return apply_fact(fact=told, target=attempt_of(order), now=now)


def assert_unmatched(order, reason: str) -> None:
    assert UnmatchedMoney.objects.get().reason == reason
    assert not PaymentFact.objects.exists()
    assert not Entry.objects.exists()
    assert not order.parcels.exclude(paid_at=None).exists()


def test_a_card_pays_every_parcel_its_share_and_each_cooperative_is_owed_its_own(order):
    assert apply(order, fact()) == Outcome.APPLIED
    attempt = attempt_of(order)
    assert (attempt.status, attempt.finished_at) == ("succeeded", NOW + 2 * MINUTE)
    for parcel in order.parcels.all():
        assert (parcel.payment_status, parcel.paid_at, parcel.hold_expires_at) == ("paid", NOW + MINUTE, None)
        assert owed_to(parcel.cooperative_id) == PARCEL_TOTAL
        assert parcel.payment_facts.get().amount == PARCEL_TOTAL
    assert balance(Account.Kind.CARD_CLEARING) == TOTAL
    assert sum(Entry.objects.values_list("amount", flat=True)) == 0


def test_money_to_the_cooperatives_own_account_is_no_debt_of_ours():
    order = prepaid_order(now=NOW, method=TRANSFER)
    apply(order, fact(PARCEL_TOTAL, provider="transfer", reference="FT26324"))
    cooperative_id = order.parcels.get().cooperative_id
    assert owed_to(cooperative_id) == 0
    assert balance(Account.Kind.RECEIVED_DIRECTLY, cooperative_id) == PARCEL_TOTAL
    assert balance(Account.Kind.CARD_CLEARING) == 0


@pytest.mark.parametrize("amount", [TOTAL - 1, TOTAL + 1, 1, PARCEL_TOTAL])
def test_another_amount_is_kept_and_marks_nothing_paid(order, amount):
    assert apply(order, fact(amount)) == Outcome.UNMATCHED
    assert_unmatched(order, "wrong_amount")


@pytest.mark.parametrize("currency", ["USD", "usd", ""])
def test_another_currency_is_kept_and_marks_nothing_paid(order, currency):
    assert apply(order, fact(currency=currency)) == Outcome.UNMATCHED
    assert_unmatched(order, "wrong_currency")


def test_told_twice_it_counts_once(order):
    assert [apply(order, fact()) for _ in range(3)] == [Outcome.APPLIED, Outcome.KNOWN, Outcome.KNOWN]
    assert PaymentFact.objects.count() == 2
    assert balance(Account.Kind.CARD_CLEARING) == TOTAL


def test_what_fits_nothing_is_kept_once_too(order):
    assert [apply(order, fact(1)) for _ in range(2)] == [Outcome.UNMATCHED, Outcome.KNOWN]
    assert UnmatchedMoney.objects.count() == 1


def test_a_second_payment_of_the_same_order_waits_to_be_given_back(order):
    apply(order, fact())
    assert apply(order, fact(reference="pi_2")) == Outcome.UNMATCHED
    money = UnmatchedMoney.objects.get()
    assert (money.reason, money.amount, money.attempt, money.cooperative) == (
        "paid_twice",
        TOTAL,
        attempt_of(order),
        None,
    )
    assert balance(Account.Kind.CARD_CLEARING) == TOTAL


def test_money_for_an_order_that_is_cancelled_waits_to_be_given_back(order):
    for parcel in order.parcels.all():
        cancel_parcel(parcel=parcel, by=None, now=NOW, reason="unpaid")
    assert apply(order, fact()) == Outcome.UNMATCHED
    assert_unmatched(order, "too_late")


def test_of_an_order_that_is_cancelled_in_part_every_share_is_received(order):
    cancelled, kept = order.parcels.order_by("pk")
    cancel_parcel(parcel=cancelled, by=None, now=NOW, reason="out_of_stock")
    assert apply(order, fact()) == Outcome.APPLIED
    kept.refresh_from_db()
    cancelled.refresh_from_db()
    assert (kept.payment_status, cancelled.status) == ("paid", "cancelled")
    assert {parcel.amount_received for parcel in order.parcels.all()} == {PARCEL_TOTAL}
    assert balance(Account.Kind.CARD_CLEARING) == TOTAL


def test_money_for_parcels_that_have_come_back_waits_and_of_one_among_others_is_promised_back(order):
    first, second = order.parcels.order_by("pk")
    for act in ("confirm", "pack", "ship", "fail", "start_return", "return"):
        first = do(first, act, now=NOW)
    assert apply(order, fact()) == Outcome.APPLIED
    assert [refund.parcel for refund in Refund.objects.all()] == [first]
    assert Refund.objects.get().amount == PARCEL_TOTAL
    second.refresh_from_db()
    assert second.payment_status == "paid"


def test_money_for_an_order_that_has_come_back_waits_to_be_given_back():
    alone = prepaid_order(now=NOW)
    parcel = alone.parcels.get()
    for act in ("confirm", "pack", "ship", "fail", "start_return"):
        parcel = do(parcel, act, now=NOW)
    assert apply(alone, fact(PARCEL_TOTAL)) == Outcome.UNMATCHED
    assert_unmatched(alone, "too_late")


@pytest.mark.parametrize("kind", ["charged_back", "refunded"])
def test_what_is_taken_back_of_a_payment_that_brought_nothing_leaves_other_money_alone(kind):
    order = prepaid_order(now=NOW)
    parcel = order.parcels.get()
    pay_cash(parcel, now=NOW)
    apply(order, fact(PARCEL_TOTAL, reference="dp_1", kind=kind))
    parcel.refresh_from_db()
    assert (parcel.amount_refunded, parcel.payment_status) == (0, "paid")


def test_two_attempts_that_are_both_paid_pay_no_parcel_twice(order):
    """The first page, thought closed, was paid after all, when a second one for what was left had been paid."""
    cancelled, kept = order.parcels.order_by("pk")
    first = attempt_of(order)
    cancel_parcel(parcel=cancelled, by=None, now=NOW, reason="out_of_stock")
    with transaction.atomic():
        (second,) = open_attempts(order=order, parcels=[kept], now=NOW)
    apply_fact(fact=fact(PARCEL_TOTAL, reference="pi_2"), target=second, now=NOW)
    assert apply_fact(fact=fact(), target=first, now=NOW) == Outcome.UNMATCHED
    assert UnmatchedMoney.objects.get().reason == "paid_twice"
    kept.refresh_from_db()
    assert kept.amount_received == PARCEL_TOTAL


def test_the_same_number_of_another_provider_is_another_payment():
    first, second = prepaid_order(now=NOW), prepaid_order(now=NOW, method=TRANSFER)
    assert apply(first, fact(PARCEL_TOTAL, reference="1")) == Outcome.APPLIED
    assert apply(second, fact(PARCEL_TOTAL, provider="transfer", reference="1")) == Outcome.APPLIED


def test_one_payment_told_for_two_orders_pays_the_first_only(order):
    other = prepaid_order(ListingFactory(), ListingFactory(), now=NOW)
    assert [apply(order, fact()), apply(other, fact())] == [Outcome.APPLIED, Outcome.KNOWN]
    assert {parcel.payment_status for parcel in other.parcels.all()} == {"awaiting"}


def test_a_payment_dated_before_the_order_or_after_today_is_dated_between(order):
    apply(order, fact(occurred_at=NOW - timedelta(days=3)))
    assert {parcel.paid_at for parcel in order.parcels.all()} == {NOW}


TOLD = st.tuples(
    st.sampled_from(["pi_1", "pi_2", "pi_3"]),
    st.sampled_from([TOTAL, TOTAL - 1, TOTAL + 1, PARCEL_TOTAL, 1]),
    st.sampled_from(["VND", "USD"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(TOLD, max_size=8))
def test_whatever_is_told_in_whatever_order_the_books_agree(order, told):
    with transaction.atomic():
        for reference, amount, currency in told:
            apply(order, fact(amount, reference=reference, currency=currency))
        received = sum(PaymentFact.objects.values_list("amount", flat=True))
        paid = set(Parcel.objects.values_list("payment_status", flat=True))
        assert received == balance(Account.Kind.CARD_CLEARING)
        assert (received, paid) in [(0, {"awaiting"}), (TOTAL, {"paid"})]
        assert sum(Entry.objects.values_list("amount", flat=True)) == 0
        kept = UnmatchedMoney.objects.count() + PaymentFact.objects.values("reference").distinct().count()
        assert kept == len({reference for reference, _amount, _currency in told})
        transaction.set_rollback(True)
    PaymentAttempt.objects.filter(order=order).update(status="created", finished_at=None)
