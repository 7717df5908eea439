"""How often something may be asked, counted in the shared cache."""

import hashlib
import logging

from django.core.cache import cache

logger = logging.getLogger(__name__)


def is_within_limit(*, what: str, who: str, limit: int, seconds: int) -> bool:
    """Counts this time, and says whether it is one of the first `limit` since the first of them `seconds` ago.

    A cache that is down refuses nobody.
    """
    # A hash, so that no phone number stands in the cache.
    key = f"limit:{what}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    try:
        cache.add(key, 0, seconds)
        return cache.incr(key) <= limit
    except ValueError:
        # It ran out between the two calls: a new count begins.
        return True
    except Exception:
        logger.exception("The cache that counts attempts does not answer")
        return True
