"""Stripe's client library, set up once, and its errors in our words."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import stripe

from marketplace.payment.providers.base import ProviderRefusedError, ProviderUnavailableError

logger = logging.getLogger(__name__)

# Seconds to be connected, and to be answered; the buyer waits for it.
TIMEOUTS = (3.0, 8.0)
RETRIES = 2


@lru_cache(maxsize=4)
def client_for(key: str, api_base: str) -> stripe.StripeClient:
    """A client keeps its connections; `api_base` is empty for Stripe's own address."""
    return stripe.StripeClient(
        key,
        max_network_retries=RETRIES,
        base_addresses={"api": api_base} if api_base else {},
        http_client=stripe.RequestsClient(timeout=TIMEOUTS),
    )


@contextmanager
def our_errors() -> Iterator[None]:
    """Raises ProviderRefusedError where Stripe did nothing, ProviderUnavailableError where one cannot know."""
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        # Nothing was done, but no other call will fare better before somebody mends the key.
        logger.exception("Stripe does not accept our key")
        raise ProviderUnavailableError from error
    except (stripe.RateLimitError, stripe.APIConnectionError) as error:
        raise ProviderUnavailableError from error
    except stripe.StripeError as error:
        if error.http_status is None or error.http_status >= 500 or error.http_status == 409:
            raise ProviderUnavailableError from error
        raise ProviderRefusedError(reason=reason_of(error)) from error


def is_lost_key(error: stripe.StripeError) -> bool:
    """Whether the key is worn out: Stripe repeats a failure under it, or knows it with other words."""
    replayed = (error.headers or {}).get("Idempotent-Replayed") == "true"
    failed = replayed and (error.http_status or 0) >= 500
    return failed or (isinstance(error, stripe.IdempotencyError) and error.http_status == 400)


def reason_of(error: stripe.StripeError) -> str:
    """Short, and without what a buyer typed."""
    return (error.user_message or error.code or type(error).__name__)[:200]
