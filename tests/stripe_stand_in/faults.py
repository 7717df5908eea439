"""Faults on demand: what happens to the next requests on a path, and to the next webhooks of a kind."""

import fnmatch
import threading
from dataclasses import asdict, dataclass, field
from typing import Any

REQUEST_FAULTS = {
    "error": "500; nothing is done, and the key is free",
    "error_saved": "500; nothing is done, and the same key gets the same 500 for 24 hours",
    "error_after": "the work is done, 500 is answered; the same key gets the true answer",
    "busy": "429; nothing is done",
    "reset": "the connection is reset before anything is done",
    "reset_after": "the work is done, then the connection is reset",
    "hang": "nothing for `seconds`, then it is done and answered",
    "hang_after": "the work is done at once, answered after `seconds`",
}
WEBHOOK_FAULTS = {
    "drop": "never sent",
    "delay": "sent after `seconds`",
    "duplicate": "sent `copies` times at once, in parallel",
    "hold": "kept until release_webhooks names the order",
}


@dataclass
class Fault:
    """`path` is a shell pattern of a request's path, or of an event's type for webhooks."""

    kind: str
    path: str = "*"
    method: str = ""
    times: int = 1
    seconds: float = 0.0
    copies: int = 2

    def takes(self, path: str, method: str) -> bool:
        return self.times > 0 and fnmatch.fnmatchcase(path, self.path) and self.method in {"", method}


@dataclass
class Faults:
    """Rules are used up first come, first served; `times` counts down."""

    rules: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, known: dict[str, str], **what: Any) -> None:
        fault = Fault(**what)
        if fault.kind not in known:
            raise ValueError(f"Unknown fault {fault.kind}: one of {', '.join(known)}")
        with self._lock:
            self.rules.append(fault)

    def take(self, path: str, method: str = "") -> Fault | None:
        with self._lock:
            for fault in self.rules:
                if fault.takes(path, method):
                    fault.times -= 1
                    return fault
        return None

    def clear(self, kind: str | None = None) -> None:
        with self._lock:
            self.rules = [fault for fault in self.rules if kind not in {None, fault.kind}]

    def left(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self.rules if fault.times > 0]
