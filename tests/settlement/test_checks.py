"""The check of the books: silent when they are right, loud when a single đồng is not."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from marketplace.ledger.models import Account
from marketplace.ledger.services import post, transfer
from marketplace.payment.models import PaymentFact, ProviderEvent, UnmatchedMoney
from marketplace.settlement.checks import differences, overdue
from marketplace.settlement.models import Payout, Statement
from marketplace.settlement.sweep import sweep
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.settlement import PERIOD_TO, SWEPT_AT, sold_parcel

NOW = SWEPT_AT


@pytest.mark.django_db
class TestCheck:
    def test_right_books_are_right(self):
        for paid_by in ("card", "cash", "transfer"):
            sold_parcel(CooperativeFactory(), paid_by=paid_by)
        sweep(period_to=PERIOD_TO, now=SWEPT_AT)
        assert differences() == []
        said = io.StringIO()
        call_command("check_ledger", stdout=said)
        assert "right" in said.getvalue()

    def test_a_fact_without_its_posting_is_found(self):
        parcel = sold_parcel(CooperativeFactory(), paid_by="card")
        PaymentFact.objects.create(
            provider="stripe", reference="x", kind="received", parcel=parcel, amount=1, occurred_at=NOW, recorded_at=NOW
        )
        (said,) = differences()
        assert "collected" in said
        with pytest.raises(CommandError):
            call_command("check_ledger", stderr=io.StringIO())

    def test_a_posting_without_its_fact_is_found(self):
        parcel = sold_parcel(CooperativeFactory())
        sides = transfer(debit=Account.Kind.FEE_OWED, credit=Account.Kind.FEES, amount=1)
        post(key="x", kind="x", sides=sides, cooperative_id=parcel.cooperative_id, now=NOW)
        assert len(differences()) == 1

    def test_a_statement_that_was_tampered_with_is_found(self):
        sold_parcel(CooperativeFactory(), paid_by="card")
        (statement,) = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
        Statement.objects.filter(pk=statement.pk).update(net=statement.net + 1)
        assert any(statement.number in said for said in differences())
        Statement.objects.filter(pk=statement.pk).update(net=statement.net)
        Payout.objects.update(amount=statement.net + 1)
        assert any("payout" in said for said in differences())

    def test_money_that_waits_for_a_quarter_of_an_hour_raises_the_alarm(self):
        ProviderEvent.objects.create(provider="stripe", event_id="evt_1", kind="x", payload={}, received_at=NOW)
        UnmatchedMoney.objects.create(
            provider="stripe", reference="pi", amount=1, reason="wrong_amount", occurred_at=NOW, recorded_at=NOW
        )
        assert overdue(NOW + timedelta(minutes=15)) == []
        assert len(overdue(NOW + timedelta(minutes=15, seconds=1))) == 2
