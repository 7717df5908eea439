"""Idempotency keys as Stripe has them: 24 hours, bound to path and parameters, one request at a time."""

import hashlib
from dataclasses import dataclass
from typing import Any

from .errors import StripeError
from .settings import DAY
from .world import World

LONGEST = 255


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]


class Keys:
    """Call everything under the store's lock. `begin`, then `keep` or `forget`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._running: set[str] = set()

    def begin(self, key: str, *, path: str, body: bytes) -> Answer | None:
        """The answer given before, or None: then the key is taken until `keep` or `forget`."""
        if len(key) > LONGEST:
            raise StripeError(f"Idempotency keys may have up to {LONGEST} characters.", kind="idempotency_error")
        if key in self._running:
            raise StripeError(
                "There is currently another in-progress request using this Idempotent Key (that probably means you"
                f" submitted twice, and the other request is still going through): {key}. Please try again later.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        known = self._world.store.find("idempotency_key", key)
        if known is None or known["created"] <= self._world.now() - DAY:
            self._running.add(key)
            return None
        if known["path"] != path:
            raise StripeError(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for"
                f" ('{path}' instead of '{known['path']}'). Try using a key other than '{key}' if you meant to"
                " execute a different request.",
                kind="idempotency_error",
            )
        if known["digest"] != _digest(body):
            raise StripeError(
                "Keys for idempotent requests can only be used with the same parameters they were first used with."
                f" Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        return Answer(known["status"], known["body"])

    def keep(self, key: str, answer: Answer, *, path: str, body: bytes) -> None:
        self._running.discard(key)
        self._world.store.save(
            "idempotency_key",
            {
                "id": key,
                "path": path,
                "digest": _digest(body),
                "status": answer.status,
                "body": answer.body,
                "created": self._world.now(),
            },
        )

    def running(self) -> list[str]:
        return sorted(self._running)

    def forget(self, key: str) -> None:
        self._running.discard(key)


def _digest(body: bytes) -> str:
    return hashlib.sha256(b"&".join(sorted(body.split(b"&")))).hexdigest()
