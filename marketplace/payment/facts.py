"""Where every way of being paid ends: one function applies a fact of money, under the locks of its order.

Webhook, return page, statement, clerk and reconciliation all tell facts, in any order and as often as they like. A fact
is applied once; one that does not fit is kept as unmatched money and marks nothing paid.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from django.db import transaction
from django.db.models import Sum

from marketplace.common.locks import locked
from marketplace.common.money import split_by_largest_remainder
from marketplace.ledger.models import Account, Transaction
from marketplace.ledger.parcels import align_parcel
from marketplace.ledger.services import Side, post, transfer
from marketplace.order import services as orders
from marketplace.order.models import Order, Parcel
from marketplace.order.states import NOTHING_DUE, amount_due, payment_status_of
from marketplace.payment import queue
from marketplace.payment.emails_receipts import send_received
from marketplace.payment.models import PaymentAttempt, PaymentFact, Refund, UnmatchedMoney
from marketplace.payment.providers.names import CASH as CASH
from marketplace.payment.providers.names import COLLECTING
from marketplace.payment.providers.names import STRIPE as STRIPE
from marketplace.payment.providers.names import TRANSFER as TRANSFER
from marketplace.payment.selectors import GIVEN, refunded_by_line, surplus
from marketplace.payment.shares import promise_back, spread_over_lines, write_lines
from marketplace.users.models import User

CURRENCY = "VND"

Reason = UnmatchedMoney.Reason
Kind = PaymentFact.Kind
Books = Account.Kind


class Outcome(StrEnum):
    APPLIED = "applied"
    KNOWN = "known"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True)
class Fact:
    """Money that moved, as its provider tells it. (provider, reference, kind) names the movement; `amount` is in units
    of `currency` as the provider counts them, whole đồng for VND. The reference of money received from a provider is
    what that provider would refund it by.
    """

    provider: str
    reference: str
    amount: int
    currency: str
    occurred_at: datetime
    memo: str = ""
    payer: str = ""
    kind: str = PaymentFact.Kind.RECEIVED


def apply_fact(
    *, fact: Fact, target: PaymentAttempt | Parcel | Refund | UnmatchedMoney, now: datetime, by: User | None = None
) -> Outcome:
    """Applies money that moved, once, whoever tells it and however often.

    RECEIVED, for an attempt or a parcel: marks paid what the money was for. Another amount than is due, another
    currency, a second payment, or one for parcels that were all cancelled or sent back meanwhile is kept as unmatched
    money and changes nothing else. A parcel that was cancelled among others that were not is given its part back.
    REFUNDED, for a refund: the money is back with the buyer. CHARGED_BACK, or REFUNDED without our asking, for an
    attempt, a parcel or unmatched money: it was taken from what it paid, or from the queue, where it paid nothing.
    """
    if isinstance(target, Refund):
        return _apply_refund(fact, target, now, by)
    if isinstance(target, UnmatchedMoney):
        return _take_from_queue(fact, target, now)
    if fact.kind != Kind.RECEIVED:
        return _apply_taking(fact, target, now)
    return _apply_receipt(fact, target, now, by)


def _apply_receipt(fact: Fact, target: PaymentAttempt | Parcel, now: datetime, by: User | None) -> Outcome:
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
        key = f"{fact.provider}:{fact.reference}"[:60]
        send_received(order=order, parcels=paid_for, amounts=shares, key=key, now=now)
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
    if parcel.status in NOTHING_DUE:
        promise_back(
            parcel=parcel,
            amount=amount,
            key=f"paid:{fact.provider}:{fact.reference[:40]}",
            reason=Refund.Reason.CANCELLED,
            now=now,
        )
    elif parcel.amount_received > parcel.total:
        # More than it costs, on no line: the goods bear nothing of it.
        promise_back(
            parcel=parcel,
            amount=surplus(parcel),
            lines={},
            key=f"paid:{fact.provider}:{fact.reference[:40]}",
            reason=Refund.Reason.OVERPAID,
            now=now,
        )
    settle_payment(parcel, paid_at=min(max(fact.occurred_at, parcel.placed_at), now), now=now)


def settle_payment(parcel: Parcel, *, paid_at: datetime, now: datetime) -> None:
    """Derives the parcel's payment from its sums, and what follows once it is paid: no hold, a sale, a fee.

    The caller holds the parcel's lock and has changed its sums or its total; this saves them.
    """
    if parcel.paid_at is None and amount_due(parcel) == 0 and parcel.amount_received >= parcel.total:
        parcel.paid_at, parcel.hold_expires_at = paid_at, None
    elif parcel.paid_at is not None and amount_due(parcel):
        # The buyer agreed to more than was ordered: the rest is paid at the door.
        parcel.paid_at = None
    parcel.payment_status = payment_status_of(parcel)
    parcel.save(update_fields=["payment_status", "paid_at", "hold_expires_at", "amount_received", "amount_refunded"])
    orders.record_sales_when_complete(parcel)
    align_parcel(parcel=parcel, refunded=refunded_by_line(parcel), now=now)


def _lock(order_id: int) -> tuple[Order, list[Parcel]]:
    order = locked(Order.objects.filter(pk=order_id))[0]
    return order, locked(Parcel.objects.filter(order_id=order_id))


def _is_known(fact: Fact) -> bool:
    told = {"provider": fact.provider, "reference": fact.reference}
    return PaymentFact.objects.filter(**told, kind=fact.kind).exists() or UnmatchedMoney.objects.filter(**told).exists()


def _misfit(fact: Fact, attempt: PaymentAttempt | None, parcels: list[Parcel]) -> str | None:
    """Why the money cannot be applied; None when it can."""
    if fact.currency.upper() != CURRENCY:
        return Reason.WRONG_CURRENCY
    open_parcels = [parcel for parcel in parcels if parcel.status not in NOTHING_DUE]
    if not open_parcels:
        return Reason.TOO_LATE
    # One that was paid by another attempt is enough: its share would be received twice.
    if any(parcel.paid_at is not None for parcel in open_parcels):
        return Reason.PAID_TWICE
    due = int(attempt.amount) if attempt is not None else sum(amount_due(parcel) for parcel in parcels)
    return None if fact.amount == due else Reason.WRONG_AMOUNT


def _apply_refund(fact: Fact, refund: Refund, now: datetime, by: User | None) -> Outcome:
    with transaction.atomic():
        if refund.parcel is None:
            money = cast("UnmatchedMoney", refund.unmatched)
            return Outcome.APPLIED if queue.finish_refund(money, refund.pk, now, by) else Outcome.KNOWN
        order, parcels = _lock(refund.parcel.order_id)
        refund = Refund.objects.select_for_update().get(pk=refund.pk)
        parcel = next(parcel for parcel in parcels if parcel.pk == refund.parcel_id)
        if refund.status in GIVEN:
            return Outcome.KNOWN
        is_too_much = fact.amount > parcel.amount_received - parcel.amount_refunded
        if fact.currency.upper() != CURRENCY or fact.amount != refund.amount or is_too_much:
            refund.last_error = f"{fact.reference}: {fact.amount} {fact.currency}"[:300]
            refund.save(update_fields=["last_error"])
            return Outcome.UNMATCHED
        queue.end(refund, now)
        debit(order=order, parcel=parcel, fact=fact, amount=fact.amount, attempt=refund.attempt, by=by, now=now)
        return Outcome.APPLIED


def _apply_taking(fact: Fact, target: PaymentAttempt | Parcel, now: datetime) -> Outcome:
    """Taken off the parcels that it paid, by what is left of it on each; more than that is the marketplace's own loss."""
    with transaction.atomic():
        order, parcels = _lock(target.order_id)
        if _is_known(fact) or Transaction.objects.filter(key=_loss_key(fact)).exists():
            return Outcome.KNOWN
        if isinstance(target, PaymentAttempt) and (money := queue.money_of(fact.provider, target.payment_id)):
            return _take_from_queue(fact, money, now)
        shares = target.share_of if isinstance(target, PaymentAttempt) else {target.pk: fact.amount}
        paid_for = [parcel for parcel in parcels if parcel.pk in shares]
        brought = _brought_by(target, fact)
        left = [
            min(int(parcel.amount_received - parcel.amount_refunded), brought.get(parcel.pk, 0)) for parcel in paid_for
        ]
        taken = min(fact.amount, sum(left))
        for parcel, part in zip(paid_for, split_by_largest_remainder(taken, left), strict=True):
            if part:
                _take(order, parcel, fact, part, target, now)
        if fact.amount > taken:
            _post_loss(fact, fact.amount - taken, now)
        return Outcome.APPLIED


