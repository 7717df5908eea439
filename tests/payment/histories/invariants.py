"""What always holds, computed from the facts alone: without the ledger's and the statements' own functions."""

from collections import Counter, defaultdict
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, Sum

from cooperatives.linkage.models import SaleEvidence
from cooperatives.partner.models import StockRecord
from marketplace.common.money import round_half_up
from marketplace.ledger.models import Account, Entry
from marketplace.ledger.selectors import balance, owed_to
from marketplace.order import evidence
from marketplace.order.models import Line, Order, Parcel
from marketplace.order.states import HOLDS_STOCK, Status, is_sale, payment_status_of
from marketplace.payment.facts import STRIPE
from marketplace.payment.models import Dispute, PaymentFact, Refund
from marketplace.settlement.checks import differences
from marketplace.settlement.models import Payout, StatementItem
from marketplace.settlement.selectors import standing_of
from tests.factories.money import assert_books_balance
from tests.payment.histories.world import FEE, World

Kind = PaymentFact.Kind
Books = Account.Kind
GIVEN = ("succeeded", "contested")
COLUMNS = ("received_directly", "refunded_directly", "collected", "refunded", "voucher_credit", "fee", "net")


def check(world: World) -> None:
    the_books_balance()
    every_cooperative_is_owed_what_the_facts_say(world)
    what_the_marketplace_holds_is_what_the_facts_left(world)
    parcels_know_their_money()
    parcels_add_up_to_the_order_and_lines_to_the_parcel()
    stock_is_held_for_open_lines_and_for_nothing_else(world)
    evidence_is_what_a_rebuild_would_write()
    every_dong_stands_in_one_statement_or_waits_for_one()
    the_card_bank_has_transferred_what_was_paid_out(world)


def the_books_balance() -> None:
    assert_books_balance()
    assert differences() == []


def every_cooperative_is_owed_what_the_facts_say(world: World) -> None:
    """Collected - fees - refunds + vouchers - paid out; and what its page says of it adds up to the same."""
    for seller in world.sellers:
        parcels = Parcel.objects.filter(cooperative=seller).prefetch_related("lines", "refunds__lines")
        fees, vouchers = zip(*[expected_fee(parcel) for parcel in parcels], strict=True) if parcels else ((), ())
        facts = PaymentFact.objects.filter(parcel__cooperative=seller)
        card, own = facts.filter(provider=STRIPE), facts.exclude(provider=STRIPE)
        expected = held(card) + sum(vouchers) - sum(fees) - world.paid_out[seller.pk]
        assert owed_to(seller.pk) == expected
        assert balance(Books.RECEIVED_DIRECTLY, seller.pk) == held(own)
        standing = standing_of(seller.pk)
        assert standing.owed == standing.to_pay_out - standing.billed + standing.unsettled == expected


def what_the_marketplace_holds_is_what_the_facts_left(world: World) -> None:
    transferred = paid_payouts(Payout.Method.STRIPE)
    moved = held(PaymentFact.objects.filter(provider=STRIPE)) - balance(Books.PROVIDER_FEES) - transferred
    assert balance(Books.CARD_CLEARING) == moved
    assert balance(Books.BANK) == transferred - sum(world.paid_out.values())


def parcels_know_their_money() -> None:
    for parcel in Parcel.objects.prefetch_related("payment_facts", "refunds", "lines"):
        facts = parcel.payment_facts.all()
        assert parcel.amount_received == sum(f.amount for f in facts if f.kind == Kind.RECEIVED)
        assert parcel.amount_received - parcel.amount_refunded == sum(sign(f.kind) * f.amount for f in facts)
        assert parcel.payment_status == payment_status_of(parcel)
        given = sum(r.amount for r in parcel.refunds.all() if r.status in GIVEN)
        assert parcel.amount_refunded == given <= parcel.amount_received
        if parcel.status == Status.CANCELLED:
            promised = sum(refund.amount for refund in parcel.refunds.all() if refund.status != "failed")
            failed = any(refund.status == "failed" for refund in parcel.refunds.all())
            assert promised >= parcel.amount_received or failed


def parcels_add_up_to_the_order_and_lines_to_the_parcel() -> None:
    for order in Order.objects.prefetch_related("parcels__lines"):
        assert order.total_incl_tax == sum(parcel.total for parcel in order.parcels.all())
        for parcel in order.parcels.all():
            assert parcel.goods_total == sum(line.line_price_incl_tax for line in parcel.lines.all())


