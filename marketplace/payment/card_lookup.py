"""Which attempt a page or a payment of the provider belongs to."""

from datetime import datetime

from marketplace.payment.card_pages import read_attempt
from marketplace.payment.facts import STRIPE
from marketplace.payment.models import PaymentAttempt
from marketplace.payment.providers.base import CardPage, CardProvider


def find_attempt(page: CardPage) -> PaymentAttempt | None:
    """By the page's number; by its key, where the answer to our call was lost and its number with it."""
    attempts = PaymentAttempt.objects.filter(provider=STRIPE).select_related("order__user")
    attempt = attempts.filter(external_id=page.external_id).first()
    if attempt is None and page.key:
        attempt = attempts.filter(external_id="", idempotency_key=page.key).first()
        if attempt is not None:
            attempts.filter(pk=attempt.pk, external_id="").update(external_id=page.external_id)
            PaymentAttempt.objects.filter(pk=attempt.pk, status=PaymentAttempt.Status.CREATED).update(
                status=PaymentAttempt.Status.PENDING
            )
            attempt.refresh_from_db()
    return attempt


def attempt_of_payment(*, provider: CardProvider, payment_id: str, now: datetime) -> PaymentAttempt | None:
    """The attempt that the payment paid, with the payment applied first where that has not happened yet."""
    attempts = PaymentAttempt.objects.filter(provider=STRIPE).select_related("order__user")
    attempt = attempts.filter(payment_id=payment_id).first()
    if attempt is None:
        page = provider.page_of_payment(payment_id)
        attempt = find_attempt(page) if page is not None else None
        if attempt is not None:
            read_attempt(provider=provider, attempt=attempt, now=now)
    return attempt