def _brought_by(target: PaymentAttempt | Parcel, fact: Fact) -> dict[int, int]:
    """What the payment that is taken back brought to each parcel; what came another way is not touched."""
    received = PaymentFact.objects.filter(kind=Kind.RECEIVED, provider=fact.provider).order_by()
    received = received.filter(attempt=target) if isinstance(target, PaymentAttempt) else received.filter(parcel=target)
    return {pk: int(amount) for pk, amount in received.values_list("parcel").annotate(Sum("amount"))}


def _take(
    order: Order, parcel: Parcel, fact: Fact, amount: int, target: PaymentAttempt | Parcel, now: datetime
) -> None:
    attempt = target if isinstance(target, PaymentAttempt) else None
    refund = Refund.objects.create(
        key=f"{fact.kind}:{fact.provider}:{fact.reference[:70]}:{parcel.number}",
        provider=fact.provider,
        parcel=parcel,
        attempt=attempt,
        amount=amount,
        reason=_why(fact),
        status=Refund.Status.SUCCEEDED,
        external_id=fact.reference,
        created_at=now,
        finished_at=now,
    )
    write_lines(refund, spread_over_lines(parcel, amount))
    debit(order=order, parcel=parcel, fact=fact, amount=amount, attempt=attempt, by=None, now=now)


