"""Which provider is called for money: none, for what a cooperative holds itself or while no key is set."""

from django.conf import settings

from marketplace.payment.facts import STRIPE
from marketplace.payment.providers.base import CardProvider
from marketplace.payment.providers.stripe.client import client_for
from marketplace.payment.providers.stripe.provider import StripeProvider


def provider_for(name: str) -> CardProvider | None:
    """None when there is nobody to call."""
    if name != STRIPE or not settings.STRIPE_SECRET_KEY:
        return None
    client = client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)
    return StripeProvider(client, settings.STRIPE_WEBHOOK_SECRET)


def card_provider() -> CardProvider | None:
    return provider_for(STRIPE)
