"""What a test or a demo does to the stand-in that no client of Stripe could: POST /_control/<name> with JSON."""

import time
from contextlib import nullcontext
from typing import Any

from . import accounts, disputes, paying, refunds, sessions
from .engine import Engine
from .errors import StripeError
from .faults import REQUEST_FAULTS, WEBHOOK_FAULTS
from .store import Obj
from .webhooks import signature

SHOWN = (
    "checkout.session", "payment_intent", "charge", "refund", "transfer", "transfer_reversal", "dispute", "account",
    "balance_transaction",
)  # fmt: skip


class Control:
    """Each public method is one control call; arguments and answers are JSON."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._world = engine.world

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        method = None if name.startswith("_") or name == "call" else getattr(self, name, None)
        if method is None:
            raise StripeError(f"Unknown control: {name}", status=404)
        with self._engine.changing() if name not in {"deliver", "release_webhooks", "drain"} else nullcontext():
            return method(**arguments)

    # time
    def advance_clock(self, seconds: int) -> int:
        self._world.clock.advance(seconds)
        sessions.expire_what_ran_out(self._world)
        return self._world.now()

    def set_clock(self, moment: int | None) -> int:
        """Freeze at a Unix time, or follow the wall again."""
        if moment is None:
            self._world.clock.follow_the_wall()
        else:
            self._world.clock.freeze(moment)
        sessions.expire_what_ran_out(self._world)
        return self._world.now()

    # buyers and banks
    def pay(self, session: str, card: str = paying.FINE, authenticate: bool | None = True) -> dict[str, str]:
        """Pay without a browser. `authenticate` answers 3-D Secure; None leaves the question open."""
        found = self._world.store.get("checkout.session", session)
        try:
            outcome = paying.pay(self._world, found, card.replace(" ", ""))
            if outcome.status == "asked" and authenticate is not None:
                outcome = paying.answer_bank(self._world, found, complete=authenticate)
        except paying.NotOpen as closed:
            raise StripeError(f"The session is not open but {closed}.") from closed
        return {"status": outcome.status, "code": outcome.code, "message": outcome.message}

    def authenticate(self, session: str, complete: bool = True) -> dict[str, str]:
        found = self._world.store.get("checkout.session", session)
        try:
            outcome = paying.answer_bank(self._world, found, complete=complete)
        except paying.NotOpen as closed:
            raise StripeError(f"Nothing is asked: {closed}.") from closed
        return {"status": outcome.status, "code": outcome.code, "message": outcome.message}

    def open_dispute(self, charge: str, reason: str = "fraudulent", amount: int | None = None) -> Obj:
        """`charge` may be a PaymentIntent's id too."""
        if charge.startswith("pi_"):
            charge = self._world.store.get("payment_intent", charge)["latest_charge"] or ""
        return disputes.open_dispute(self._world, self._world.store.get("charge", charge), reason=reason, amount=amount)

    def close_dispute(self, dispute: str, status: str) -> Obj:
        return disputes.close_dispute(self._world, self._world.store.get("dispute", dispute), status=status)

    def settle_refund(self, refund: str, status: str) -> Obj:
        return refunds.settle(self._world, self._world.store.get("refund", refund), status=status)

    def refund_outcome(self, status: str) -> None:
        """What the refunds from now on become: succeeded, pending or failed."""
        if status not in {"succeeded", "pending", "failed"}:
            raise StripeError(f"Unknown outcome: {status}")
        self._world.refund_outcome = status

    def add_account(self, account: str | None = None, active: bool = True, email: str | None = None) -> Obj:
        made = accounts.new_account(
            self._world,
            kind="standard",
            country="SG",
            email=email,
            capabilities={"transfers": "inactive"},
            metadata={},
            name=account,
        )
        return accounts.activate(self._world, made) if active else made

    def activate_account(self, account: str, active: bool = True) -> Obj:
        return accounts.activate(self._world, self._world.store.get("account", account), active=active)

    # faults
    def fault(self, kind: str, path: str = "*", method: str = "", times: int = 1, seconds: float = 0.0) -> None:
        self._engine.faults.add(REQUEST_FAULTS, kind=kind, path=path, method=method, times=times, seconds=seconds)

    def webhook_fault(self, kind: str, event: str = "*", times: int = 1, seconds: float = 0.0, copies: int = 2) -> None:
        self._engine.webhook_faults.add(
            WEBHOOK_FAULTS, kind=kind, path=event, times=times, seconds=seconds, copies=copies
        )

    def hold_webhooks(self, event: str = "*") -> None:
        self.webhook_fault("hold", event, times=1_000_000)

    def clear_faults(self) -> None:
        self._engine.faults.clear()
        self._engine.webhook_faults.clear()

    # webhooks
    def set_webhook(self, url: str) -> None:
        self._world.settings.webhook_url = url

    def release_webhooks(self, order: list[str] | str = "as_made") -> dict[str, list[int]]:
        self._engine.webhook_faults.clear("hold")
        return self._engine.webhooks.release(order)

    def deliver(self, event: str, times: int = 1, age: int = 0, secret: str | None = None) -> list[int]:
        """Send an event now (again), in parallel; `age` seconds old by its signature; `secret` to forge it."""
        at = int(time.time()) - age
        return self._engine.webhooks.send(event, times=times, at=at, secret=secret)

    def signed_event(self, event: str, age: int = 0, secret: str | None = None) -> dict[str, str]:
        """The body and the Stripe-Signature header, for a test that posts them itself."""
        payload = self._engine.webhooks.payload(event)
        header = signature(payload, secret or self._world.settings.webhook_secret, at=int(time.time()) - age)
        return {"body": payload.decode(), "signature": header}

    def drain(self, seconds: float = 10.0) -> bool:
        return self._engine.webhooks.drain(seconds)

    def deliveries(self) -> list[Obj]:
        return self._engine.webhooks.rows()

    # reading
    def events(self, type: str | None = None) -> list[Obj]:  # noqa: A002 (Stripe's word)
        """Oldest first, all of them."""
        rows = self._world.store.oldest_first("event")
        return [row for row in rows if type in {None, row["type"]}]

    def requests(self) -> list[Obj]:
        """The latest thousand API requests: method, path, idempotency key, status, replayed, refused by stripe-mock."""
        return list(self._engine.log)

    def state(self) -> dict[str, Any]:
        world = self._world
        shown: dict[str, Any] = {kind: world.store.oldest_first(kind) for kind in SHOWN}
        return shown | {
            "now": world.now(),
            "running_keys": self._engine.keys.running(),
            "validated": bool(world.settings.stripe_mock_url),
            "webhook_url": world.settings.webhook_url,
            "faults": self._engine.faults.left(),
            "webhook_faults": self._engine.webhook_faults.left(),
        }

    def empty(self) -> None:
        """Forget every object, fault and time, as if started now."""
        self.clear_faults()
        self._world.store.empty()
        self._world.clock.follow_the_wall()
        self._world.refund_outcome = "succeeded"
        self._engine.log.clear()