def stock_is_held_for_open_lines_and_for_nothing_else(world: World) -> None:
    never_sent = {*HOLDS_STOCK, Status.CANCELLED, Status.RETURNED}
    by_record = defaultdict(list)
    for line in Line.objects.select_related("parcel"):
        by_record[line.stockrecord_id].append(line)
    for record in StockRecord.objects.all():
        lines = by_record[record.pk]
        waiting = [line for line in lines if line.parcel.status in HOLDS_STOCK]
        assert record.num_allocated == sum(steps_sent(line) for line in waiting)
        assert record.num_allocated == sum(line.num_allocated for line in lines)
        away = sum(steps_sent(line) for line in lines if line.parcel.status not in never_sent)
        assert record.num_in_stock == world.shelf[record.pk] - away - world.written_off[record.pk]


def evidence_is_what_a_rebuild_would_write() -> None:
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


def every_dong_stands_in_one_statement_or_waits_for_one() -> None:
    """By parcel: what its statements show of it, together with its postings that stand in none, is what its facts say."""
    shown: dict[int, Counter[str]] = defaultdict(Counter)
    for row in StatementItem.objects.order_by().values("parcel").annotate(**{c: Sum(c) for c in COLUMNS}):
        shown[row["parcel"]] = Counter({column: int(row[column]) for column in COLUMNS})
    assert None not in shown
    owed = (Books.COLLECTED, Books.REFUNDS_PAID, Books.VOUCHER_CREDIT, Books.FEE_OWED)
    waiting = Entry.objects.filter(transaction__statement_line=None, account__kind__in=owed).order_by()
    waiting = dict(waiting.values_list("transaction__parcel").annotate(Sum("amount")))
    parcels = Parcel.objects.prefetch_related("lines", "refunds__lines", "payment_facts")
    for parcel in parcels:
        fee, voucher = expected_fee(parcel)
        card = sum(sign(f.kind) * f.amount for f in parcel.payment_facts.all() if f.provider == STRIPE)
        assert shown[parcel.pk]["net"] - int(waiting.get(parcel.pk, 0)) == card + voucher - fee


def the_card_bank_has_transferred_what_was_paid_out(world: World) -> None:
    """Each payout once; one that is sent and not answered may have been."""
    standing = {
        f"payout-{payout.pk}-{payout.turn}": payout for payout in Payout.objects.filter(method=Payout.Method.STRIPE)
    }
    for key, amount in world.bank.transfers.items():
        assert standing[key].amount == amount
        assert standing[key].status in {"exported", "paid"}
    assert {key for key, payout in standing.items() if payout.status == "paid"} <= set(world.bank.transfers)


def the_card_bank_agrees(world: World) -> None:
    """Once everything that it told was read: what is left there of what paid parcels, is what the books say."""
    applied = set(PaymentFact.objects.filter(provider=STRIPE, kind=Kind.RECEIVED).values_list("reference", flat=True))
    held_there = sum(world.bank.held_of(payment_id) for payment_id in applied)
    fees = sum(page.fee or 0 for page in world.bank.pages.values() if page.is_paid and page.payment_id)
    assert balance(Books.CARD_CLEARING) == held_there - fees - paid_payouts(Payout.Method.STRIPE)


def why_it_waits(parcel: Parcel) -> str:
    """Why the parcel, which was settled before, is not final now; empty when it is."""
    if Dispute.objects.filter(status="open", attempt__facts__parcel=parcel).exists():
        return "dispute"
    newer = Refund.objects.filter(parcel=parcel, created_at__gte=OuterRef("finished_at")).exclude(pk=OuterRef("pk"))
    ended_badly = Q(status="failed") & ~Q(Exists(newer))
    refunds = Refund.objects.filter(Q(status__in=["requested", "pending", "contested"]) | ended_badly, parcel=parcel)
    if refunds.exists():
        return "refund"
    if parcel.status == Status.CANCELLED and parcel.amount_refunded < parcel.amount_received:
        return "money"
    return ""


def sign(kind: str) -> int:
    return {Kind.RECEIVED: 1, Kind.REFUNDED: -1, Kind.CHARGED_BACK: -1, Kind.SENT_BACK: 1}[kind]


def held(facts) -> int:
    return sum(sign(kind) * int(amount) for kind, amount in facts.values_list("kind", "amount"))


def paid_payouts(method: str) -> int:
    paid = Payout.objects.filter(status=Payout.Status.PAID, method=method)
    return int(paid.aggregate(total=Sum("amount"))["total"] or 0)


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
            if refund.status in GIVEN
            for part in refund.lines.all()
            if part.line_id == line.pk
        )
        charged = line.line_price_incl_tax
        kept = max(Decimal(0), charged - back)
        funded = line.marketplace_discount * (kept / charged if charged else 1)
        fee += (kept + funded) * FEE / 100
        voucher += funded
    return round_half_up(fee), round_half_up(voucher)
