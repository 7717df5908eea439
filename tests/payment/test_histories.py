"""Random histories of money over the real services: whatever happens, in whatever order, every đồng is accounted for.

Each act is one of a buyer, a clerk, a provider or the clock, drawn by chance from a seed that hypothesis chooses: its own
state machines end most histories before anything is sold. What must hold is computed here from the facts alone, without
the ledger's own functions.
"""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from random import Random

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.linkage.models import SaleEvidence, SaleReduction
from cooperatives.partner.models import StockRecord
from cooperatives.partner.services import StockError
from marketplace.common.errors import DomainError
from marketplace.common.money import round_half_up
from marketplace.ledger.models import Account, Entry
from marketplace.ledger.selectors import balance, owed_to
from marketplace.ledger.services import post, transfer
from marketplace.order import evidence
from marketplace.order.deadlines import cancel_unconfirmed
from marketplace.order.models import Line, Order, Parcel, WeightConsent
from marketplace.order.packing import answer_consent, expire_consents, pack_as
from marketplace.order.placing import Address
from marketplace.order.states import HOLDS_STOCK, TRANSITIONS, Status, is_sale, payment_status_of
from marketplace.payment.facts import STRIPE, Fact, apply_fact
from marketplace.payment.models import PaymentAttempt, PaymentFact, Refund, UnmatchedMoney
from marketplace.payment.refunds import contest_refund, record_refund_given, refund_unmatched, request_refund
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.money import assert_books_balance, discount, given_back, order_of, received, taken_back
from tests.factories.orders import PLACED_AT, destination, do

METHODS = ["cod", "transfer", "card"]
ONWARD = {
    Status.PLACED: "confirm",
    Status.PACKED: "ship",
    Status.READY: "deliver",
    Status.SHIPPED: "deliver",
    Status.DELIVERY_FAILED: "ship",
    Status.RETURNING: "return",
}
LEADS_TO = {
    "fail": Status.DELIVERY_FAILED,
    "start_return": Status.RETURNING,
    "return": Status.RETURNED,
    "cancel": Status.CANCELLED,
    "ready": Status.READY,
}
FROM = {act: [status for status, following in TRANSITIONS.items() if to in following] for act, to in LEADS_TO.items()}
ASIDE = [*FROM, "cancel", "cancel"]
FEE = 5
EXAMPLES, ACTS = 5, 60
# How often each act happens, among the others.
WEIGHTS = {
    "order": 3,
    "pay": 8,
    "move_on": 22,
    "move_aside": 4,
    "pack": 12,
    "answer": 4,
    "contest": 1,
    "ask_refund": 6,
    "give_back": 9,
    "give_back_unmatched": 2,
    "lose_dispute": 3,
    "pay_out": 3,
    "clock": 1,
}
Kind = PaymentFact.Kind


