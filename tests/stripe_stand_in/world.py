"""What every resource works on: objects, time, settings, the events that follow, and the request being answered."""

import copy
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field

from .clock import Clock
from .settings import API_VERSION, Settings
from .store import Obj, Store

_LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_" + "".join(secrets.choice(_LETTERS) for _ in range(length))


@dataclass
class World:
    store: Store
    clock: Clock
    settings: Settings
    request_id: str | None = None
    idempotency_key: str | None = None
    refund_outcome: str = "succeeded"
    on_event: list[Callable[[Obj], None]] = field(default_factory=list)

    def now(self) -> int:
        return self.clock.now()

    def save(self, obj: Obj) -> Obj:
        return self.store.save(obj["object"], obj)

    def emit(self, kind: str, obj: Obj, *, previous: Obj | None = None) -> Obj:
        """Record an event with the object as it is now; who listens (the webhooks) is told."""
        data: Obj = {"object": copy.deepcopy(obj)}
        if previous is not None:
            data["previous_attributes"] = previous
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": 1 if self.settings.webhook_url else 0,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": kind,
        }
        self.save(event)
        for listener in self.on_event:
            listener(event)
        return event

    def public_url(self, path: str) -> str:
        return self.settings.public_url.rstrip("/") + path
