"""Stripe's events: checked when they are posted to us, and listed for what never arrived."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import stripe

from marketplace.payment.providers.base import EventInvalidError, News
from marketplace.payment.providers.stripe.client import our_errors

TOLERANCE = 300
# Stripe lists at most twenty kinds at once.
FOLLOWED = (
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)


class Announcements:
    def __init__(self, client: stripe.StripeClient, webhook_secret: str) -> None:
        self._client = client
        self._secret = webhook_secret

    def read_event(self, body: bytes, signature: str) -> News:
        """Raises EventInvalidError for what is not UTF-8, not JSON, not an event, not signed by Stripe within
        TOLERANCE seconds; also while no secret is set.
        """
        try:
            return _news(self._client.construct_event(body, signature, self._secret, tolerance=TOLERANCE))
        except (ValueError, TypeError, KeyError, AttributeError, stripe.SignatureVerificationError) as error:
            raise EventInvalidError from error

    def events_since(self, moment: datetime) -> Iterator[News]:
        parameters: Any = {"created": {"gte": int(moment.timestamp())}, "types": list(FOLLOWED), "limit": 100}
        with our_errors():
            newest_first = [_news(event) for event in self._client.v1.events.list(parameters).auto_paging_iter()]
        return reversed(newest_first)


def _news(event: stripe.Event) -> News:
    """Only what is needed to read the object again: the event itself carries the buyer's address."""
    thing = event.data.object
    object_id = str(thing["id"])
    if not (isinstance(event.id, str) and isinstance(event.type, str)):
        raise ValueError(event)  # noqa: TRY004 - what is not an event is one error, whatever is wrong with it
    payload = {"created": event.created, "object": object_id}
    return News(event_id=event.id[:120], kind=event.type[:80], object_id=object_id[:120], payload=payload)
