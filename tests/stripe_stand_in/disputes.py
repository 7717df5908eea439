"""Disputes: the bank takes the money back at once; it returns only if the dispute is won."""

from .errors import StripeError
from .intents import post_balance
from .listing import page
from .params import Params
from .settings import DAY
from .store import Obj
from .world import World, new_id

CLOSED = ("won", "lost")
OPEN = ("needs_response", "under_review")
DAYS_TO_ANSWER = 9


def open_dispute(world: World, charge: Obj, *, reason: str = "fraudulent", amount: int | None = None) -> Obj:
    """Open one for what the charge has left; one at a time per charge."""
    if not charge["paid"] or any(
        row["charge"] == charge["id"] and row["status"] in OPEN for row in world.store.newest_first("dispute")
    ):
        raise StripeError(f"Charge {charge['id']} cannot be disputed (again).")
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise StripeError(f"Only ₫{left:,} of charge {charge['id']} can be disputed.", param="amount")
    dispute = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "evidence": {"uncategorized_text": None},
        "evidence_details": {
            "due_by": world.now() + DAYS_TO_ANSWER * DAY,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }
    world.save(dispute)
    charge["disputed"] = True
    world.save(charge)
    world.emit("charge.dispute.created", dispute)
    entry = post_balance(
        world,
        kind="adjustment",
        amount=-amount,
        source=dispute["id"],
        fee=world.settings.dispute_fee,
        category="dispute",
    )
    dispute["balance_transactions"].append(entry)
    world.save(dispute)
    world.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(world: World, dispute: Obj, *, status: str) -> Obj:
    """The bank's verdict, won or lost; closed once."""
    if dispute["status"] not in OPEN or status not in CLOSED:
        raise StripeError(f"A dispute that is {dispute['status']} does not become {status}.")
    before = dispute["status"]
    dispute |= {"status": status, "is_charge_refundable": status == "won"}
    if status == "won":
        entry = post_balance(
            world, kind="adjustment", amount=dispute["amount"], source=dispute["id"], category="dispute_reversal"
        )
        dispute["balance_transactions"].append(entry)
    world.save(dispute)
    world.emit("charge.dispute.closed", dispute, previous={"status": before})
    if status == "won":
        world.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def retrieve(world: World, params: Params, name: str) -> Obj:
    params.done()
    return world.store.get("dispute", name)


def update(world: World, params: Params, name: str) -> Obj:
    dispute = world.store.get("dispute", name)
    evidence = params.raw("evidence") or {}
    if params.boolean("submit", default=bool(evidence)) and dispute["status"] == "needs_response":
        dispute["evidence_details"] |= {"has_evidence": True, "submission_count": 1}
        dispute["status"] = "under_review"
    dispute["evidence"] |= evidence
    dispute["metadata"] |= params.metadata()
    params.done()
    world.save(dispute)
    world.emit("charge.dispute.updated", dispute)
    return dispute


def give_up(world: World, params: Params, name: str) -> Obj:
    """Stripe's `close`: the merchant admits the dispute, which is then lost."""
    params.done()
    return close_dispute(world, world.store.get("dispute", name), status="lost")


def list_disputes(world: World, params: Params) -> Obj:
    rows = world.store.newest_first("dispute")
    for name in ("payment_intent", "charge"):
        wanted = params.text(name)
        if wanted:
            rows = [row for row in rows if row[name] == wanted]
    answer = page(rows, params, url="/v1/disputes")
    params.done()
    return answer
