"""Refunds that a provider makes: asked for after the commit, again under the same key until it answers, and read again
until it is done.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from marketplace.payment import emails, queue
from marketplace.payment.facts import CURRENCY, Fact, Outcome, apply_fact
from marketplace.payment.models import PaymentAttempt, PaymentFact, Refund
from marketplace.payment.providers.base import (
    CardProvider,
    ProviderRefusedError,
    ProviderUnavailableError,
    RefundAnswer,
)
from marketplace.payment.providers.choice import provider_for
from marketplace.payment.selectors import OPEN

logger = logging.getLogger(__name__)

Status = Refund.Status
# Who dies while asking is followed by another after so long.
CLAIM = timedelta(minutes=5)
UNANSWERED = timedelta(minutes=2)
UNDERWAY = timedelta(hours=1)
# A provider forgets a key after a day, and may repeat a failure under it till then.
KEY_REMEMBERED = timedelta(hours=20)


def send_due_refunds(*, now: datetime, limit: int = 50) -> int:
    """Asks the providers for what is promised, and how what they promised stands. How many came to an end."""
    due = Refund.objects.filter(status__in=OPEN, next_attempt_at__lte=now).select_related("attempt", "unmatched")
    return sum(_send(refund, now) for refund in due.order_by("next_attempt_at", "pk")[:limit])


def read_refund(*, provider: CardProvider, external_id: str, now: datetime) -> str:
    """What the provider says of a refund now, applied: its status, or why it is not ours. One that somebody made at the
    provider's own desk is taken off the parcels that its payment paid.
    """
    answer = provider.read_refund(external_id)
    refund = _find(provider.name, answer)
    if refund is not None:
        apply_answer(refund=refund, answer=answer, now=now)
        return refund.status
    if not answer.payment_id:
        return "not ours"
    attempt = PaymentAttempt.objects.filter(provider=provider.name, payment_id=answer.payment_id).first()
    target = attempt or queue.money_of(provider.name, answer.payment_id)
    if target is None:
        return "not ours"
    if answer.status == Status.FAILED and attempt is not None:
        return apply_fact(fact=_sent_back(provider.name, answer, now), target=attempt, now=now)
    if answer.status != Status.SUCCEEDED:
        return "ignored"
    return apply_fact(fact=_fact(provider.name, answer, answer.amount, now), target=target, now=now)


def apply_answer(*, refund: Refund, answer: RefundAnswer, now: datetime) -> None:
    """What the provider said of the refund, and the message about it; states only move forward."""
    if answer.external_id and not refund.external_id:
        Refund.objects.filter(pk=refund.pk).update(external_id=answer.external_id)
    # With its message, or not at all.
    with transaction.atomic():
        if answer.status == Status.SUCCEEDED:
            amount = answer.amount or int(refund.amount)
            outcome = apply_fact(fact=_fact(refund.provider, answer, amount, now), target=refund, now=now)
            if outcome == Outcome.APPLIED:
                emails.send_returned(refund, now=now)
        elif answer.status == Status.FAILED:
            ended = Refund.objects.filter(pk=refund.pk, status__in=OPEN).update(
                status=Status.FAILED, finished_at=now, next_attempt_at=None, last_error=answer.error[:300]
            )
            if ended:
                emails.send_failed(refund, now=now)
            elif apply_fact(fact=_sent_back(refund.provider, answer, now), target=refund, now=now) == Outcome.APPLIED:
                # Days later, perhaps. The money is owed to the buyer, by another way.
                for undone in Refund.objects.filter(provider=refund.provider, external_id=answer.external_id):
                    emails.send_failed(undone, now=now)
                logger.error("Refund %s came back from the card's bank: see card money", answer.external_id)
        else:
            Refund.objects.filter(pk=refund.pk, status__in=OPEN).update(
                status=Status.PENDING, next_attempt_at=now + UNDERWAY, last_error=""
            )
    refund.refresh_from_db()


def _send(refund: Refund, now: datetime) -> bool:
    provider = provider_for(refund.provider)
    claimed = Refund.objects.filter(pk=refund.pk, status__in=OPEN, next_attempt_at=refund.next_attempt_at)
    if provider is None or not claimed.update(next_attempt_at=now + CLAIM):
        return False
    try:
        answer = _ask(provider, refund, now)
    except (ProviderUnavailableError, ProviderRefusedError) as error:
        Refund.objects.filter(pk=refund.pk).update(next_attempt_at=now + UNANSWERED, last_error=str(error)[:300])
        return False
    apply_answer(refund=refund, answer=answer, now=now)
    return refund.status not in OPEN


def _ask(provider: CardProvider, refund: Refund, now: datetime) -> RefundAnswer:
    if refund.external_id:
        return provider.read_refund(refund.external_id)
    payment_id = _payment_of(refund)
    if refund.last_error or now - refund.created_at > KEY_REMEMBERED:
        # Asked for before, perhaps, with an answer that was lost.
        for made in provider.refunds_of(payment_id):
            if made.metadata.get("refund") == refund.key:
                return made
    return provider.refund(
        payment_id=payment_id,
        amount=int(refund.amount),
        currency=CURRENCY,
        idempotency_key=f"refund:{refund.key}",
        metadata={"refund": refund.key},
    )


def _payment_of(refund: Refund) -> str:
    """What the provider calls the payment; money that fitted nothing was a payment of its own."""
    if refund.unmatched is not None:
        return refund.unmatched.reference
    return refund.attempt.payment_id if refund.attempt else ""


def _find(provider: str, answer: RefundAnswer) -> Refund | None:
    refunds = Refund.objects.filter(provider=provider)
    known = refunds.filter(external_id=answer.external_id).first()
    return known or refunds.filter(key=answer.metadata.get("refund", "")).first()


def _fact(provider: str, answer: RefundAnswer, amount: int, now: datetime) -> Fact:
    return Fact(
        kind=PaymentFact.Kind.REFUNDED,
        provider=provider,
        reference=answer.external_id,
        amount=amount,
        currency=answer.currency or CURRENCY,
        occurred_at=answer.created_at or now,
    )


def _sent_back(provider: str, answer: RefundAnswer, now: datetime) -> Fact:
    return Fact(
        kind=PaymentFact.Kind.SENT_BACK,
        provider=provider,
        reference=answer.external_id,
        amount=answer.amount,
        currency=answer.currency or CURRENCY,
        occurred_at=now,
        memo=answer.error,
    )
