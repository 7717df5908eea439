"""Payouts: two different people, an account that has rested, and a ledger that follows the bank."""

from datetime import date, timedelta

import pytest

from marketplace.ledger.models import Account, Transaction
from marketplace.ledger.selectors import balance, owed_to
from marketplace.outbox.models import OutboxMessage
from marketplace.payment.models import Dispute, PaymentAttempt, PaymentFact
from marketplace.payment.providers.base import ProviderUnavailableError
from marketplace.settlement import payouts
from marketplace.settlement.bills import BillNotOpenError, record_payment
from marketplace.settlement.models import Bill, ConnectedAccount, Payout, PayoutApproval, PayoutEvent
from marketplace.settlement.payouts import (
    APPROVE,
    PAY,
    AccountChangedError,
    AccountHeldError,
    ApprovedAlreadyError,
    DisputedError,
    NoAccountError,
    PayoutNotPermittedError,
    PayoutStateError,
)
from marketplace.settlement.sellers import connect_account
from marketplace.settlement.sweep import sweep
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.orders import PLACED_AT
from tests.factories.settlement import PERIOD_TO, SWEPT_AT, finance_person, hours, name_account, sold_parcel
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
NOW = SWEPT_AT + hours(1)


@pytest.fixture
def payout() -> Payout:
    parcel = sold_parcel(CooperativeFactory(), paid_by="card")
    name_account(parcel.cooperative)
    return sweep(period_to=PERIOD_TO, now=SWEPT_AT)[0].payout


@pytest.fixture
def hoa():
    return finance_person()


@pytest.fixture
def nam():
    return finance_person()


def approved(payout: Payout, *people) -> Payout:
    for person in people:
        payout = payouts.approve(payout=payout, by=person, now=NOW)
    return payout


def cooperative_of(payout: Payout):
    return payout.statement.cooperative


def test_two_people_approve_and_the_bank_pays(payout, hoa, nam):
    assert approved(payout, hoa).status == "approved_once"
    assert approved(payout, nam).status == "approved"
    file = payouts.export(payouts=[payout], by=hoa, now=NOW)
    payout.refresh_from_db()
    assert (payout.status, payout.file, payout.bank_account.masked_number) == ("exported", file, "•••8888")
    assert owed_to(cooperative_of(payout).pk) == payout.amount
    paid = payouts.mark_paid(payout=payout, reference="FT26335", by=nam, now=NOW)
    assert (paid.status, paid.reference) == ("paid", "FT26335")
    assert owed_to(cooperative_of(payout).pk) == 0
    assert balance(Account.Kind.BANK) == -payout.amount
    steps = PayoutEvent.objects.values_list("to_status", "by")
    assert list(steps) == [
        ("pending", None), ("approved_once", hoa.pk), ("approved", nam.pk), ("exported", hoa.pk), ("paid", nam.pk)
    ]  # fmt: skip


def test_one_person_counts_once(payout, hoa):
    approved(payout, hoa)
    with pytest.raises(ApprovedAlreadyError):
        payouts.approve(payout=payout, by=hoa, now=NOW)
    with pytest.raises(PayoutStateError):
        payouts.export(payouts=[payout], by=hoa, now=NOW)
    assert PayoutApproval.objects.count() == 1


@pytest.mark.parametrize("permissions", [(), (PAY,), ("settlement.settle_period",)])
def test_without_the_right_nobody_approves(payout, permissions):
    person = finance_person(*permissions) if permissions else UserFactory()
    with pytest.raises(PayoutNotPermittedError):
        payouts.approve(payout=payout, by=person, now=NOW)
    assert not PayoutApproval.objects.exists()


def test_who_may_only_approve_neither_exports_nor_marks_paid(payout, hoa, nam):
    approved(payout, hoa, nam)
    person = finance_person(APPROVE)
    for act in (
        lambda: payouts.export(payouts=[payout], by=person, now=NOW),
        lambda: payouts.mark_paid(payout=payout, reference="", by=person, now=NOW),
        lambda: payouts.mark_failed(payout=payout, by=person, now=NOW, note=""),
    ):
        with pytest.raises(PayoutNotPermittedError):
            act()
    payout.refresh_from_db()
    assert payout.status == "approved"


def test_one_that_was_approved_once_is_not_exported_with_others(payout, hoa, nam):
    other = sold_parcel(CooperativeFactory(), paid_by="card")
    name_account(other.cooperative)
    second = next(s for s in sweep(period_to=PERIOD_TO, now=SWEPT_AT) if s.cooperative == other.cooperative).payout
    approved(payout, hoa, nam)
    approved(second, hoa)
    with pytest.raises(PayoutStateError):
        payouts.export(payouts=[payout, second], by=hoa, now=NOW)
    assert set(Payout.objects.values_list("status", flat=True)) == {"approved", "approved_once"}


