"""Where every way of being paid ends: one function applies a fact of money, under the locks of its order.

Webhook, return page, statement, clerk and reconciliation all tell facts, in any order and as often as they like. A fact
is applied once; one that does not fit is kept as unmatched money and marks nothing paid.
"""

from datetime import datetime
from enum import StrEnum
from typing import cast

from django.db import transaction
from django.db.models import Sum

from marketplace.common.locks import locked
from marketplace.common.money import split_by_largest_remainder
from marketplace.ledger.parcels import align_parcel
from marketplace.order import services as orders
from marketplace.order.models import Order, Parcel
from marketplace.order.states import NOTHING_DUE, amount_due, payment_status_of
from marketplace.payment import queue
from marketplace.payment.emails_receipts import send_received
from marketplace.payment.models import PaymentAttempt, PaymentFact, Refund, UnmatchedMoney
from marketplace.payment.postings import Fact as Fact
from marketplace.payment.postings import is_loss_posted, post_loss, post_receipt, post_refund, post_sent_back, undo_loss
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


class Outcome(StrEnum):
    APPLIED = "applied"
    KNOWN = "known"
    UNMATCHED = "unmatched"


def apply_fact(
    *, fact: Fact, target: PaymentAttempt | Parcel | Refund | UnmatchedMoney, now: datetime, by: User | None = None
) -> Outcome:
    """Applies money that moved, once, whoever tells it and however often.

    RECEIVED, for an attempt or a parcel: marks paid what the money was for. Another amount than is due, another
    currency, a second payment, or one for parcels that were all cancelled or sent back meanwhile is kept as unmatched
    money and changes nothing else. A parcel that was cancelled among others that were not is given its part back.
    REFUNDED, for a refund: the money is back with the buyer. CHARGED_BACK, or REFUNDED without our asking, for an
    attempt, a parcel or unmatched money: it was taken from what it paid, or from the queue, where it paid nothing.
    SENT_BACK, for a refund or for the attempt that it gave back: the money did not reach the buyer and is with us again;
    all that followed from giving it back is undone, and the refund has failed.
    """
    if fact.kind == Kind.SENT_BACK:
        return _apply_sent_back(fact, target, now)
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
        _write(fact, parcel, amount, attempt, by, now)
        post_receipt(parcel, fact, amount, now)
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
        is_over = refund.status == Refund.Status.FAILED and refund.external_id == fact.reference
        if refund.status in GIVEN or is_over:
            # What failed at the provider never succeeds: this was said before it failed.
            return Outcome.KNOWN
        is_too_much = fact.amount > parcel.amount_received - parcel.amount_refunded
        if fact.currency.upper() != CURRENCY or fact.amount != refund.amount or is_too_much:
            refund.last_error = f"{fact.reference}: {fact.amount} {fact.currency}"[:300]
            refund.save(update_fields=["last_error"])
            return Outcome.UNMATCHED
        queue.end(refund, now)
        debit(order=order, parcel=parcel, fact=fact, amount=fact.amount, attempt=refund.attempt, by=by, now=now)
        return Outcome.APPLIED


def _apply_sent_back(fact: Fact, target: PaymentAttempt | Parcel | Refund | UnmatchedMoney, now: datetime) -> Outcome:
    """Of every parcel from which the refund of this reference was taken, and of what the marketplace bore of it."""
    if isinstance(target, UnmatchedMoney) or (isinstance(target, Refund) and target.parcel is None):
        is_new = isinstance(target, Refund) and queue.undo_refund(target.pk, fact.memo, now)
        return Outcome.APPLIED if is_new else Outcome.KNOWN
    order_id = target.parcel.order_id if isinstance(target, Refund) else target.order_id  # type: ignore[union-attr]
    with transaction.atomic():
        order, parcels = _lock(order_id)
        by_key = {parcel.pk: parcel for parcel in parcels}
        given = Refund.objects.select_for_update().filter(
            provider=fact.provider, external_id=fact.reference, parcel__in=by_key, status=Refund.Status.SUCCEEDED
        )
        refunds = list(given.order_by("pk"))
        for refund in refunds:
            parcel = by_key[cast("int", refund.parcel_id)]
            parcel.order = order
            queue.fail(refund, fact.memo, now)
            _write(fact, parcel, int(refund.amount), refund.attempt, None, now)
            post_sent_back(parcel, fact, int(refund.amount), now)
            parcel.amount_refunded -= refund.amount
            settle_payment(parcel, paid_at=now, now=now)
            orders.correct_sales(parcel)
        is_loss_undone = undo_loss(fact, now)
        return Outcome.APPLIED if refunds or is_loss_undone else Outcome.KNOWN


def _apply_taking(fact: Fact, target: PaymentAttempt | Parcel, now: datetime) -> Outcome:
    """Taken off the parcels that it paid, by what is left of it on each; more than that is the marketplace's own loss."""
    with transaction.atomic():
        order, parcels = _lock(target.order_id)
        if _is_known(fact) or is_loss_posted(fact):
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
            post_loss(fact, fact.amount - taken, now)
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
    _write(fact, parcel, amount, attempt, by, now)
    post_refund(parcel, fact, amount, now)
    parcel.amount_refunded += amount
    settle_payment(parcel, paid_at=now, now=now)


def _write(
    fact: Fact, parcel: Parcel, amount: int, attempt: PaymentAttempt | None, by: User | None, now: datetime
) -> None:
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
