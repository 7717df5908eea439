"""Whether the books are right: what each cooperative is owed, computed again from parcels and facts without the ledger,
compared with the ledger; and whether money waits for a machine for too long.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

from django.db.models import F, Sum

from marketplace.ledger.models import Account, Entry, Transaction
from marketplace.ledger.selectors import OWED_KINDS
from marketplace.order.models import Line, Parcel
from marketplace.payment.models import PaymentAttempt, PaymentFact, ProviderEvent, Refund, RefundLine, UnmatchedMoney
from marketplace.payment.providers.names import COLLECTING
from marketplace.payment.selectors import GIVEN, INCOMING
from marketplace.settlement.models import Bill, Payout, Statement, StatementItem, Withholding

Kind = Account.Kind
ALARM_AFTER = timedelta(minutes=15)
Sums = dict[tuple[int, str], int]


def differences() -> list[str]:
    """What does not agree, one sentence each; nothing when the books are right. Reads everything: for a nightly job."""
    return [*_unbalanced(), *_wrong_balances(), *_wrong_statements()]


def overdue(now: datetime) -> list[str]:
    """Money that a machine should have dealt with a quarter of an hour ago."""
    before = now - ALARM_AFTER
    waiting = {
        "events of providers not applied": ProviderEvent.objects.filter(applied_at=None, received_at__lt=before),
        # A transfer's attempt ends with its parcel's hold, and owes nobody an answer.
        "card payments past their end": PaymentAttempt.objects.filter(
            provider__in=COLLECTING,
            status__in=[PaymentAttempt.Status.CREATED, PaymentAttempt.Status.PENDING],
            expires_at__lt=before,
        ),
        "refunds not asked for": Refund.objects.filter(
            status=Refund.Status.REQUESTED, provider__in=COLLECTING, created_at__lt=before
        ),
        "money of the marketplace that fits nothing": UnmatchedMoney.objects.filter(
            status=UnmatchedMoney.Status.OPEN, cooperative=None, recorded_at__lt=before
        ),
        "transfers at Stripe without an answer": Payout.objects.filter(
            status=Payout.Status.EXPORTED,
            method=Payout.Method.STRIPE,
            events__to_status=Payout.Status.EXPORTED,
            events__at__lt=before,
        ).distinct(),
    }
    counts = {name: rows.count() for name, rows in waiting.items()}
    return [f"{count} {name}" for name, count in counts.items() if count]


def _unbalanced() -> Iterator[str]:
    rows = Transaction.objects.annotate(total=Sum("entries__amount")).exclude(total=0)
    for key, total in rows.values_list("key", "total"):
        yield f"transaction {key} sums to {total}, not 0"


def _wrong_balances() -> Iterator[str]:
    posted: Sums = defaultdict(int)
    entries = Entry.objects.filter(account__cooperative__isnull=False).order_by()
    for cooperative, kind, total in entries.values_list("account__cooperative", "account__kind").annotate(
        Sum("amount")
    ):
        posted[cooperative, kind] = int(total)
    expected = _expected()
    for cooperative, kind in sorted({*posted, *expected}):
        wanted, found = expected.get((cooperative, kind), 0), posted.get((cooperative, kind), 0)
        if wanted != found:
            yield f"cooperative {cooperative}, {kind}: the ledger says {found}, parcels and facts say {wanted}"


def _expected() -> Sums:
    sums: Sums = defaultdict(int)
    _add_facts(sums)
    _add_sales(sums)
    for cooperative, vat, income in (
        Withholding.objects.order_by().values_list("cooperative").annotate(Sum("vat"), Sum("income_tax"))
    ):
        sums[cooperative, Kind.TAX_WITHHELD] += int(vat + income)
    paid = Payout.objects.filter(status=Payout.Status.PAID)
    received = Bill.objects.filter(status=Bill.Status.PAID)
    for sign, rows in ((1, paid), (-1, received)):
        for cooperative, total in rows.order_by().values_list("statement__cooperative").annotate(Sum("amount")):
            sums[cooperative, Kind.PAID_OUT] += sign * int(total)
    return sums


def _add_facts(sums: Sums) -> None:
    facts = PaymentFact.objects.order_by().values_list("parcel__cooperative", "provider", "kind")
    for cooperative, provider, kind, total in facts.annotate(Sum("amount")):
        is_receipt = kind == PaymentFact.Kind.RECEIVED
        if provider in COLLECTING:
            side = Kind.COLLECTED if is_receipt else Kind.REFUNDS_PAID
            sums[cooperative, side] += -int(total) if kind in INCOMING else int(total)
        else:
            amount = int(total) if is_receipt else -int(total)
            sums[cooperative, Kind.RECEIVED_DIRECTLY] += amount
            sums[cooperative, Kind.DIRECT_SALES] -= amount


def _add_sales(sums: Sums) -> None:
    """Fees and voucher credits of what was delivered, paid and kept, in fractions and rounded once a parcel."""
    given = RefundLine.objects.filter(refund__status__in=GIVEN).order_by().values_list("line")
    refunded = {line: int(total) for line, total in given.annotate(Sum("amount"))}
    of_parcel: dict[tuple[int, int], list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    lines = Line.objects.filter(parcel__status=Parcel.Status.DELIVERED, parcel__paid_at__isnull=False).order_by()
    for pk, parcel, cooperative, charged, voucher, rate in lines.values_list(
        "pk", "parcel", "parcel__cooperative", "line_price_incl_tax", "marketplace_discount", "fee_rate"
    ).iterator(chunk_size=2000):
        kept = max(0, int(charged) - refunded.get(pk, 0))
        credit = Fraction(voucher) * (Fraction(kept, int(charged)) if charged else 1)
        sums_of = of_parcel[cooperative, parcel]
        sums_of[0] += (kept + credit) * Fraction(rate) / 100
        sums_of[1] += credit
    for (cooperative, _parcel), (fee, credit) in of_parcel.items():
        sums[cooperative, Kind.FEE_OWED] += _half_up(fee)
        sums[cooperative, Kind.VOUCHER_CREDIT] -= _half_up(credit)


def _half_up(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2))


def _wrong_statements() -> Iterator[str]:
    """A statement is its parcels; its balance is its payout or its bill; what it settles is what it says."""
    items = StatementItem.objects.order_by().values_list("statement").annotate(Sum("net"))
    nets = {statement: int(total) for statement, total in items}
    settled = Entry.objects.filter(
        transaction__statement_line__isnull=False, account__kind__in=OWED_KINDS, account__cooperative__isnull=False
    ).order_by()
    moved = {
        statement: -int(total)
        for statement, total in settled.values_list("transaction__statement_line__item__statement").annotate(
            Sum("amount")
        )
    }
    concluded = {
        pk: int(payout or 0) - int(bill or 0)
        for pk, payout, bill in Statement.objects.annotate(
            paid=F("payout__amount"), billed=F("bill__amount")
        ).values_list("pk", "paid", "billed")
    }
    for statement in Statement.objects.order_by("pk"):
        net, pk = int(statement.net), statement.pk
        if nets.get(pk, 0) != net or moved.get(pk, 0) != net:
            yield f"statement {statement}: net {net}, its parcels {nets.get(pk, 0)}, the ledger {moved.get(pk, 0)}"
        if concluded[pk] != statement.balance:
            yield f"statement {statement}: balance {statement.balance}, but payout or bill {concluded[pk]}"
