"""Money given back: how much of it, for what, by which way, and what follows for stock, books and evidence."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.linkage.models import SaleReduction
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance, owed_to
from marketplace.order import services as orders
from marketplace.order.models import Line, Parcel
from marketplace.outbox.models import OutboxMessage
from marketplace.payment.facts import Outcome, apply_fact
from marketplace.payment.models import PaymentFact, Refund, UnmatchedMoney
from marketplace.payment.refunds import (
    NothingToRefundError,
    ReferenceMissingError,
    RefundAmountError,
    RefundLineTooMuchError,
    RefundNotOpenError,
    RefundNotYoursError,
    RefundReasonError,
    RefundTooMuchError,
    contest_refund,
    record_refund_given,
    refund_unmatched,
    request_refund,
)
from tests.factories.money import (
    assert_books_balance,
    given_back,
    goods,
    order_of,
    parcel_of,
    pay,
    received,
    taken_back,
)
from tests.factories.orders import PLACED_AT, do
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

NOW = PLACED_AT + timedelta(days=1)
Kind = Account.Kind


def ask(parcel, *, key="1", reason="damaged", now=NOW, **wanted):
    return request_refund(parcel=parcel, key=key, reason=reason, now=now, **wanted)


def lines_of(refund):
    return dict(refund.lines.values_list("line_id", "amount"))


class TestAsking:
    def test_an_amount_is_spread_over_the_goods_by_value(self):
        parcel = parcel_of(100_000, 50_000)
        refund = ask(parcel, amount=10_000)[0]
        dear, cheap = parcel.lines.order_by("pk")
        assert lines_of(refund) == {dear.pk: 6_667, cheap.pk: 3_333}
        assert (refund.amount, refund.provider, refund.status) == (10_000, "transfer", "requested")

    def test_what_the_goods_do_not_bear_is_the_deliverys(self):
        parcel = parcel_of(100_000)
        refund = ask(parcel, amount=130_000)[0]
        assert lines_of(refund) == {parcel.lines.get().pk: 100_000}

    def test_a_line_can_be_named(self):
        parcel = parcel_of(100_000, 50_000)
        _dear, cheap = parcel.lines.order_by("pk")
        assert lines_of(ask(parcel, lines={cheap.pk: 20_000})[0]) == {cheap.pk: 20_000}

    def test_the_same_key_is_one_refund(self):
        parcel = parcel_of(100_000)
        assert ask(parcel, amount=10_000) == ask(parcel, amount=10_000)
        assert Refund.objects.count() == 1

    def test_never_more_than_was_received_less_what_is_promised_or_given(self):
        parcel = parcel_of(100_000)
        refund = ask(parcel, key="1", amount=100_000)[0]
        with pytest.raises(RefundTooMuchError):
            ask(parcel, key="2", amount=30_001)
        apply_fact(fact=given_back(refund, now=NOW), target=refund, now=NOW)
        with pytest.raises(RefundTooMuchError):
            ask(parcel, key="3", amount=30_001)
        ask(parcel, key="4", amount=30_000)
        with pytest.raises(NothingToRefundError):
            ask(parcel, key="5", amount=1)

    def test_a_line_gives_no_more_than_it_cost(self):
        parcel = parcel_of(100_000, 50_000)
        cheap = parcel.lines.order_by("pk")[1]
        with pytest.raises(RefundLineTooMuchError) as refusal:
            ask(parcel, lines={cheap.pk: 50_001})
        assert refusal.value.line_id == cheap.pk

    def test_a_line_of_another_parcel_is_refused(self):
        stranger = parcel_of(50_000).lines.get()
        with pytest.raises(RefundLineTooMuchError):
            ask(parcel_of(100_000), lines={stranger.pk: 1})

    @pytest.mark.parametrize("wanted", [{"amount": 0}, {"amount": -5}, {"lines": {}}, {}])
    def test_nothing_is_no_refund(self, wanted):
        with pytest.raises(RefundAmountError):
            ask(parcel_of(100_000), **wanted)

    def test_a_negative_part_does_not_make_room_for_another(self):
        parcel = parcel_of(100_000, 50_000)
        dear, cheap = parcel.lines.order_by("pk")
        with pytest.raises(RefundAmountError):
            ask(parcel, lines={dear.pk: 100_000, cheap.pk: -50_000})

    def test_an_unknown_reason_is_refused(self):
        with pytest.raises(RefundReasonError):
            ask(parcel_of(100_000), reason="whim", amount=1_000)

    def test_before_any_money_came_there_is_nothing_to_refund(self):
        with pytest.raises(NothingToRefundError):
            ask(parcel_of(100_000, method="cod"), amount=1_000)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        prices=st.lists(st.sampled_from([2_000, 14_000, 100_000, 333_332]), min_size=1, max_size=4),
        parts=st.lists(st.integers(1, 200_000), min_size=1, max_size=5),
    )
    def test_refunds_never_exceed_receipts_and_lines_never_their_charge(self, prices, parts):
        with taken_back():
            parcel = parcel_of(*prices)
            for turn, amount in enumerate(parts):
                try:
                    refund = ask(parcel, key=str(turn), amount=amount)[0]
                except (RefundTooMuchError, NothingToRefundError):
                    continue
                if turn % 2:
                    apply_fact(fact=given_back(refund, now=NOW), target=refund, now=NOW)
            parcel.refresh_from_db()
            promised = sum(refund.amount for refund in parcel.refunds.all())
            assert promised <= parcel.amount_received
            for line in parcel.lines.all():
                assert sum(row.amount for row in line.refund_lines.all()) <= line.line_price_incl_tax


class TestGiving:
    def test_a_card_is_refunded_by_its_provider_and_the_marketplaces_money_moves(self):
        parcel = parcel_of(100_000, method="card", status="delivered")
        refund = ask(parcel, amount=40_000)[0]
        assert refund.next_attempt_at == NOW
        assert refund.attempt.provider == "stripe"
        assert owed_to(parcel.cooperative_id) == 130_000 - 5_000
        assert apply_fact(fact=given_back(refund, now=NOW), target=refund, now=NOW) == Outcome.APPLIED
        parcel.refresh_from_db()
        assert (parcel.amount_refunded, parcel.payment_status) == (40_000, "part_refunded")
        assert balance(Kind.CARD_CLEARING) == 90_000
        # The fee is 5 % of the 60.000 that were kept.
        assert owed_to(parcel.cooperative_id) == 90_000 - 3_000
        assert_books_balance()

    def test_told_twice_it_is_given_once(self):
        parcel = parcel_of(100_000, method="card")
        refund = ask(parcel, amount=40_000)[0]
        told = [apply_fact(fact=given_back(refund, now=NOW), target=refund, now=NOW) for _ in range(3)]
        assert told == [Outcome.APPLIED, Outcome.KNOWN, Outcome.KNOWN]
        assert PaymentFact.objects.filter(kind="refunded").count() == 1

    def test_another_amount_than_was_promised_changes_nothing(self):
        parcel = parcel_of(100_000, method="card")
        refund = ask(parcel, amount=40_000)[0]
        fact = given_back(refund, now=NOW, amount=40_001)
        assert apply_fact(fact=fact, target=refund, now=NOW) == Outcome.UNMATCHED
        assert Parcel.objects.get().amount_refunded == 0
        assert "40001" in Refund.objects.get().last_error

    def test_a_card_is_not_refunded_by_hand(self):
        refund = ask(parcel_of(100_000, method="card"), amount=40_000)[0]
        with pytest.raises(RefundNotYoursError):
            record_refund_given(refund=refund, reference="tiền mặt", now=NOW)

    def test_the_cooperatives_own_money_is_given_when_it_says_so_with_a_reference(self):
        parcel = parcel_of(100_000, method="cod", status="delivered")
        refund = ask(parcel, amount=100_000)[0]
        with pytest.raises(ReferenceMissingError):
            record_refund_given(refund=refund, reference="  ", now=NOW)
        refund = record_refund_given(refund=refund, reference=" FT2611 ", now=NOW)
        parcel.refresh_from_db()
        assert (refund.status, refund.external_id) == ("succeeded", "FT2611")
        assert parcel.amount_refunded == 100_000
        assert balance(Kind.RECEIVED_DIRECTLY, parcel.cooperative_id) == 30_000
        # No goods were kept: no fee is owed.
        assert owed_to(parcel.cooperative_id) == 0
        assert_books_balance()

    def test_said_twice_it_stays_as_it_was_said_and_told(self):
        refund = ask(parcel_of(100_000, method="cod", status="delivered"), amount=50_000)[0]
        for reference, minutes in (("FT1", 0), ("FT2", 1)):
            refund = record_refund_given(refund=refund, reference=reference, now=NOW + timedelta(minutes=minutes))
            assert (refund.status, refund.external_id) == ("succeeded", "FT1")
        assert OutboxMessage.objects.filter(key__startswith=f"refund:{refund.pk}:given").count() == 1

    def test_what_is_no_longer_there_cannot_be_said_to_be_given(self):
        parcel = parcel_of(100_000, method="cod", status="delivered")
        refund = ask(parcel, amount=100_000)[0]
        Parcel.objects.filter(pk=parcel.pk).update(amount_refunded=80_000)
        with pytest.raises(RefundTooMuchError):
            record_refund_given(refund=refund, reference="FT1", now=NOW)
        assert Refund.objects.get().status == "requested"
        assert not PaymentFact.objects.filter(kind="refunded").exists()

    def test_the_buyer_may_contest_it_and_the_cooperative_answer(self):
        parcel = parcel_of(100_000, method="cod", status="delivered")
        refund = ask(parcel, amount=50_000)[0]
        with pytest.raises(RefundNotOpenError):
            contest_refund(refund=refund, note="", now=NOW)
        record_refund_given(refund=refund, reference="FT1", now=NOW)
        refund = contest_refund(refund=refund, note="Chưa nhận được", now=NOW)
        assert (refund.status, refund.contest_note) == ("contested", "Chưa nhận được")
        assert OutboxMessage.objects.filter(key__startswith=f"refund:{refund.pk}:contested").exists()
        refund = record_refund_given(refund=refund, reference="FT2", now=NOW)
        assert (refund.status, refund.external_id) == ("succeeded", "FT2")
        assert PaymentFact.objects.filter(kind="refunded").count() == 1
        assert Parcel.objects.get().amount_refunded == 50_000

    def test_of_a_contested_refund_cooperative_and_finance_are_told_once(self):
        finance = Group.objects.create(name="Tài chính")
        finance.permissions.add(Permission.objects.get(codename="change_unmatchedmoney"))
        for email, is_active in (("mai@example.com", True), ("gone@example.com", False), (None, True)):
            person = UserFactory(email=email, is_active=is_active)
            person.groups.add(finance)
            person.user_permissions.set(finance.permissions.all())
        UserFactory(email="clerk@example.com")
        refund = ask(parcel_of(100_000, method="cod", status="delivered"), amount=50_000)[0]
        record_refund_given(refund=refund, reference="FT1", now=NOW)
        for _press in range(2):
            contest_refund(refund=refund, note="Chưa nhận được", now=NOW)
        told = OutboxMessage.objects.filter(key__startswith=f"refund:{refund.pk}:contested").order_by("pk")
        assert [message.recipient for message in told] == [refund.parcel.cooperative.email, "mai@example.com"]
        for message in told:
            assert refund.parcel.number.upper() in message.subject
            assert "Chưa nhận được" in message.text
            assert "50.000" in message.text

    def test_buyer_and_cooperative_are_told(self):
        refund = ask(parcel_of(100_000), amount=50_000)[0]
        told = OutboxMessage.objects.filter(key__startswith=f"refund:{refund.pk}:promised")
        assert set(told.values_list("recipient", flat=True)) == {
            "lan@example.com",
            refund.parcel.cooperative.email,
        }

    def test_a_refund_lessens_the_evidence_of_the_sale(self):
        parcel = parcel_of(100_000, 50_000, method="card", status="delivered")
        refund = ask(parcel, amount=15_000)[0]
        apply_fact(fact=given_back(refund, now=NOW), target=refund, now=NOW)
        assert sorted(SaleReduction.objects.values_list("amount", flat=True)) == [5_000, 10_000]

    def test_a_refund_before_the_delivery_is_known_to_the_evidence_too(self):
        parcel = parcel_of(100_000, method="card")
        refund = ask(parcel, amount=15_000)[0]
        apply_fact(fact=given_back(refund, now=NOW), target=refund, now=NOW)
        for hours, act in enumerate(["confirm", "pack", "ship", "deliver"]):
            parcel = do(parcel, act, now=NOW + timedelta(hours=hours))
        assert SaleReduction.objects.get().amount == 15_000


class TestWhatFollowsOfItself:
    @pytest.mark.parametrize("method", ["transfer", "card"])
    def test_a_cancelled_parcel_gives_all_its_money_back(self, method):
        parcel = parcel_of(100_000, method=method)
        orders.cancel_parcel(parcel=parcel, by=None, now=NOW, reason="buyer")
        refund = Refund.objects.get()
        assert (refund.amount, refund.reason, refund.provider) == (
            130_000,
            "cancelled",
            {"card": "stripe"}.get(method, method),
        )

    def test_an_unpaid_parcel_that_is_cancelled_gives_nothing_back(self):
        orders.cancel_parcel(parcel=parcel_of(100_000, is_paid=False), by=None, now=NOW, reason="buyer")
        assert not Refund.objects.exists()

    def test_what_was_promised_before_is_not_promised_again(self):
        parcel = parcel_of(100_000)
        ask(parcel, amount=30_000)
        orders.cancel_parcel(parcel=parcel, by=None, now=NOW, reason="buyer")
        assert sorted(Refund.objects.values_list("amount", flat=True)) == [30_000, 100_000]

    def test_goods_that_came_back_after_delivery_are_refunded_without_the_delivery(self):
        parcel = parcel_of(100_000, method="card", status="delivered")
        assert owed_to(parcel.cooperative_id) == 125_000
        do(parcel, "return", now=NOW)
        refund = Refund.objects.get()
        assert (refund.amount, refund.reason) == (100_000, "returned")
        # The fee goes with the sale; the money is owed until it is given back.
        assert owed_to(parcel.cooperative_id) == 130_000
        apply_fact(fact=given_back(refund, now=NOW), target=refund, now=NOW)
        assert owed_to(parcel.cooperative_id) == 30_000
        # The return took the whole of the evidence: its refund takes nothing more.
        assert SaleReduction.objects.get().amount == 100_000
        assert_books_balance()

    def test_the_delivery_may_be_given_back_besides(self):
        parcel = parcel_of(100_000, method="card", status="delivered")
        parcel = do(parcel, "return", now=NOW)
        refund = ask(parcel, amount=30_000, reason="returned")[0]
        assert not lines_of(refund)

    def test_goods_that_never_arrived_are_refunded_with_their_delivery(self):
        parcel = parcel_of(100_000, status="returning")
        do(parcel, "return", now=NOW)
        assert Refund.objects.get().amount == 130_000

    def test_of_a_card_payment_the_part_of_a_parcel_cancelled_meanwhile_goes_back(self):
        order = order_of(goods(100_000), goods(50_000), method="card")
        kept, gone = order.parcels.order_by("pk")
        orders.cancel_parcel(parcel=gone, by=None, now=NOW, reason="out_of_stock")
        assert pay(kept, now=NOW) == Outcome.APPLIED
        refund = Refund.objects.get()
        assert (refund.parcel, refund.amount) == (gone, 80_000)
        kept.refresh_from_db()
        assert kept.payment_status == "paid"


class TestMoneyThatFitsNothing:
    def paid_too_late(self, method="card"):
        parcel = parcel_of(100_000, method=method, is_paid=False)
        orders.cancel_parcel(parcel=parcel, by=None, now=NOW, reason="unpaid")
        assert pay(parcel, now=NOW) == Outcome.UNMATCHED
        return UnmatchedMoney.objects.get()

    def test_it_is_refunded_once_and_touches_no_parcel(self):
        money = self.paid_too_late()
        refund = refund_unmatched(money=money, now=NOW)
        assert refund_unmatched(money=money, now=NOW) == refund
        assert refund.next_attempt_at == NOW
        assert apply_fact(fact=given_back(refund, now=NOW), target=refund, now=NOW) == Outcome.APPLIED
        assert apply_fact(fact=given_back(refund, now=NOW), target=refund, now=NOW) == Outcome.KNOWN
        money.refresh_from_db()
        assert (money.status, money.resolved_at) == ("refunded", NOW)
        assert not PaymentFact.objects.exists()
        assert_books_balance()

    def test_the_cooperatives_own_is_given_by_hand(self):
        money = self.paid_too_late("transfer")
        refund = refund_unmatched(money=money, now=NOW)
        record_refund_given(refund=refund, reference="FT9", now=NOW)
        money.refresh_from_db()
        assert money.status == "refunded"


class TestDisputes:
    def lose(self, parcel, *, amount, now=NOW):
        attempt = parcel.order.payment_attempts.get()
        fact = received(attempt, now=now, amount=amount, reference="dp_1")
        fact = type(fact)(**{**{name: getattr(fact, name) for name in fact.__slots__}, "kind": "charged_back"})
        return apply_fact(fact=fact, target=attempt, now=now)

    def test_a_lost_one_takes_the_money_from_its_parcels_once(self):
        order = order_of(goods(100_000), goods(50_000), method="card")
        dear, cheap = order.parcels.order_by("pk")
        pay(dear)
        assert self.lose(dear, amount=210_000) == Outcome.APPLIED
        assert self.lose(dear, amount=210_000) == Outcome.KNOWN
        assert [p.amount_refunded for p in order.parcels.order_by("pk")] == [130_000, 80_000]
        assert owed_to(dear.cooperative_id) == owed_to(cheap.cooperative_id) == 0
        assert balance(Kind.CARD_CLEARING) == 0
        assert_books_balance()

    def test_what_was_refunded_already_is_the_marketplaces_own_loss(self):
        parcel = parcel_of(100_000, method="card")
        refund = ask(parcel, amount=50_000)[0]
        apply_fact(fact=given_back(refund, now=NOW), target=refund, now=NOW)
        self.lose(parcel, amount=130_000)
        parcel.refresh_from_db()
        assert parcel.amount_refunded == parcel.amount_received == 130_000
        assert balance(Kind.PROVIDER_FEES) == 50_000
        assert_books_balance()

    def test_the_sale_is_no_evidence_any_more(self):
        parcel = parcel_of(100_000, method="card", status="delivered")
        self.lose(parcel, amount=130_000)
        assert SaleReduction.objects.get().amount == Line.objects.get().line_price_incl_tax
