"""One statement a period and cooperative, of what is final, each transaction once."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from marketplace.ledger.models import Account, Transaction
from marketplace.ledger.selectors import owed_to
from marketplace.ledger.services import post, transfer
from marketplace.order import services as orders
from marketplace.payment.facts import apply_fact
from marketplace.payment.models import Dispute, PaymentAttempt, PaymentFact, Refund
from marketplace.settlement.models import Bill, Payout, PayoutEvent, Statement, StatementItem, StatementLine
from marketplace.settlement.sweep import PeriodNotOverError, sweep
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.money import given_back
from tests.factories.orders import PLACED_AT, ParcelFactory
from tests.factories.settlement import PERIOD_TO, SWEPT_AT, pay, sold_parcel

pytestmark = pytest.mark.django_db
NEXT = date(2026, 12, 31)
NEXT_AT = SWEPT_AT + timedelta(days=31)


@pytest.fixture
def cooperative():
    return CooperativeFactory()


def refund_by_marketplace(parcel, amount, *, now, key="r1"):
    """As the card's provider tells it: the money left the marketplace."""
    sides = transfer(debit=Account.Kind.REFUNDS_PAID, credit=Account.Kind.CARD_CLEARING, amount=amount)
    post(key=key, kind="refunded", sides=sides, cooperative_id=parcel.cooperative_id, parcel=parcel, now=now)


def test_money_collected_less_the_fee_is_paid_out(cooperative):
    parcel = sold_parcel(cooperative, paid_by="card")
    (statement,) = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    item = statement.items.get()
    fee = round(int(parcel.goods_total) * 25 / 1000)
    assert (item.parcel, item.goods, item.delivery, item.charged) == (parcel, parcel.goods_total, 30_000, parcel.total)
    assert (item.collected, item.fee, item.received_directly) == (parcel.total, fee, 0)
    assert statement.net == statement.balance == statement.payout.amount == parcel.total - fee
    assert statement.payout.status == Payout.Status.PENDING
    assert owed_to(cooperative.pk) == statement.balance
    assert (statement.period_from, statement.period_to) == (date(2026, 11, 1), PERIOD_TO)


@pytest.mark.parametrize("paid_by", ["cash", "transfer"])
def test_of_money_received_by_the_cooperative_the_fee_is_billed(cooperative, paid_by):
    parcel = sold_parcel(cooperative, paid_by=paid_by)
    (statement,) = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    item = statement.items.get()
    assert (item.received_directly, item.collected) == (parcel.total, 0)
    assert statement.bill.amount == item.fee == -statement.net
    assert not Payout.objects.exists()


def test_card_and_cash_are_one_net_payout(cooperative):
    card, cash = sold_parcel(cooperative, paid_by="card"), sold_parcel(cooperative)
    (statement,) = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    fees = statement.items.aggregate(total=Sum("fee"))["total"]
    assert statement.payout.amount == card.total - fees
    assert {item.parcel for item in statement.items.all()} == {card, cash}
    assert not Bill.objects.exists()


def test_each_cooperative_has_its_own(cooperative):
    sold_parcel(cooperative, paid_by="card")
    other = sold_parcel(CooperativeFactory(), paid_by="card")
    statements = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    assert len(statements) == 2
    assert statements[1].items.get().parcel == other


def test_sweeping_again_changes_nothing(cooperative):
    sold_parcel(cooperative, paid_by="card")
    first = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    assert sweep(period_to=PERIOD_TO, now=SWEPT_AT + timedelta(days=3)) == first
    assert [Statement.objects.count(), Payout.objects.count(), StatementItem.objects.count()] == [1, 1, 1]
    assert StatementLine.objects.count() == Transaction.objects.count()


def test_a_period_that_is_not_over_is_refused(cooperative):
    sold_parcel(cooperative, paid_by="card")
    with pytest.raises(PeriodNotOverError):
        sweep(period_to=SWEPT_AT.date(), now=SWEPT_AT)
    assert not Statement.objects.exists()


def test_without_anything_final_there_is_no_statement(cooperative):
    assert sweep(period_to=PERIOD_TO, now=SWEPT_AT) == []
    # Delivered on 24/11: it may come back until 01/12.
    late = sold_parcel(cooperative, paid_by="card", now=PLACED_AT + timedelta(days=4))
    assert sweep(period_to=PERIOD_TO, now=SWEPT_AT) == []
    (statement,) = sweep(period_to=NEXT, now=NEXT_AT)
    assert statement.items.get().parcel == late


def test_what_is_still_on_its_way_waits(cooperative):
    parcel = ParcelFactory(listing__cooperative=cooperative)
    pay(parcel, "card")
    assert sweep(period_to=PERIOD_TO, now=SWEPT_AT) == []
    assert owed_to(cooperative.pk) == parcel.total


def test_a_cancelled_parcel_waits_for_its_refund_and_then_comes_to_nothing(cooperative):
    parcel = ParcelFactory(listing__cooperative=cooperative)
    pay(parcel, "card")
    orders.cancel_parcel(parcel=parcel, by=None, now=PLACED_AT, reason="out_of_stock")
    refund = Refund.objects.get()
    assert sweep(period_to=PERIOD_TO, now=SWEPT_AT) == []
    apply_fact(fact=given_back(refund, now=PLACED_AT), target=refund, now=PLACED_AT)
    (statement,) = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    item = statement.items.get()
    assert (item.collected, item.refunded, item.net, item.charged) == (parcel.total, parcel.total, 0, 0)
    assert not Payout.objects.exists()
    assert not Bill.objects.exists()


