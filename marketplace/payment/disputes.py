"""Disputes: a card holder's bank asks its money back. While one is open, its parcels are not paid out (see Dispute)."""

from datetime import datetime

from django.db import transaction

from marketplace.payment.card_lookup import attempt_of_payment
from marketplace.payment.facts import STRIPE, Fact, apply_fact
from marketplace.payment.models import Dispute, PaymentFact
from marketplace.payment.providers.base import CardProvider, DisputeState

Status = Dispute.Status


def read_dispute(*, provider: CardProvider, external_id: str, now: datetime) -> str:
    """What the provider says of the dispute now, written down; its status, or why it is not ours.

    Won and lost are final. A lost one takes its money from the parcels that the payment paid.
    """
    state = provider.read_dispute(external_id)
    attempt = attempt_of_payment(provider=provider, payment_id=state.payment_id, now=now)
    if attempt is None:
        return "not ours"
    with transaction.atomic():
        Dispute.objects.get_or_create(
            provider=STRIPE,
            external_id=state.external_id,
            defaults={
                "attempt": attempt,
                "amount": state.amount,
                "reason": state.reason[:60],
                "opened_at": state.opened_at,
            },
        )
        if state.status == Status.LOST:
            # First, for it takes the locks of the order; once, whatever is told again.
            apply_fact(fact=_fact(state, now), target=attempt, now=now)
        Dispute.objects.filter(provider=STRIPE, external_id=state.external_id, status=Status.OPEN).exclude(
            status=state.status
        ).update(status=state.status, amount=state.amount, closed_at=now)
    return state.status


def _fact(state: DisputeState, now: datetime) -> Fact:
    return Fact(
        kind=PaymentFact.Kind.CHARGED_BACK,
        provider=STRIPE,
        reference=state.external_id,
        amount=state.amount,
        currency=state.currency,
        occurred_at=now,
    )