def test_a_changed_account_holds_the_payout_for_72_hours(payout, hoa):
    changed_at = NOW - hours(10)
    name_account(cooperative_of(payout), number="999988887777", now=changed_at)
    for moment in (NOW, changed_at + hours(72) - timedelta(seconds=1)):
        with pytest.raises(AccountHeldError):
            payouts.approve(payout=payout, by=hoa, now=moment)
    assert payouts.held_until(payout) == changed_at + hours(72)
    assert payouts.approve(payout=payout, by=hoa, now=changed_at + hours(72)).status == "approved_once"


def test_what_was_approved_for_one_account_does_not_go_to_another(payout, hoa, nam):
    approved(payout, hoa)
    name_account(cooperative_of(payout), number="999988887777", now=NOW)
    later = NOW + hours(73)
    with pytest.raises(AccountChangedError):
        payouts.approve(payout=payout, by=nam, now=later)
    payouts.withdraw(payout=payout, by=nam, now=later, note="Tài khoản đã đổi")
    for person in (nam, hoa):
        payouts.approve(payout=payout, by=person, now=later)
    payouts.export(payouts=[payout], by=hoa, now=later)
    payout.refresh_from_db()
    assert payout.bank_account.account_number == "999988887777"


def test_changed_between_approval_and_export_it_is_not_exported(payout, hoa, nam):
    approved(payout, hoa, nam)
    name_account(cooperative_of(payout), number="999988887777", now=NOW)
    with pytest.raises(AccountHeldError):
        payouts.export(payouts=[payout], by=hoa, now=NOW)
    with pytest.raises(AccountChangedError):
        payouts.export(payouts=[payout], by=hoa, now=NOW + hours(73))
    payout.refresh_from_db()
    assert payout.status == "approved"


def test_without_an_account_nothing_is_approved(hoa):
    sold_parcel(CooperativeFactory(), paid_by="card")
    payout = sweep(period_to=PERIOD_TO, now=SWEPT_AT)[0].payout
    with pytest.raises(NoAccountError):
        payouts.approve(payout=payout, by=hoa, now=NOW)


def test_a_dispute_that_opens_after_the_sweep_freezes_the_payout(payout, hoa, nam):
    approved(payout, hoa, nam)
    parcel = payout.statement.items.get().parcel
    attempt = PaymentAttempt.objects.create(
        order=parcel.order, provider="stripe", amount=parcel.total, shares={}, idempotency_key="k", created_at=PLACED_AT
    )
    PaymentFact.objects.update(attempt=attempt)
    Dispute.objects.create(provider="stripe", external_id="dp", attempt=attempt, amount=1, opened_at=NOW)
    with pytest.raises(DisputedError):
        payouts.export(payouts=[payout], by=hoa, now=NOW)
    payout.refresh_from_db()
    assert payout.status == "approved"


def test_a_dispute_freezes_a_payout_that_carries_the_disputed_parcels_statement(payout, hoa):
    parcel = payout.statement.items.get().parcel
    sold_parcel(parcel.cooperative, paid_by="card", now=PLACED_AT + timedelta(days=20))
    later = SWEPT_AT + timedelta(days=31)
    (second,) = sweep(period_to=date(2026, 12, 31), now=later)
    assert second.brought_forward == payout.amount
    attempt = PaymentAttempt.objects.create(
        order=parcel.order, provider="stripe", amount=parcel.total, shares={}, idempotency_key="k", created_at=PLACED_AT
    )
    PaymentFact.objects.filter(parcel=parcel).update(attempt=attempt)
    dispute = Dispute.objects.create(provider="stripe", external_id="dp", attempt=attempt, amount=1, opened_at=later)
    with pytest.raises(DisputedError):
        payouts.approve(payout=second.payout, by=hoa, now=later)
    Dispute.objects.filter(pk=dispute.pk).update(status="won")
    assert payouts.approve(payout=second.payout, by=hoa, now=later).status == "approved_once"


def test_what_the_bank_refused_waits_for_two_people_again(payout, hoa, nam):
    approved(payout, hoa, nam)
    payouts.export(payouts=[payout], by=hoa, now=NOW)
    failed = payouts.mark_failed(payout=payout, by=nam, now=NOW, note="Sai số tài khoản")
    assert (failed.status, failed.turn, failed.file) == ("pending", 2, None)
    assert not Transaction.objects.filter(kind="payout").exists()
    assert approved(payout, hoa).status == "approved_once"


def test_what_the_bank_sent_back_is_posted_back_and_can_be_paid_again(payout, hoa, nam):
    owed = owed_to(cooperative_of(payout).pk)
    for turn in (1, 2):
        approved(payout, hoa, nam)
        payouts.export(payouts=[payout], by=hoa, now=NOW)
        payouts.mark_paid(payout=payout, reference=f"FT{turn}", by=hoa, now=NOW)
        assert owed_to(cooperative_of(payout).pk) == 0
        if turn == 1:
            payouts.mark_failed(payout=payout, by=nam, now=NOW, note="Ngân hàng trả lại")
            assert owed_to(cooperative_of(payout).pk) == owed
    assert balance(Account.Kind.BANK) == -payout.amount