def test_an_open_dispute_freezes_the_parcel(cooperative):
    parcel = sold_parcel(cooperative, paid_by="card")
    attempt = PaymentAttempt.objects.create(
        order=parcel.order, provider="stripe", amount=parcel.total, shares={}, idempotency_key="k", created_at=PLACED_AT
    )
    PaymentFact.objects.update(attempt=attempt)
    dispute = Dispute.objects.create(
        provider="stripe", external_id="dp_1", attempt=attempt, amount=parcel.total, opened_at=PLACED_AT
    )
    assert sweep(period_to=PERIOD_TO, now=SWEPT_AT) == []
    dispute.status = Dispute.Status.WON
    dispute.save()
    assert sweep(period_to=PERIOD_TO, now=SWEPT_AT)[0].items.get().parcel == parcel


@pytest.mark.parametrize("status", ["requested", "pending", "contested", "failed"])
def test_a_refund_on_its_way_holds_the_parcel_back(cooperative, status):
    parcel = sold_parcel(cooperative, paid_by="card")
    refund = Refund.objects.create(
        key="r", provider="stripe", parcel=parcel, amount=1, reason="other", status=status, created_at=PLACED_AT
    )
    assert sweep(period_to=PERIOD_TO, now=SWEPT_AT) == []
    refund.status = "succeeded"
    refund.save()
    assert len(sweep(period_to=PERIOD_TO, now=SWEPT_AT)) == 1


@pytest.mark.parametrize(("anew", "is_settled"), [("requested", False), ("failed", False), ("succeeded", True)])
def test_a_refund_that_failed_holds_the_parcel_back_until_another_one_is_made(cooperative, anew, is_settled):
    parcel = sold_parcel(cooperative, paid_by="card")
    asked = {"provider": "stripe", "parcel": parcel, "amount": 1, "reason": "other"}
    # Asked for at once with the one that failed, it does not stand for it.
    for key, status in (("r1", "failed"), ("r2", "succeeded")):
        Refund.objects.create(
            key=key, status=status, created_at=PLACED_AT, finished_at=PLACED_AT + timedelta(minutes=1), **asked
        )
    assert sweep(period_to=PERIOD_TO, now=SWEPT_AT) == []
    later = PLACED_AT + timedelta(minutes=2)
    Refund.objects.create(key="r3", status=anew, created_at=later, finished_at=later, **asked)
    assert bool(sweep(period_to=PERIOD_TO, now=SWEPT_AT)) == is_settled


def test_a_refund_after_the_statement_is_a_debt_in_the_next_one(cooperative):
    parcel = sold_parcel(cooperative, paid_by="card")
    (first,) = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    Payout.objects.update(status=Payout.Status.EXPORTED)
    refund_by_marketplace(parcel, 40_000, now=SWEPT_AT + timedelta(days=1))
    (second,) = sweep(period_to=NEXT, now=NEXT_AT)
    item = second.items.get()
    assert (item.refunded, item.net, item.goods, item.delivery) == (40_000, -40_000, 0, 0)
    assert second.bill.amount == 40_000
    # Unpaid, the bill is taken off the payout that follows.
    later = sold_parcel(cooperative, paid_by="card", now=NEXT_AT)
    (third,) = sweep(period_to=date(2027, 1, 31), now=NEXT_AT + timedelta(days=40))
    second.bill.refresh_from_db()
    assert (second.bill.status, second.bill.carried_into) == (Bill.Status.CARRIED, third)
    assert third.brought_forward == -40_000
    assert third.payout.amount == later.total - third.items.get().fee - 40_000
    assert first.payout.amount + third.payout.amount == owed_to(cooperative.pk)


def test_a_payout_that_nobody_approved_is_carried_into_the_next_statement(cooperative):
    sold_parcel(cooperative, paid_by="card")
    (first,) = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    sold_parcel(cooperative, paid_by="card", now=SWEPT_AT)
    (second,) = sweep(period_to=NEXT, now=NEXT_AT)
    first.payout.refresh_from_db()
    assert (first.payout.status, first.payout.carried_into) == (Payout.Status.CARRIED, second)
    assert second.brought_forward == first.net
    assert second.payout.amount == owed_to(cooperative.pk)
    assert list(first.payout.events.values_list("to_status", flat=True)) == ["pending", "carried"]


def test_a_return_after_a_statement_takes_back_what_was_shown(cooperative):
    parcel = sold_parcel(cooperative, paid_by="card")
    sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    refund_by_marketplace(parcel, int(parcel.total), now=SWEPT_AT)
    parcel.status = "returned"
    parcel.save(update_fields=["status"])
    (second,) = sweep(period_to=NEXT, now=NEXT_AT)
    assert (second.items.get().goods, second.items.get().delivery) == (-parcel.goods_total, -30_000)


def test_the_database_settles_no_transaction_twice(cooperative):
    sold_parcel(cooperative, paid_by="card")
    sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    line = StatementLine.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        StatementLine.objects.create(item=line.item, transaction=line.transaction)


def test_the_database_refuses_an_item_that_does_not_add_up(cooperative):
    sold_parcel(cooperative, paid_by="card")
    sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        StatementItem.objects.update(net=1)


def test_a_sweep_costs_the_same_queries_for_many_parcels(cooperative, django_assert_max_num_queries):
    for _ in range(6):
        sold_parcel(cooperative, paid_by="card")
    with django_assert_max_num_queries(30):
        (statement,) = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    assert statement.items.count() == 6
    assert PayoutEvent.objects.count() == 1


def test_batches_make_one_statement(cooperative, monkeypatch):
    monkeypatch.setattr("marketplace.settlement.sweep.BATCH", 2)
    parcels = [sold_parcel(cooperative, paid_by="card") for _ in range(5)]
    (statement,) = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    assert list(statement.items.order_by("pk").values_list("parcel", flat=True)) == [row.pk for row in parcels]
    assert statement.net == owed_to(cooperative.pk)
