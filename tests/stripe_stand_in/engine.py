"""One API request from its headers to its answer: key, fault, stripe-mock, idempotency, work."""

import base64
import binascii
import json
import logging
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

from . import routes, sessions
from .clock import Clock
from .errors import StripeError, api_failure
from .faults import Fault, Faults
from .idempotency import Answer, Keys
from .params import decode
from .settings import API_VERSION, Settings
from .store import Obj, Store
from .stripe_mock import StripeMock
from .webhooks import Webhooks
from .world import World, new_id

logger = logging.getLogger("stripe_stand_in")
LOG_LENGTH = 1000


class Reset(Exception):  # noqa: N818 (an order to the server)
    """The connection is to be reset without an answer."""


@dataclass
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    body: bytes
    headers: Message

    @property
    def key(self) -> str | None:
        return self.headers.get("Idempotency-Key") if self.method == "POST" else None


class Engine:
    def __init__(self, settings: Settings, state: Path | None = None) -> None:
        self.settings = settings
        self.store = Store(state)
        self.world = World(self.store, Clock(), settings)
        self.faults, self.webhook_faults = Faults(), Faults()
        self.webhooks = Webhooks(self.world, self.webhook_faults, self._let_time_pass)
        self.keys = Keys(self.world)
        self.log: deque[Obj] = deque(maxlen=LOG_LENGTH)
        self.stopping = threading.Event()
        self._mock = StripeMock(settings.stripe_mock_url) if settings.stripe_mock_url else None
        clock = self.store.find("clock", "clock")
        if clock:
            self.world.clock = Clock(clock["offset"], clock["frozen_at"])
        if self._mock is None:
            print("Stripe stand-in: STRIPE_MOCK_URL is not set, requests run unvalidated.", file=sys.stderr)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """The store's lock around a change; what changed is written before it is let go."""
        with self.store.lock:
            sessions.expire_what_ran_out(self.world)
            try:
                yield
            finally:
                clock = self.world.clock
                self.store.save("clock", {"id": "clock", "offset": clock.offset, "frozen_at": clock.frozen_at})
                self.store.flush()
        self.webhooks.wake()

    def _let_time_pass(self) -> None:
        with self.store.lock:
            sessions.expire_what_ran_out(self.world)
            self.store.flush()

    def answer(self, request: Request) -> Reply:
        """Stripe's reply to an API request. Raises Reset."""
        request_id = new_id("req", 14)
        row: Obj = {"method": request.method, "path": request.path, "key": request.key, "status": 0, "replayed": False}
        self.log.append(row)
        headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
        fault: Fault | None = None
        try:
            self._authenticate(request)
            fault = self.faults.take(request.path, request.method)
            self._fail_before(fault)
            answer = self._validated(request, row) or self._once(request, request_id, fault, row)
            self._fail_after(fault)
        except StripeError as error:
            answer = Answer(error.status, error.body(request_id))
        except Reset:
            row["status"] = "reset"
            raise
        if row["replayed"]:
            headers["Idempotent-Replayed"] = "true"
        if request.key:
            headers["Idempotency-Key"] = request.key
        if answer.status == 409 or (fault and fault.kind == "error_saved") or row["replayed"]:
            headers["Stripe-Should-Retry"] = "true" if answer.status == 409 else "false"
        row["status"] = answer.status
        return Reply(answer.status, json.dumps(answer.body, indent=2, ensure_ascii=False).encode(), headers)

    def _authenticate(self, request: Request) -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                given = base64.b64decode(given).decode().partition(":")[0]
            except (binascii.Error, UnicodeDecodeError):
                given = ""
        if not given:
            raise StripeError("You did not provide an API key.", status=401)
        if given != self.settings.api_key:
            shown = given[:8] + "*" * 8 + given[-4:]
            raise StripeError(f"Invalid API Key provided: {shown}", status=401)
        if request.headers.get("Stripe-Account"):
            raise StripeError("The stand-in does not act for connected accounts (Stripe-Account).", status=403)

    def _fail_before(self, fault: Fault | None) -> None:
        if fault is None:
            return
        if fault.kind == "error":
            raise api_failure()
        if fault.kind == "busy":
            raise StripeError("Too many requests hit the API too quickly.", status=429, code="rate_limit")
        if fault.kind == "reset":
            raise Reset

    def _fail_after(self, fault: Fault | None) -> None:
        if fault is None:
            return
        if fault.kind == "error_after":
            raise api_failure()
        if fault.kind == "reset_after":
            raise Reset
        if fault.kind == "hang_after":
            self.stopping.wait(fault.seconds)

    def _validated(self, request: Request, row: Obj) -> Answer | None:
        if self._mock is None:
            return None
        target = request.path + (f"?{request.query}" if request.query else "")
        try:
            refusal = self._mock.refusal(request.method, target, request.body, request.headers.get("Content-Type", ""))
        except OSError as error:
            raise api_failure(f"The stand-in cannot validate: stripe-mock does not answer ({error}).") from error
        row["refused_by_stripe_mock"] = refusal is not None
        return refusal

    def _once(self, request: Request, request_id: str, fault: Fault | None, row: Obj) -> Answer:
        key = request.key
        if key:
            with self.store.lock:
                known = self.keys.begin(key, path=request.path, body=request.body)
            if known:
                row["replayed"] = True
                return known
        if fault and fault.kind == "hang":
            self.stopping.wait(fault.seconds)
        with self.changing():
            answer, kept = self._work(request, request_id, fault)
            if key and kept:
                self.keys.keep(key, answer, path=request.path, body=request.body)
            elif key:
                self.keys.forget(key)
        return answer

    def _work(self, request: Request, request_id: str, fault: Fault | None) -> tuple[Answer, bool]:
        """The answer, and whether the idempotency key keeps it: only what began to execute is kept."""
        self.world.request_id, self.world.idempotency_key = request_id, request.key
        try:
            if fault and fault.kind == "error_saved":
                saved = api_failure()
                return Answer(saved.status, saved.body(request_id)), True
            data = decode(request.query if request.method == "GET" else request.body.decode())
            return Answer(200, routes.answer(self.world, request.method, request.path, data)), True
        except StripeError as refusal:
            return Answer(refusal.status, refusal.body(request_id)), refusal.executed
        except UnicodeDecodeError:
            broken = StripeError("Invalid request: the body is not UTF-8.")
            return Answer(broken.status, broken.body(request_id)), False
        except Exception:
            logger.exception("The stand-in itself failed at %s %s", request.method, request.path)
            failure = api_failure("The stand-in itself failed: see its log.")
            return Answer(failure.status, failure.body(request_id)), False
        finally:
            self.world.request_id = self.world.idempotency_key = None

    def close(self) -> None:
        self.stopping.set()
        self.webhooks.stop()
        self.store.close()