class History:
    """Two cooperatives, their goods, and a clock."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.sellers = [CooperativeFactory(), CooperativeFactory()]
        step = {"step": Decimal("0.5"), "price_per_unit": 121_998, "stock": 40}
        self.goods = [
            [
                ListingFactory(cooperative=seller, is_weighed=True, **step),
                ListingFactory(cooperative=seller, step=1, sale_unit="bundle", price_per_unit=35_000, stock=40),
            ]
            for seller in self.sellers
        ]
        self.address = Address(commune=destination(), street="12 phố Xuân Trường")
        self.shelf = {record.pk: record.num_in_stock for record in StockRecord.objects.all()}
        self.written_off: dict[int, int] = defaultdict(int)
        self.paid_out: dict[int, int] = defaultdict(int)
        self.now = PLACED_AT
        self.names = count(1)
        self.done: Counter[str] = Counter()

    def run(self, acts: int) -> None:
        for method in METHODS:
            self.order(method)
        names, weights = zip(*WEIGHTS.items(), strict=True)
        for name in self.rng.choices(names, weights, k=acts):
            getattr(self, name)()
            self.check()

    def check(self) -> None:
        self.the_books_balance()
        self.every_cooperative_is_owed_what_the_facts_say()
        self.card_clearing_is_what_the_card_facts_left()
        self.parcels_know_their_money()
        self.parcels_add_up_to_the_order_and_lines_to_the_parcel()
        self.stock_is_held_for_open_lines_and_for_nothing_else()
        self.evidence_is_what_a_rebuild_would_write()

    # The buyer.

    def order(self, method: str = "") -> None:
        rng = self.rng
        wanted = [[(listing, rng.randint(0, 5)) for listing in goods] for goods in self.goods]
        parcels = [kept for goods in wanted if (kept := [(listing, n) for listing, n in goods if n])]
        if not parcels:
            return
        self.pass_time(0)
        method = method or rng.choice(METHODS)
        try:
            with transaction.atomic():
                order = order_of(*parcels, method=method, now=self.now, fee_rate=FEE, address=self.address)
        except StockError:
            return
        seller, marketplace = rng.randint(0, 9_999), rng.randint(0, 9_999)
        discount(order.lines.order_by("pk")[0], seller=seller, marketplace=marketplace)

    def pay(self) -> None:
        """The provider tells of money twice: the right sum, or another, perhaps for the second time."""
        attempts = PaymentAttempt.objects.all()
        waiting = attempts.filter(facts=None)
        attempt = self.one_of(waiting if waiting and self.rng.random() < 0.8 else attempts)
        if attempt is None:
            return
        self.pass_time(0)
        off = self.rng.choice([0] * 7 + [-1, 1, 5_000])
        fact = received(
            attempt, now=self.now, amount=max(1, int(attempt.amount) + off), reference=f"pay_{next(self.names)}"
        )
        currency = self.rng.choice(["VND"] * 9 + ["USD"])
        outcomes = [apply_fact(fact=replace(fact, currency=currency), target=attempt, now=self.now) for _ in range(2)]
        assert outcomes[1] == "known"
        self.done[outcomes[0]] += 1

    def answer(self) -> None:
        consent, is_accepted = self.one_of(WeightConsent.objects.filter(answer="")), self.rng.random() < 0.6
        if consent is not None:
            self.attempt(lambda: answer_consent(consent=consent, is_accepted=is_accepted, now=self.now))

    def contest(self) -> None:
        refund = self.one_of(Refund.objects)
        if refund is not None:
            self.attempt(lambda: contest_refund(refund=refund, note="?", now=self.now))

    # The clerk.

    def move_on(self) -> None:
        """What an ordinary day brings next."""
        parcel = self.one_of(Parcel.objects.filter(status__in=ONWARD))
        if parcel is not None:
            self.pass_time(self.rng.randint(0, 9))
            self.attempt(lambda: do(parcel, ONWARD[Status(parcel.status)], now=self.now))

    def move_aside(self) -> None:
        act = self.rng.choice(ASIDE)
        parcel = self.one_of(Parcel.objects.filter(status__in=FROM[act]))
        if parcel is not None:
            self.pass_time(self.rng.randint(0, 20))
            self.attempt(lambda: do(parcel, act, now=self.now))

    def pack(self) -> None:
        """Weighs what is weighed; the rest may be short."""
        parcel = self.one_of(Parcel.objects.filter(status=Status.CONFIRMED))
        if parcel is None:
            return
        lines = list(parcel.lines.order_by("pk"))
        missing, is_written_off = self.rng.choice([0, 0, 1, 2]), self.rng.random() < 0.5
        packed = {
            line.pk: round(line.units * self.rng.randint(850, 1_150) / 1000, 3)
            if line.is_weighed
            else max(Decimal(0), line.units - missing)
            for line in lines
        }
        self.pass_time(1)
        before = {line.pk: line.num_allocated for line in lines}
        said = {"reason": "ran_out", "is_written_off": is_written_off}
        if (
            self.attempt(lambda: pack_as(parcel=parcel, packed=packed, by=None, now=self.now, **said))
            and is_written_off
        ):
            for line in parcel.lines.all():
                self.written_off[line.stockrecord_id] += before[line.pk] - line.num_allocated

    def ask_refund(self) -> None:
        parcel = self.one_of(Parcel.objects.filter(amount_received__gt=0))
        if parcel is None:
            return
        self.pass_time(0)
        line, percent, key = parcel.lines.order_by("pk")[0], self.rng.randint(1, 110), str(next(self.names))
        part = int(line.line_price_incl_tax) * percent // 100
        wanted = self.rng.choice([{"lines": {line.pk: part}}, {"amount": int(parcel.total) * percent // 100}])
        for _ in range(2):
            self.attempt(lambda: request_refund(parcel=parcel, key=key, reason="damaged", now=self.now, **wanted))

    def give_back(self) -> None:
        """The cooperative or the provider has given back what was promised, and says so twice."""
        refund = self.one_of(Refund.objects)
        if refund is None:
            return
        self.pass_time(0)
        for _ in range(2):
            if refund.provider == STRIPE:
                apply_fact(fact=given_back(refund, now=self.now), target=refund, now=self.now)
            else:
                self.attempt(lambda: record_refund_given(refund=refund, reference="FT", now=self.now))

    def give_back_unmatched(self) -> None:
        money = self.one_of(UnmatchedMoney.objects)
        if money is not None:
            self.pass_time(0)
            self.attempt(lambda: refund_unmatched(money=money, now=self.now))

    # Others.

    def lose_dispute(self) -> None:
        attempt = self.one_of(PaymentAttempt.objects.filter(provider=STRIPE, status="succeeded"))
        if attempt is None:
            return
        self.pass_time(0)
        fact = Fact(
            kind=Kind.CHARGED_BACK,
            provider=STRIPE,
            reference=f"dp_{next(self.names)}",
            amount=max(1, int(attempt.amount) * self.rng.randint(1, 120) // 100),
            currency="VND",
            occurred_at=self.now,
        )
        assert [apply_fact(fact=fact, target=attempt, now=self.now) for _ in range(2)] == ["applied", "known"]
        self.done["disputed"] += 1

    def pay_out(self) -> None:
        seller = self.rng.choice(self.sellers)
        owed = owed_to(seller.pk)
        if owed > 0:
            sides = transfer(debit=Account.Kind.PAID_OUT, credit=Account.Kind.BANK, amount=owed)
            post(key=f"payout:{next(self.names)}", kind="payout", sides=sides, cooperative_id=seller.pk, now=self.now)
            self.paid_out[seller.pk] += owed
            assert owed_to(seller.pk) == 0

    def clock(self) -> None:
        self.pass_time(self.rng.choice([1, 12, 13, 24]))
        expire_consents(now=self.now)
        cancel_unconfirmed(now=self.now)

    # What always holds.

    def the_books_balance(self) -> None:
        assert_books_balance()

    def every_cooperative_is_owed_what_the_facts_say(self) -> None:
        for seller in self.sellers:
            parcels = Parcel.objects.filter(cooperative=seller).prefetch_related("lines", "refunds__lines")
            fees, vouchers = zip(*[expected_fee(parcel) for parcel in parcels], strict=True) if parcels else ((), ())
            facts = PaymentFact.objects.filter(parcel__cooperative=seller)
            card, own = facts.filter(provider=STRIPE), facts.exclude(provider=STRIPE)
            expected = (
                summed(card.filter(kind=Kind.RECEIVED))
                - summed(card.exclude(kind=Kind.RECEIVED))
                + sum(vouchers)
                - sum(fees)
                - self.paid_out[seller.pk]
            )
            assert owed_to(seller.pk) == expected
            held = summed(own.filter(kind=Kind.RECEIVED)) - summed(own.exclude(kind=Kind.RECEIVED))
            assert balance(Account.Kind.RECEIVED_DIRECTLY, seller.pk) == held

    def card_clearing_is_what_the_card_facts_left(self) -> None:
        moved = summed(PaymentFact.objects.filter(provider=STRIPE, kind=Kind.RECEIVED)) - summed(
            PaymentFact.objects.filter(provider=STRIPE).exclude(kind=Kind.RECEIVED)
        )
        losses = balance(Account.Kind.PROVIDER_FEES)
        assert balance(Account.Kind.CARD_CLEARING) == moved - losses

    def parcels_know_their_money(self) -> None:
        for parcel in Parcel.objects.prefetch_related("payment_facts", "refunds", "lines"):
            facts = parcel.payment_facts.all()
            assert parcel.amount_received == sum(f.amount for f in facts if f.kind == Kind.RECEIVED)
            assert parcel.amount_refunded == sum(f.amount for f in facts if f.kind != Kind.RECEIVED)
            assert parcel.payment_status == payment_status_of(parcel)
            given = sum(r.amount for r in parcel.refunds.all() if r.status in ("succeeded", "contested"))
            assert parcel.amount_refunded == given <= parcel.amount_received
            if parcel.status == Status.CANCELLED:
                disputed = any(r.reason == "disputed" for r in parcel.refunds.all())
                assert disputed or sum(r.amount for r in parcel.refunds.all()) == parcel.amount_received

    def parcels_add_up_to_the_order_and_lines_to_the_parcel(self) -> None:
        for order in Order.objects.prefetch_related("parcels__lines"):
            assert order.total_incl_tax == sum(parcel.total for parcel in order.parcels.all())
            for parcel in order.parcels.all():
                assert parcel.goods_total == sum(line.line_price_incl_tax for line in parcel.lines.all())

    def stock_is_held_for_open_lines_and_for_nothing_else(self) -> None:
        for record in StockRecord.objects.all():
            lines = Line.objects.filter(stockrecord=record).select_related("parcel")
            waiting = [line for line in lines if line.parcel.status in HOLDS_STOCK]
            assert record.num_allocated == sum(steps_sent(line) for line in waiting)
            assert record.num_allocated == sum(line.num_allocated for line in lines)
            never_sent = {*HOLDS_STOCK, Status.CANCELLED, Status.RETURNED}
            away = sum(steps_sent(line) for line in lines if line.parcel.status not in never_sent)
            assert record.num_in_stock == self.shelf[record.pk] - away - self.written_off[record.pk]

    def evidence_is_what_a_rebuild_would_write(self) -> None:
        told = sorted(
            (fact.source, fact.amount, sorted((r.source, r.amount, r.reduced_on) for r in fact.reductions))
            for fact in evidence.sale_facts()
        )
        kept = sorted(
            (sale.source, sale.amount, sorted((r.source, r.amount, r.reduced_on) for r in sale.reductions.all()))
            for sale in SaleEvidence.objects.prefetch_related("reductions")
        )
        assert told == kept
        for _source, amount, reductions in kept:
            assert sum(reduction[1] for reduction in reductions) <= amount

    def pass_time(self, hours: int) -> None:
        """Never two acts at one moment."""
        self.now += timedelta(hours=hours, seconds=1)

    def one_of(self, rows):
        """One of the rows, the youngest more often; None of none."""
        found = list(rows.order_by("-pk"))
        return found[min(int(self.rng.expovariate(0.3)), len(found) - 1)] if found else None

    def attempt(self, act) -> bool:
        """Whether the act was done; refused, it has changed nothing."""
        before = snapshot()
        try:
            with transaction.atomic():
                act()
        except DomainError:
            assert snapshot() == before
            return False
        return True


def snapshot() -> tuple:
    return (
        list(Parcel.objects.order_by("pk").values_list("status", "total", "amount_received", "amount_refunded")),
        list(Refund.objects.order_by("pk").values_list("status", "amount")),
        Entry.objects.count(),
    )


def summed(facts) -> int:
    return int(facts.aggregate(total=Sum("amount"))["total"] or 0)


def steps_sent(line: Line) -> int:
    return int(line.sent_units / line.step)


def expected_fee(parcel: Parcel) -> tuple[int, int]:
    """The fee on what the buyer kept, and the marketplace's part of its discounts; nothing for what is no sale."""
    if not is_sale(parcel):
        return 0, 0
    fee = voucher = Decimal(0)
    for line in parcel.lines.all():
        back = sum(
            part.amount
            for refund in parcel.refunds.all()
            if refund.status in ("succeeded", "contested")
            for part in refund.lines.all()
            if part.line_id == line.pk
        )
        charged = line.line_price_incl_tax
        kept = max(Decimal(0), charged - back)
        funded = line.marketplace_discount * (kept / charged if charged else 1)
        fee += (kept + funded) * FEE / 100
        voucher += funded
    return round_half_up(fee), round_half_up(voucher)


@pytest.mark.django_db
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_random_histories_of_money_keep_every_dong_accounted_for(seed):
    with taken_back():
        History(seed).run(ACTS)


@pytest.mark.django_db
def test_the_histories_are_long_enough_to_mean_something():
    """Of one that is always the same: everything that the others are about happens in it."""
    seen: Counter[str] = Counter()
    for seed in range(4):
        with taken_back():
            history = History(seed)
            history.run(2 * ACTS)
            seen += history.done
            seen["sales"] += sum(is_sale(parcel) for parcel in Parcel.objects.all())
            seen["reductions"] += SaleReduction.objects.count()
            seen["questions"] += WeightConsent.objects.exclude(answer="").count()
            for reason, status in Refund.objects.values_list("reason", "status"):
                seen.update([f"refund {reason}", f"refund {status}"])
    missing = {
        "applied",
        "unmatched",
        "disputed",
        "sales",
        "reductions",
        "questions",
        "refund cancelled",
        "refund damaged",
        "refund lighter",
        "refund succeeded",
    } - set(seen)
    assert not missing, dict(seen)
