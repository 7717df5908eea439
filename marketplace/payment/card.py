"""Paying an order by card: from our page to the provider's, and again until it is paid or the goods are let go."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from marketplace.common.errors import DomainError
from marketplace.common.locks import locked
from marketplace.order.links import order_path
from marketplace.order.models import Order, Parcel
from marketplace.order.states import CANCELLABLE
from marketplace.payment.attempts import open_attempts
from marketplace.payment.card_pages import OPEN, ask_page, close_attempt, read_attempt
from marketplace.payment.facts import STRIPE
from marketplace.payment.models import PaymentAttempt
from marketplace.payment.providers import patience
from marketplace.payment.providers.base import CardProvider, ProviderRefusedError, ProviderUnavailableError
from marketplace.payment.providers.choice import card_provider

logger = logging.getLogger(__name__)

# An answer to a call that was made before may be an old one; a new page needs no second look.
_FRESH = timedelta(minutes=1)


def card_is_offered(amount: int | None = None) -> bool:
    """Whether cards are taken at all, and for an order of so many đồng. No query, no call."""
    if not settings.STRIPE_SECRET_KEY:
        return False
    return amount is None or settings.CARD_MINIMUM <= amount <= settings.CARD_MAXIMUM


def start_card_payment(*, order: Order, now: datetime) -> str:
    """Where the buyer goes on: the provider's page, or the order's own, where there is "Pay now".

    To be called after the commit that placed the order. Never raises for what the provider does: an unknown result
    is asked for again with the same key, by "Pay now" or by reconciliation.
    """
    try:
        return card_page_url(order=order, now=now) or order_path(order)
    except DomainError as error:
        logger.warning("Order %s has no page to pay on yet: %s", order.number, error.code)
        return order_path(order)


def card_page_url(*, order: Order, now: datetime) -> str:
    """The page to pay on; empty when nothing is to be paid by card any more.

    The attempt that is open goes on. One that ended, or that asks for a parcel cancelled meanwhile, gives way to a new
    one while the goods are held. Raises ProviderUnavailableError, ProviderRefusedError or BusyError.
    """
    provider = card_provider()
    if provider is None:
        return ""
    if not patience.may_ask():
        raise ProviderUnavailableError
    try:
        url = _current_page(provider, order, now)
    except ProviderUnavailableError:
        patience.tell(is_answered=False)
        raise
    return url


def _current_page(provider: CardProvider, order: Order, now: datetime) -> str:
    refusal: ProviderRefusedError | None = None
    for _turn in range(3):
        attempt, is_current = _attempt_for(order, now)
        if attempt is None:
            return ""
        try:
            url = _page_of(provider, attempt, is_current=is_current, now=now)
        except ProviderRefusedError as error:
            refusal = error
            continue
        if url:
            patience.tell(is_answered=True)
            return url
    if refusal is not None:
        raise refusal
    return ""


def is_payable_by_card(parcel: Parcel, now: datetime) -> bool:
    """Whether its goods are still held for a payment by card."""
    return (
        parcel.payment_method == Parcel.PaymentMethod.CARD
        and parcel.paid_at is None
        and parcel.status in CANCELLABLE
        and parcel.hold_expires_at is not None
        and parcel.hold_expires_at > now
    )


def _page_of(provider: CardProvider, attempt: PaymentAttempt, *, is_current: bool, now: datetime) -> str:
    """The attempt's page to pay on; empty when it is closed, and then the attempt is too."""
    if not is_current:
        close_attempt(provider=provider, attempt=attempt, now=now)
        return ""
    if not attempt.external_id and now - attempt.created_at < _FRESH:
        return ask_page(provider=provider, attempt=attempt, now=now).url
    page = read_attempt(provider=provider, attempt=attempt, now=now)
    return page.url if page.is_open else ""


def _attempt_for(order: Order, now: datetime) -> tuple[PaymentAttempt | None, bool]:
    """The open attempt, or a new one while goods are held unpaid; and whether it asks for just what is due."""
    with transaction.atomic():
        locked(Order.objects.filter(pk=order.pk))
        parcels = [
            parcel
            for parcel in locked(Parcel.objects.filter(order_id=order.pk))
            if is_payable_by_card(parcel, now) and parcel.total > 0
        ]
        due = {parcel.pk: int(parcel.total) for parcel in parcels}
        attempts = PaymentAttempt.objects.filter(order_id=order.pk, provider=STRIPE, status__in=OPEN)
        attempt = attempts.select_related("order__user").order_by("-pk").first()
        if attempt is not None:
            return attempt, attempt.share_of == due
        return next(iter(open_attempts(order=order, parcels=parcels, now=now)), None), True
