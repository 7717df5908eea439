"""What the card's provider tells: stored once by its number, and applied afterwards.

An event is only a hint. What it names is read again from the provider, so that old and new events, told in any order and
as often as it likes, lead to the same result.
"""

import logging
from datetime import datetime

from marketplace.common.errors import DomainError
from marketplace.payment import disputes
from marketplace.payment.card_lookup import attempt_of_payment, find_attempt
from marketplace.payment.card_pages import apply_page, fact_of
from marketplace.payment.facts import STRIPE, record_unmatched
from marketplace.payment.models import ProviderEvent, UnmatchedMoney
from marketplace.payment.providers.base import CardPage, CardProvider, News
from marketplace.payment.refund_sending import read_refund

logger = logging.getLogger(__name__)

NOT_OURS = "not ours"
IGNORED = "ignored"


def store_event(*, news: News, now: datetime) -> ProviderEvent:
    """The event, written once however often it is told."""
    event, _is_new = ProviderEvent.objects.get_or_create(
        provider=STRIPE,
        event_id=news.event_id,
        defaults={"kind": news.kind, "payload": news.payload, "received_at": now},
    )
    return event


def apply_event(*, provider: CardProvider, event: ProviderEvent, now: datetime) -> bool:
    """Whether the event is applied. One that fails stays, and reconciliation tries it again."""
    if event.applied_at is not None:
        return True
    try:
        # No transaction around it: none is held while the provider is asked.
        outcome = _apply(provider, event.kind, str(event.payload["object"]), now)
    except Exception as error:
        # Whatever it is, it must cost no other event: this one is tried again, and counted.
        if not isinstance(error, DomainError):
            logger.exception("Event %s (%s) was not applied", event.event_id, event.kind)
        ProviderEvent.objects.filter(pk=event.pk, failures__lt=30_000).update(
            failures=event.failures + 1, outcome=type(error).__name__[:200]
        )
        return False
    ProviderEvent.objects.filter(pk=event.pk).update(applied_at=now, outcome=outcome[:200])
    return True


def _apply(provider: CardProvider, kind: str, object_id: str, now: datetime) -> str:
    if kind.startswith("checkout.session."):
        return _apply_page(provider.read_page(object_id), now)
    if kind.startswith("payment_intent."):
        page = provider.page_of_payment(object_id)
        return NOT_OURS if page is None else _apply_page(page, now)
    if kind.startswith("charge.dispute."):
        return disputes.read_dispute(provider=provider, external_id=object_id, now=now)
    if kind.startswith("refund."):
        return _apply_refund(provider, object_id, now)
    return IGNORED


def _apply_refund(provider: CardProvider, external_id: str, now: datetime) -> str:
    outcome = read_refund(provider=provider, external_id=external_id, now=now)
    if outcome != NOT_OURS:
        return outcome
    # Told before the payment that it gives back: that is applied first.
    payment_id = provider.read_refund(external_id).payment_id
    if not payment_id or attempt_of_payment(provider=provider, payment_id=payment_id, now=now) is None:
        return NOT_OURS
    return read_refund(provider=provider, external_id=external_id, now=now)


def _apply_page(page: CardPage, now: datetime) -> str:
    attempt = find_attempt(page)
    if attempt is not None:
        apply_page(attempt=attempt, page=page, now=now)
        return attempt.status
    if not page.key:
        # The operator's account may sell other things than ours.
        return NOT_OURS
    if page.is_paid:
        record_unmatched(fact=fact_of(page, now), reason=UnmatchedMoney.Reason.UNKNOWN_PAYMENT, now=now)
        return UnmatchedMoney.Reason.UNKNOWN_PAYMENT
    return IGNORED
