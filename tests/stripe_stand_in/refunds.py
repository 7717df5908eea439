"""Refunds: never above what the charge has left; a card's refund may fail days later."""

from .errors import StripeError, missing
from .intents import post_balance
from .listing import page
from .params import Params
from .paying import REFUND_FAILS, REFUND_PENDS
from .store import Obj
from .world import World, new_id

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(world: World, params: Params) -> Obj:
    charge = _charge(world, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.integer("amount", least=1)
    reason = params.text("reason", among=REASONS)
    metadata = params.metadata()
    params.done()
    if charge["disputed"] and not _refundable(world, charge):
        raise StripeError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
            executed=True,
        )
    if left == 0:
        raise StripeError(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded", executed=True
        )
    if amount is None:
        amount = left
    if amount > left:
        raise StripeError(
            f"Refund amount (₫{amount:,}) is greater than unrefunded amount on charge (₫{left:,})",
            param="amount",
            executed=True,
        )
    return _refund(world, charge, amount=amount, reason=reason, metadata=metadata)


def _charge(world: World, params: Params) -> Obj:
    intent_id, charge_id = params.text("payment_intent"), params.text("charge")
    if bool(intent_id) == bool(charge_id):
        raise StripeError(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    if intent_id:
        intent = world.store.get("payment_intent", intent_id, param="payment_intent")
        charge = world.store.find("charge", intent["latest_charge"] or "")
        if charge is None or not charge["paid"]:
            raise StripeError(
                f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
                code="payment_intent_unexpected_state",
                param="payment_intent",
            )
        return charge
    charge = world.store.find("charge", charge_id or "")
    if charge is None:
        raise missing("charge", charge_id or "", param="charge")
    if not charge["paid"]:
        raise StripeError(f"Charge {charge_id} was not successful; cannot be refunded.", param="charge")
    return charge


def _refundable(world: World, charge: Obj) -> bool:
    return any(row["charge"] == charge["id"] and row["status"] == "won" for row in world.store.newest_first("dispute"))


def _refund(world: World, charge: Obj, *, amount: int, reason: str | None, metadata: dict[str, str]) -> Obj:
    last4 = charge["payment_method_details"]["card"]["last4"]
    status = "pending" if last4 == REFUND_PENDS[-4:] else world.refund_outcome
    refund = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if status == "pending" else "succeeded",
        "transfer_reversal": None,
    }
    entry = post_balance(world, kind="refund", amount=-amount, source=refund["id"])
    refund["balance_transaction"] = entry["id"]
    world.save(refund)
    _refunded(world, charge, amount)
    world.emit("refund.created", refund)
    world.emit("charge.refunded", charge)
    world.emit("refund.updated", refund)
    if status == "failed" or last4 == REFUND_FAILS[-4:]:
        settle(world, refund, status="failed")
    return refund


def _refunded(world: World, charge: Obj, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.save(charge)


def settle(world: World, refund: Obj, *, status: str) -> Obj:
    """What the card's bank answers later: pending -> succeeded or failed, and succeeded -> failed, never back."""
    if refund["status"] == status:
        return refund
    if refund["status"] == "failed" or status not in {"succeeded", "failed"}:
        raise StripeError(f"A {refund['status']} refund does not become {status}.")
    before = refund["status"]
    refund["status"] = status
    if status == "failed":
        entry = post_balance(
            world, kind="refund_failure", amount=refund["amount"], source=refund["id"], category="refund_failure"
        )
        refund |= {"failure_reason": "unknown", "failure_balance_transaction": entry["id"]}
        _refunded(world, world.store.get("charge", refund["charge"]), -refund["amount"])
    world.save(refund)
    world.emit("refund.updated", refund, previous={"status": before})
    world.emit("charge.refund.updated", refund, previous={"status": before})
    if status == "failed":
        world.emit("refund.failed", refund)
    return refund


def retrieve(world: World, params: Params, name: str) -> Obj:
    params.done()
    return world.store.get("refund", name)


def list_refunds(world: World, params: Params) -> Obj:
    rows = world.store.newest_first("refund")
    for name in ("payment_intent", "charge"):
        wanted = params.text(name)
        if wanted:
            rows = [row for row in rows if row[name] == wanted]
    answer = page(rows, params, url="/v1/refunds")
    params.done()
    return answer
