"""How often something may be asked, counted in the shared cache."""

import hashlib
import logging
from collections import Counter
from time import time

from django.core.cache import cache

logger = logging.getLogger(__name__)


# What this process has seen of the present stretch; see `is_within_wide_limit`.
_seen: Counter[str] = Counter()
_UNCOUNTED = 20
_STEP = 50
# Of the keys that were seen those that are beyond their limit.
_refused: set[str] = set()
_MAXIMUM_SEEN = 20_000


def is_within_wide_limit(*, what: str, who: str, limit: int, seconds: int) -> bool:
    """`is_within_limit` for what people do often: the first tries of anybody are counted in this process alone.

    The shared cache, which may be a table, is asked only about those who come again and again. A `limit` of 0 is none.
    """
    if not limit:
        return True
    key = f"{what} {who} {int(time()) // seconds}"
    if len(_seen) > _MAXIMUM_SEEN:
        _seen.clear()
    _seen[key] += 1
    if _seen[key] <= min(_UNCOUNTED, limit):
        return True
    return is_within_limit(what=what, who=who, limit=limit - min(_UNCOUNTED, limit), seconds=seconds)


def is_within_rough_limit(*, what: str, who: str, limit: int, seconds: int) -> bool:
    """`is_within_limit` for what costs a page and no more: every process tells the shared cache of _STEP times at once, so
    that asking writes nothing. Up to _STEP - 1 times of each process are not counted. A `limit` of 0 is none.
    """
    if not limit:
        return True
    key = f"{what} {who} {int(time()) // seconds}"
    if len(_seen) > _MAXIMUM_SEEN:
        _seen.clear()
        _refused.clear()
    _seen[key] += 1
    if not _seen[key] % _STEP and not is_within_limit(what=what, who=who, limit=limit // _STEP, seconds=seconds):
        _refused.add(key)
    return key not in _refused


def is_within_limit(*, what: str, who: str, limit: int, seconds: int) -> bool:
    """Counts this time, and says whether it is one of the first `limit` of the present stretch of `seconds`.

    A cache that is down refuses nobody.
    """
    # A hash, so that no phone number stands in the cache. The stretch is part of the key: Django's cache in the
    # database gives a number that it adds to its own life of five minutes, which would end every count too soon.
    key = f"limit:{what}:{hashlib.sha256(who.encode()).hexdigest()[:32]}:{int(time()) // seconds}"
    try:
        cache.add(key, 0, seconds)
        count = cache.incr(key)
        cache.touch(key, seconds)
    except ValueError:
        # It ran out between the two calls: a new count begins.
        return True
    except Exception:
        logger.exception("The cache that counts attempts does not answer")
        return True
    return count <= limit
