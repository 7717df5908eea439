"""A provider that did not answer several buyers in a row is not asked by the next ones for a while: each would keep a
thread of the site waiting. Counted in the shared cache; without the cache everybody asks.
"""

import logging

from django.core.cache import cache

logger = logging.getLogger(__name__)

UNANSWERED = 3
SECONDS = 30
_KEY = "payment:unanswered"


def may_ask() -> bool:
    try:
        return (cache.get(_KEY) or 0) < UNANSWERED
    except Exception:
        logger.exception("The cache that counts unanswered calls does not answer")
        return True


def tell(*, is_answered: bool) -> None:
    """What became of a call."""
    try:
        if is_answered:
            cache.delete(_KEY)
        else:
            cache.set(_KEY, (cache.get(_KEY) or 0) + 1, SECONDS)
    except Exception:
        logger.exception("The cache that counts unanswered calls does not answer")
