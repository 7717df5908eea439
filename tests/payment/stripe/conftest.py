"""The stand-in, one for all tests here, emptied before each; our settings name it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.stripe_stand_in.stand_in import StripeStandIn

WEBHOOK = "/webhook/stripe/"


@pytest.fixture(scope="session")
def stand_in():
    with StripeStandIn() as running:
        yield running


@pytest.fixture
def stripe(stand_in, settings):
    """Stripe, as far as we can tell; its clock is the wall's, so `now` is too."""
    stand_in.empty()
    settings.STRIPE_SECRET_KEY = stand_in.api_key
    settings.STRIPE_WEBHOOK_SECRET = stand_in.webhook_secret
    settings.STRIPE_API_BASE = stand_in.url
    return stand_in


@pytest.fixture
def now():
    """Whole seconds, as Stripe counts."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)


@pytest.fixture
def tell(stripe, client):
    """Posts one of the stand-in's events to our webhook as it would; the answer."""

    def post(event_id: str, **how):
        signed = stripe.signed_event(event_id, **how)
        return client.post(
            WEBHOOK,
            signed["body"].encode(),
            content_type="application/json",
            headers={"Stripe-Signature": signed["signature"]},
        )

    return post
