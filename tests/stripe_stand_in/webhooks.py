"""Signed deliveries from a background thread: in order, retried, and spoiled on demand."""

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .faults import Faults
from .store import Obj
from .world import World

FIRST_WAIT, LONGEST_WAIT, TICK = 0.2, 15.0, 0.5


def signature(payload: bytes, secret: str, *, at: int | None = None) -> str:
    """The Stripe-Signature header, as `construct_event` of the client library verifies it."""
    moment = int(time.time()) if at is None else at
    signed = f"{moment}.".encode() + payload
    return f"t={moment},v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def post(url: str, payload: bytes, header: str, *, timeout: float) -> int:
    """The status answered, or 0 where nobody answered."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": header,
        "User-Agent": "Stripe/1.0",
    }
    try:
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), payload, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Webhooks:
    """One delivery at a time, oldest first; only duplicates are parallel. Retries wait longer and longer."""

    def __init__(self, world: World, faults: Faults, tick: Callable[[], None]) -> None:
        self._world = world
        self._faults = faults
        self._tick = tick
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._busy = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="stripe-stand-in-webhooks", daemon=True)
        world.on_event.append(self._queue)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(self._world.settings.webhook_timeout + 1)

    def wake(self) -> None:
        self._wake.set()

    def _queue(self, event: Obj) -> None:
        if not self._world.settings.webhook_url:
            return
        delivery = {
            "id": event["id"],
            "type": event["type"],
            "status": "pending",
            "copies": 1,
            "next_at": time.time(),
            "answers": [],
        }
        fault = self._faults.take(event["type"])
        if fault and fault.kind == "drop":
            delivery["status"] = "dropped"
        elif fault and fault.kind == "hold":
            delivery["status"] = "held"
        elif fault and fault.kind == "delay":
            delivery["next_at"] += fault.seconds
        elif fault and fault.kind == "duplicate":
            delivery["copies"] = fault.copies
        self._world.store.save("delivery", delivery)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._tick()
            for delivery in self._due():
                if self._stop.is_set():
                    return
                if self._world.store.find("event", delivery["id"]):
                    self._deliver(delivery)
            self._wake.wait(self._wait())
            self._wake.clear()

    def _pending(self) -> list[Obj]:
        with self._world.store.lock:
            rows = self._world.store.oldest_first("delivery")
            return [row for row in rows if row["status"] == "pending"]

    def _due(self) -> list[Obj]:
        return [row for row in self._pending() if row["next_at"] <= time.time()]

    def _wait(self) -> float:
        return max(0.01, min([TICK, *(row["next_at"] - time.time() for row in self._pending())]))

    def _deliver(self, delivery: Obj) -> None:
        with self._busy:
            answers = self.send(delivery["id"], times=delivery["copies"])
        settings = self._world.settings
        with self._world.store.lock:
            if self._world.store.find("delivery", delivery["id"]) is not delivery:
                return  # everything was forgotten meanwhile
            delivery["answers"] += answers
            attempts = len(delivery["answers"])
            if all(200 <= status < 300 for status in answers):
                self._delivered(delivery)
            elif attempts >= settings.webhook_attempts:
                delivery["status"] = "failed"
            else:
                delivery |= {"copies": 1, "next_at": time.time() + min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)}
            self._world.store.save("delivery", delivery)
            self._world.store.flush()

    def _delivered(self, delivery: Obj) -> None:
        delivery["status"] = "delivered"
        event = self._world.store.get("event", delivery["id"])
        event["pending_webhooks"] = 0
        self._world.save(event)

    def payload(self, event_id: str) -> bytes:
        with self._world.store.lock:
            return json.dumps(self._world.store.get("event", event_id), indent=2, ensure_ascii=False).encode()

    def send(self, event_id: str, *, times: int = 1, at: int | None = None, secret: str | None = None) -> list[int]:
        """Post an event now, `times` at once in parallel; the statuses answered."""
        settings = self._world.settings
        payload = self.payload(event_id)
        header = signature(payload, secret or settings.webhook_secret, at=at)
        answers: list[int] = []

        def one() -> None:
            answers.append(post(settings.webhook_url, payload, header, timeout=settings.webhook_timeout))

        threads = [threading.Thread(target=one) for _ in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def release(self, order: list[str] | str) -> dict[str, list[int]]:
        """Send what is held now, one after another: "as_made", "reversed", or events' ids or types in order."""
        with self._world.store.lock:
            held = [row for row in self._world.store.oldest_first("delivery") if row["status"] == "held"]
        if order == "reversed":
            held.reverse()
        elif isinstance(order, list):
            wanted = [row for name in order for row in held if name in {row["id"], row["type"]}]
            held = wanted + [row for row in held if row not in wanted]
        for row in held:
            row |= {"status": "pending", "next_at": time.time() + 3600}
            self._deliver(row)
        return {row["id"]: row["answers"] for row in held}

    def drain(self, seconds: float) -> bool:
        """Wait until nothing is pending; False when the time was over first."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self._pending() and not self._busy.locked():
                return True
            time.sleep(0.02)
        return False

    def rows(self) -> list[dict[str, Any]]:
        with self._world.store.lock:
            return [dict(row) for row in self._world.store.oldest_first("delivery")]
