"""The check of the books: silent when they are right, loud when a single đồng is not."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balances_of, owed_to
from marketplace.ledger.services import post, transfer
from marketplace.order import services as orders
from marketplace.order.models import Parcel
from marketplace.payment.facts import Fact, apply_fact
from marketplace.payment.models import PaymentFact, ProviderEvent, UnmatchedMoney
from marketplace.settlement import payouts
from marketplace.settlement.bills import record_payment
from marketplace.settlement.checks import differences, overdue
from marketplace.settlement.models import Bill, Payout, Statement
from marketplace.settlement.sweep import sweep
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.settlement import PERIOD_TO, SWEPT_AT, finance_person, name_account, sold_parcel

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


class TestRandomHistories(TestCase):
    """Sales, refunds in part, disputes lost, returns, sweeps and payments in any order: the books are right after each step."""

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(
            st.one_of(
                st.tuples(st.just("sell"), st.sampled_from(["card", "cash", "transfer"]), st.integers(1, 3)),
                st.tuples(st.just("take"), st.sampled_from(["refunded", "charged_back"]), st.integers(1, 100)),
                st.tuples(st.just("return")),
                st.tuples(st.just("sweep")),
                st.tuples(st.just("pay")),
                st.tuples(st.just("bill")),
            ),
            min_size=3,
            max_size=9,
        )
    )
    def test_what_is_owed_is_what_was_collected_less_fees_and_payouts(self, steps):
        cooperative, people = CooperativeFactory(), [finance_person(), finance_person()]
        name_account(cooperative)
        now, period_to = SWEPT_AT, PERIOD_TO
        for step, *said in steps:
            if step == "sell":
                sold_parcel(cooperative, paid_by=said[0], units=said[1], now=now - timedelta(days=(25, 2)[said[1] % 2]))
            elif step == "take":
                self.take_back(*said, now=now)
            elif step == "return":
                self.bring_back(now)
            elif step == "sweep":
                sweep(period_to=period_to, now=now)
                now, period_to = now + timedelta(days=31), period_to + timedelta(days=31)
            elif step == "pay":
                self.pay(people, now)
            else:
                for bill in Bill.objects.filter(status="open"):
                    record_payment(bill=bill, reference="x", by=people[0], now=now)
            assert differences() == []
            kinds = balances_of(cooperative.pk)
            parts = ("collected", "fee_owed", "refunds_paid", "paid_out")
            assert owed_to(cooperative.pk) == -sum(kinds[part] for part in parts)

    @staticmethod
    def take_back(kind, percent, *, now):
        """Of the latest parcel that has money left, as much as was never asked for."""
        parcel = Parcel.objects.filter(amount_received__gt=F("amount_refunded")).order_by("pk").last()
        if parcel is None:
            return
        left = int(parcel.amount_received - parcel.amount_refunded)
        provider = parcel.payment_facts.first().provider
        fact = Fact(provider, f"back-{parcel.pk}-{left}", max(1, left * percent // 100), "VND", now, kind=kind)
        apply_fact(fact=fact, target=parcel, now=now)

    @staticmethod
    def bring_back(now):
        """The latest parcel that may still come back does; what it promises back stays promised."""
        parcel = Parcel.objects.filter(status="delivered", delivered_at__gt=now - timedelta(days=7)).last()
        if parcel is not None:
            orders.return_parcel(parcel=parcel, by=None, now=now, is_restocked=True)

    @staticmethod
    def pay(people, now):
        for payout in Payout.objects.filter(status="pending"):
            for person in people:
                payouts.approve(payout=payout, by=person, now=now)
            payouts.export(payouts=[payout], by=people[0], now=now)
            payouts.mark_paid(payout=payout, reference="x", by=people[1], now=now)