def _take_from_queue(fact: Fact, money: UnmatchedMoney, now: datetime) -> Outcome:
    is_new = queue.return_money(money, reference=fact.reference, amount=fact.amount, reason=_why(fact), now=now)
    return Outcome.APPLIED if is_new else Outcome.KNOWN


def _why(fact: Fact) -> str:
    return Refund.Reason.DISPUTED if fact.kind == Kind.CHARGED_BACK else Refund.Reason.OTHER


def debit(
    *,
    order: Order,
    parcel: Parcel,
    fact: Fact,
    amount: int,
    attempt: PaymentAttempt | None,
    by: User | None,
    now: datetime,
) -> None:
    """Writes down that so much of the parcel's money went back. The caller holds the locks, knows that the fact is new,
    and has finished its refund.
    """
    parcel.order = order
    PaymentFact.objects.create(
        provider=fact.provider,
        reference=fact.reference,
        kind=fact.kind,
        parcel=parcel,
        attempt=attempt,
        amount=amount,
        currency=CURRENCY,
        occurred_at=fact.occurred_at,
        recorded_at=now,
        recorded_by=by,
    )
    if fact.provider in COLLECTING:
        sides = transfer(debit=Books.REFUNDS_PAID, credit=Books.CARD_CLEARING, amount=amount)
    else:
        sides = transfer(debit=Books.DIRECT_SALES, credit=Books.RECEIVED_DIRECTLY, amount=amount)
    _post(parcel, fact, sides, now)
    parcel.amount_refunded += amount
    settle_payment(parcel, paid_at=now, now=now)


def _post_receipt(parcel: Parcel, fact: Fact, amount: int, now: datetime) -> None:
    if fact.provider in COLLECTING:
        sides = transfer(debit=Books.CARD_CLEARING, credit=Books.COLLECTED, amount=amount)
    else:
        sides = transfer(debit=Books.RECEIVED_DIRECTLY, credit=Books.DIRECT_SALES, amount=amount)
    _post(parcel, fact, sides, now)


def _loss_key(fact: Fact) -> str:
    return f"{fact.kind}:{fact.provider}:{fact.reference[:70]}:loss"


def _post_loss(fact: Fact, amount: int, now: datetime) -> None:
    post(
        key=_loss_key(fact),
        kind=fact.kind,
        sides=transfer(debit=Books.PROVIDER_FEES, credit=Books.CARD_CLEARING, amount=amount),
        cooperative_id=None,
        now=now,
    )


def _post(parcel: Parcel, fact: Fact, sides: list[Side], now: datetime) -> None:
    post(
        key=f"{fact.kind}:{fact.provider}:{fact.reference[:70]}:{parcel.number}",
        kind=fact.kind,
        sides=sides,
        cooperative_id=parcel.cooperative_id,
        parcel=parcel,
        now=now,
    )
