"""Goods held for a payment that does not come are let go: cancelled once, with their stock.

By card, the provider's page is closed first; only when the provider has said that nobody can pay on it any more are the
goods let go. Money that was quicker is applied instead.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from marketplace.common.errors import DomainError
from marketplace.common.locks import locked
from marketplace.order.models import Order, Parcel
from marketplace.order.services import cancel_parcel
from marketplace.order.states import CANCELLABLE, CancelReason, Status, payment_status_of
from marketplace.payment.card_pages import OPEN, PAGE_LIFE, close_attempt, finish
from marketplace.payment.facts import STRIPE, TRANSFER
from marketplace.payment.models import PaymentAttempt
from marketplace.payment.providers.base import CardProvider, ProviderUnavailableError
from marketplace.payment.providers.choice import card_provider

logger = logging.getLogger(__name__)

Method = Parcel.PaymentMethod
_BATCH = 200
# Unanswered so often, the provider is left in peace for this pass.
MISSES = 2
# Without a key nobody can be asked: a page is taken as closed so long after its end.
_WITHOUT_ANSWER = timedelta(hours=1)


def expire_holds(*, now: datetime) -> int:
    """Cancels what is not paid in time, and returns how many parcels. What cannot be known now stays for later."""
    return _expire_by(Method.TRANSFER, now) + _expire_by(Method.CARD, now)


def forget_hold(*, parcel: Parcel, **_others: Any) -> None:
    """What is cancelled is held no more. A receiver of `parcel_changed`."""
    if parcel.status == Status.CANCELLED and parcel.hold_expires_at is not None:
        parcel.hold_expires_at = None
        parcel.payment_status = payment_status_of(parcel)
        parcel.save(update_fields=["hold_expires_at", "payment_status"])


def _expire_by(method: str, now: datetime) -> int:
    """Each way of paying on its own: a provider that does not answer keeps only its own goods waiting."""
    due = Parcel.objects.filter(
        hold_expires_at__lte=now, paid_at=None, status__in=CANCELLABLE, payment_method=method
    ).order_by("hold_expires_at")
    cancelled = unanswered = 0
    for order_id in dict.fromkeys(due.values_list("order_id", flat=True)[:_BATCH]):
        if unanswered == MISSES:
            break
        try:
            cancelled += _expire(order_id, method, now)
        except DomainError as error:
            # The provider or a lock: this order waits, the others do not.
            logger.warning("Order %s is not let go yet: %s", order_id, error.code)
            unanswered += isinstance(error, ProviderUnavailableError)
    return cancelled


def _expire(order_id: int, method: str, now: datetime) -> int:
    if method == Method.CARD and not _close_pages(order_id, now):
        return 0
    return cancel_unpaid(order_id=order_id, method=method, now=now)


def _close_pages(order_id: int, now: datetime) -> bool:
    provider = card_provider()
    attempts = PaymentAttempt.objects.filter(order_id=order_id, provider=STRIPE, status__in=OPEN)
    return all(_close(provider, attempt, now) for attempt in attempts.select_related("order__user").order_by("pk"))


def _close(provider: CardProvider | None, attempt: PaymentAttempt, now: datetime) -> bool:
    if provider is not None:
        return close_attempt(provider=provider, attempt=attempt, now=now)
    if attempt.external_id and now < attempt.created_at + PAGE_LIFE + _WITHOUT_ANSWER:
        return False
    finish(attempt, PaymentAttempt.Status.EXPIRED, now=now)
    return True


@transaction.atomic
def cancel_unpaid(*, order_id: int, method: str, now: datetime) -> int:
    """Cancels the order's parcels whose hold has run out, unless they were paid or may still be. How many."""
    locked(Order.objects.filter(pk=order_id))
    parcels = locked(Parcel.objects.filter(order_id=order_id))
    attempts = PaymentAttempt.objects.filter(order_id=order_id, status__in=OPEN)
    if method == Method.CARD and attempts.filter(provider=STRIPE).exists():
        # "Pay now" was pressed just before the hold ran out.
        return 0
    unpaid = [parcel for parcel in parcels if _has_run_out(parcel, method, now)]
    for parcel in unpaid:
        cancel_parcel(parcel=parcel, by=None, now=now, reason=CancelReason.UNPAID)
    for attempt in attempts.filter(provider=TRANSFER):
        if attempt.share_of.keys() <= {parcel.pk for parcel in unpaid}:
            finish(attempt, PaymentAttempt.Status.EXPIRED, now=now)
    return len(unpaid)


def _has_run_out(parcel: Parcel, method: str, now: datetime) -> bool:
    return (
        parcel.payment_method == method
        and parcel.paid_at is None
        and parcel.status in CANCELLABLE
        and parcel.hold_expires_at is not None
        and parcel.hold_expires_at <= now
    )
