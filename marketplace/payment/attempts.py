"""Attempts to be paid in advance, written with the order before any provider is called."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from marketplace.order.models import Order, Parcel
from marketplace.payment.facts import STRIPE, TRANSFER
from marketplace.payment.models import PaymentAttempt

Method = Parcel.PaymentMethod


def open_attempts(*, order: Order, parcels: Sequence[Parcel], now: datetime) -> list[PaymentAttempt]:
    """One attempt for each parcel to be paid by transfer, and one for all that are paid by card. One query, or none.

    Inside the transaction that writes the order. A parcel that costs nothing needs no attempt.
    """
    priced = [parcel for parcel in parcels if parcel.total > 0]
    attempts = [
        _attempt(order, TRANSFER, [parcel], now) for parcel in priced if parcel.payment_method == Method.TRANSFER
    ]
    by_card = [parcel for parcel in priced if parcel.payment_method == Method.CARD]
    if by_card:
        attempts.append(_attempt(order, STRIPE, by_card, now))
    return PaymentAttempt.objects.bulk_create(attempts) if attempts else []


def _attempt(order: Order, provider: str, parcels: Sequence[Parcel], now: datetime) -> PaymentAttempt:
    waits = provider == TRANSFER
    return PaymentAttempt(
        order=order,
        provider=provider,
        amount=sum(int(parcel.total) for parcel in parcels),
        shares={str(parcel.pk): int(parcel.total) for parcel in parcels},
        # Random, not drawn from the order: a seeded run must not meet a provider's keys of an earlier one.
        idempotency_key=uuid4().hex,
        status=PaymentAttempt.Status.PENDING if waits else PaymentAttempt.Status.CREATED,
        expires_at=parcels[0].hold_expires_at,
        created_at=now,
    )