def test_marking_paid_twice_posts_once(payout, hoa, nam):
    approved(payout, hoa, nam)
    payouts.export(payouts=[payout], by=hoa, now=NOW)
    for _ in range(2):
        payouts.mark_paid(payout=payout, reference="FT1", by=hoa, now=NOW)
    assert balance(Account.Kind.BANK) == -payout.amount


def test_an_unsent_payout_cannot_be_marked_paid(payout, hoa, nam):
    approved(payout, hoa, nam)
    with pytest.raises(PayoutStateError):
        payouts.mark_paid(payout=payout, reference="FT1", by=hoa, now=NOW)
    assert not Transaction.objects.filter(kind="payout").exists()


class Provider:
    """Answers as Stripe does to a transfer: the same key gives the same transfer."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.made = failures, {}

    def create_transfer(self, *, amount, account, idempotency_key, transfer_group, metadata):
        number = self.made.setdefault((idempotency_key, amount, account), f"tr_{len(self.made) + 1}")
        if self.failures:
            self.failures -= 1
            raise ProviderUnavailableError
        return number


@pytest.fixture
def connected() -> Payout:
    parcel = sold_parcel(CooperativeFactory(), paid_by="card")
    ConnectedAccount.objects.create(cooperative=parcel.cooperative, account="acct_1Hue", changed_at=PLACED_AT)
    return sweep(period_to=PERIOD_TO, now=SWEPT_AT)[0].payout


def test_a_cooperative_with_an_account_at_stripe_is_paid_there(connected, hoa, nam):
    approved(connected, hoa, nam)
    with pytest.raises(PayoutStateError):
        payouts.export(payouts=[connected], by=hoa, now=NOW)
    clearing, provider = balance(Account.Kind.CARD_CLEARING), Provider()
    paid = payouts.send_by_stripe(payout=connected, provider=provider, by=hoa, now=NOW)
    assert (paid.status, paid.reference) == ("paid", "tr_1")
    assert list(provider.made) == [(f"payout-{connected.pk}-1", connected.amount, "acct_1Hue")]
    assert owed_to(cooperative_of(connected).pk) == 0
    assert balance(Account.Kind.CARD_CLEARING) == clearing - connected.amount


def test_a_lost_answer_is_asked_for_again_with_the_same_key(connected, hoa, nam):
    approved(connected, hoa, nam)
    provider = Provider(failures=1)
    with pytest.raises(ProviderUnavailableError):
        payouts.send_by_stripe(payout=connected, provider=provider, by=hoa, now=NOW)
    connected.refresh_from_db()
    assert connected.status == "exported"
    payouts.send_by_stripe(payout=connected, provider=provider, by=hoa, now=NOW)
    assert len(provider.made) == 1


def test_a_bill_that_the_cooperative_paid_is_recorded_once(hoa):
    parcel = sold_parcel(CooperativeFactory())
    bill = sweep(period_to=PERIOD_TO, now=SWEPT_AT)[0].bill
    with pytest.raises(PayoutNotPermittedError):
        record_payment(bill=bill, reference="x", by=UserFactory(), now=NOW)
    for _ in range(2):
        bill = record_payment(bill=bill, reference="FT9", by=hoa, now=NOW)
    assert (bill.status, bill.recorded_by) == (Bill.Status.PAID, hoa)
    assert owed_to(parcel.cooperative_id) == 0
    assert balance(Account.Kind.BANK) == bill.amount


def test_a_bill_taken_over_by_a_later_statement_is_not_paid_again(hoa):
    parcel = sold_parcel(CooperativeFactory())
    bill = sweep(period_to=PERIOD_TO, now=SWEPT_AT)[0].bill
    sold_parcel(parcel.cooperative, now=SWEPT_AT)
    sweep(period_to=PERIOD_TO.replace(month=12, day=31), now=SWEPT_AT + timedelta(days=31))
    with pytest.raises(BillNotOpenError):
        record_payment(bill=bill, reference="FT9", by=hoa, now=NOW)


def test_the_cooperative_is_told_that_its_account_at_stripe_was_changed():
    cooperative = CooperativeFactory(email="htx@example.com")
    for minutes, account in enumerate(("acct_1", "acct_1", "acct_2", "", "")):
        connect_account(cooperative=cooperative, account=account, now=NOW + timedelta(minutes=minutes))
    told = OutboxMessage.objects.filter(recipient="htx@example.com", key__startswith="stripe-account:").order_by("pk")
    assert ["acct_1" in told[0].text, "acct_2" in told[1].text, "acct_" in told[2].text] == [True, True, False]
    assert told.count() == 3
