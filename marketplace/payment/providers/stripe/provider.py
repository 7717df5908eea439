"""Stripe as the provider of card payments."""

import stripe

from marketplace.payment.providers.stripe.money import Money
from marketplace.payment.providers.stripe.news import Announcements
from marketplace.payment.providers.stripe.pages import Pages


class StripeProvider(Pages, Money, Announcements):
    """Implements CardProvider."""

    name = "stripe"

    def __init__(self, client: stripe.StripeClient, webhook_secret: str) -> None:
        Pages.__init__(self, client)
        Money.__init__(self, client)
        Announcements.__init__(self, client, webhook_secret)
