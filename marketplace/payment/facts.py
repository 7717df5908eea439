"""Where every way of being paid ends: one function applies a fact of money, under the locks of its order.

Webhook, return page, statement, clerk and reconciliation all tell facts, in any order and as often as they like. A fact
is applied once; one that does not fit is kept as unmatched money and marks nothing paid.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from marketplace.common.locks import locked
from marketplace.ledger.models import Account
from marketplace.ledger.parcels import align_parcel
from marketplace.ledger.services import post, transfer
from marketplace.order import services as orders
from marketplace.order.models import Order, Parcel
from marketplace.order.states import Status, amount_due, payment_status_of
from marketplace.payment.models import PaymentAttempt, PaymentFact, UnmatchedMoney
from marketplace.users.models import User

CURRENCY = "VND"
CASH = "cash"
TRANSFER = "transfer"
STRIPE = "stripe"
# The providers whose money goes to the marketplace and is owed to the cooperatives; other money is theirs at once.
COLLECTING = frozenset({STRIPE})

Reason = UnmatchedMoney.Reason
Kind = Account.Kind


class Outcome(StrEnum):
    APPLIED = "applied"
    KNOWN = "known"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True)
class Fact:
    """Money received, as its provider tells it. (provider, reference) names the movement; `amount` is in units of
    `currency` as the provider counts them, whole đồng for VND.
    """

    provider: str
    reference: str
    amount: int
    currency: str
    occurred_at: datetime
    memo: str = ""
    payer: str = ""


def apply_fact(*, fact: Fact, target: PaymentAttempt | Parcel, now: datetime, by: User | None = None) -> Outcome:
    """Marks paid what the money was for: the parcels of an attempt, or one parcel.

    Another amount than is due, another currency, a second payment, or one for parcels that were cancelled meanwhile is
    recorded as unmatched and changes nothing else. Idempotent by (provider, reference).
    """
    with transaction.atomic():
        order, parcels = _lock(target.order_id)
        if _is_known(fact):
            return Outcome.KNOWN
        attempt = target if isinstance(target, PaymentAttempt) else None
        if attempt is not None:
            attempt = PaymentAttempt.objects.select_for_update().get(pk=attempt.pk)
            shares = attempt.share_of
        else:
            shares = {target.pk: fact.amount}
        paid_for = [parcel for parcel in parcels if parcel.pk in shares]
        reason = _misfit(fact, attempt, paid_for)
        if reason is not None:
            record_unmatched(fact=fact, reason=reason, attempt=attempt, parcel=paid_for[0], now=now)
            return Outcome.UNMATCHED
        for parcel in paid_for:
            credit(order=order, parcel=parcel, fact=fact, amount=shares[parcel.pk], attempt=attempt, by=by, now=now)
        if attempt is not None:
            attempt.status, attempt.finished_at = PaymentAttempt.Status.SUCCEEDED, now
            attempt.save(update_fields=["status", "finished_at"])
        return Outcome.APPLIED


def record_unmatched(
    *,
    fact: Fact,
    reason: str,
    now: datetime,
    attempt: PaymentAttempt | None = None,
    parcel: Parcel | None = None,
    cooperative_id: int | None = None,
) -> UnmatchedMoney:
    """The money, kept once by (provider, reference) for a person to settle."""
    if cooperative_id is None and parcel is not None and fact.provider not in COLLECTING:
        cooperative_id = parcel.cooperative_id
    money, _is_new = UnmatchedMoney.objects.get_or_create(
        provider=fact.provider,
        reference=fact.reference,
        defaults={
            "cooperative_id": cooperative_id,
            "attempt": attempt,
            "parcel": parcel,
            "amount": fact.amount,
            "currency": fact.currency,
            "memo": fact.memo[:500],
            "payer": fact.payer[:200],
            "reason": reason,
            "occurred_at": fact.occurred_at,
            "recorded_at": now,
        },
    )
    return money


def credit(
    *,
    order: Order,
    parcel: Parcel,
    fact: Fact,
    amount: int,
    attempt: PaymentAttempt | None,
    by: User | None,
    now: datetime,
) -> None:
    """Writes down that the parcel received so much. The caller holds the locks and knows that the fact is new."""
    parcel.order = order
    if amount:
        PaymentFact.objects.create(
            provider=fact.provider,
            reference=fact.reference,
            kind=PaymentFact.Kind.RECEIVED,
            parcel=parcel,
            attempt=attempt,
            amount=amount,
            currency=fact.currency,
            occurred_at=fact.occurred_at,
            recorded_at=now,
            recorded_by=by,
        )
        _post_receipt(parcel, fact, amount, now)
    parcel.amount_received += amount
    settle_payment(parcel, paid_at=min(max(fact.occurred_at, parcel.placed_at), now), now=now)


def settle_payment(parcel: Parcel, *, paid_at: datetime, now: datetime) -> None:
    """Derives the parcel's payment from its sums, and what follows once it is paid: no hold, a sale, a fee.

    The caller holds the parcel's lock and has changed its sums or its total; this saves them.
    """
    if parcel.paid_at is None and amount_due(parcel) == 0 and parcel.amount_received >= parcel.total:
        parcel.paid_at, parcel.hold_expires_at = paid_at, None
    parcel.payment_status = payment_status_of(parcel)
    parcel.save(update_fields=["payment_status", "paid_at", "hold_expires_at", "amount_received", "amount_refunded"])
    orders.record_sales_when_complete(parcel)
    align_parcel(parcel=parcel, refunded={}, now=now)


def _lock(order_id: int) -> tuple[Order, list[Parcel]]:
    order = locked(Order.objects.filter(pk=order_id))[0]
    return order, locked(Parcel.objects.filter(order_id=order_id))


def _is_known(fact: Fact) -> bool:
    told = {"provider": fact.provider, "reference": fact.reference}
    return (
        PaymentFact.objects.filter(**told, kind=PaymentFact.Kind.RECEIVED).exists()
        or UnmatchedMoney.objects.filter(**told).exists()
    )


def _misfit(fact: Fact, attempt: PaymentAttempt | None, parcels: list[Parcel]) -> str | None:
    """Why the money cannot be applied; None when it can."""
    if fact.currency.upper() != CURRENCY:
        return Reason.WRONG_CURRENCY
    open_parcels = [parcel for parcel in parcels if parcel.status != Status.CANCELLED]
    if not open_parcels:
        return Reason.TOO_LATE
    # One that was paid by another attempt is enough: its share would be received twice.
    if any(parcel.paid_at is not None for parcel in open_parcels):
        return Reason.PAID_TWICE
    due = int(attempt.amount) if attempt is not None else sum(amount_due(parcel) for parcel in parcels)
    return None if fact.amount == due else Reason.WRONG_AMOUNT


def _post_receipt(parcel: Parcel, fact: Fact, amount: int, now: datetime) -> None:
    if fact.provider in COLLECTING:
        sides = transfer(debit=Kind.CARD_CLEARING, credit=Kind.COLLECTED, amount=amount)
    else:
        sides = transfer(debit=Kind.RECEIVED_DIRECTLY, credit=Kind.DIRECT_SALES, amount=amount)
    post(
        key=f"received:{fact.provider}:{fact.reference[:70]}:{parcel.number}",
        kind="received",
        sides=sides,
        cooperative_id=parcel.cooperative_id,
        parcel=parcel,
        now=now,
    )
