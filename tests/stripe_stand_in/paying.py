"""What the buyer does on the hosted page: a card is tried, the bank may ask, money moves or does not."""

from dataclasses import dataclass

from .intents import new_charge, new_intent, post_balance
from .store import Obj
from .world import World

FINE = "4242424242424242"
DECLINED = "4000000000000002"
ASKS = "4000002500003155"
ASKS_ALWAYS = "4000002760003184"
REFUND_PENDS = "4000000000007726"
REFUND_FAILS = "4000000000005126"
DISPUTED = "4000000000000259"
REFUSALS = {
    DECLINED: ("card_declined", "generic_decline", "Your card was declined."),
    "4000000000009995": ("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "4000000000009987": ("card_declined", "lost_card", "Your card was declined."),
    "4000000000000069": ("expired_card", "expired_card", "Your card has expired."),
    "4000000000000127": ("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
    "4000000000000119": ("processing_error", "processing_error", "An error occurred while processing your card."),
}
TAKEN = {FINE, REFUND_PENDS, REFUND_FAILS, DISPUTED}
ASKING = {ASKS, ASKS_ALWAYS}
KNOWN = TAKEN | ASKING | set(REFUSALS)
UNAUTHENTICATED = ("payment_intent_authentication_failure", None, "The buyer's bank did not authenticate the card.")


@dataclass(frozen=True)
class Outcome:
    """`status`: paid, declined or asked (3-D Secure). `code` and `message` tell why a card was declined."""

    status: str
    code: str = ""
    message: str = ""


class NotOpen(Exception):  # noqa: N818 (an answer, not a fault)
    """The session is complete or expired: nothing can be paid on it."""


def pay(world: World, session: Obj, card: str, *, email: str | None = None) -> Outcome:
    """Try a test card on an open session."""
    if session["status"] != "open":
        raise NotOpen(session["status"])
    email = email or session["customer_email"]
    intent = (
        world.store.get("payment_intent", session["payment_intent"])
        if session["payment_intent"]
        else new_intent(world, session)
    )
    world.store.save("attempt", {"id": session["id"], "card": card, "email": email})
    if card in REFUSALS:
        return _decline(world, intent, card=card, email=email, why=REFUSALS[card])
    if card in ASKING:
        url = world.public_url(f"/c/3ds/{session['id']}")
        intent |= {
            "status": "requires_action",
            "next_action": {"type": "redirect_to_url", "redirect_to_url": {"return_url": session["url"], "url": url}},
        }
        world.save(intent)
        world.emit("payment_intent.requires_action", intent)
        return Outcome("asked")
    return _take(world, session, intent, card=card, email=email)


def answer_bank(world: World, session: Obj, *, complete: bool) -> Outcome:
    """The buyer's answer to 3-D Secure."""
    if session["status"] != "open" or not session["payment_intent"]:
        raise NotOpen(session["status"])
    intent = world.store.get("payment_intent", session["payment_intent"])
    if intent["status"] != "requires_action":
        raise NotOpen(intent["status"])
    attempt = world.store.get("attempt", session["id"])
    if complete:
        return _take(world, session, intent, card=attempt["card"], email=attempt["email"])
    return _decline(world, intent, card=attempt["card"], email=attempt["email"], why=UNAUTHENTICATED)


def _decline(world: World, intent: Obj, *, card: str, email: str | None, why: tuple[str, str | None, str]) -> Outcome:
    code, decline_code, message = why
    error = {"code": code, "message": message, "type": "card_error"}
    if decline_code:  # the bank said no: a charge was tried
        charge = new_charge(world, intent, last4=card[-4:], email=email)
        charge |= {"failure_code": code, "failure_message": message}
        charge["outcome"] = {"network_status": "declined_by_network", "reason": decline_code, "type": "issuer_declined"}
        world.save(charge)
        error |= {"decline_code": decline_code, "charge": charge["id"]}
        intent["latest_charge"] = charge["id"]
        world.emit("charge.failed", charge)
    intent |= {"status": "requires_payment_method", "next_action": None, "last_payment_error": error}
    world.save(intent)
    world.emit("payment_intent.payment_failed", intent)
    return Outcome("declined", code, message)


def _take(world: World, session: Obj, intent: Obj, *, card: str, email: str | None) -> Outcome:
    from .disputes import open_dispute  # a card that is disputed at once

    charge = new_charge(world, intent, last4=card[-4:], email=email)
    fee = world.settings.fee_on(intent["amount"])
    entry = post_balance(world, kind="charge", amount=intent["amount"], source=charge["id"], fee=fee)
    charge |= {
        "amount_captured": intent["amount"],
        "balance_transaction": entry["id"],
        "captured": True,
        "outcome": {"network_status": "approved_by_network", "reason": None, "type": "authorized"},
        "paid": True,
        "status": "succeeded",
    }
    world.save(charge)
    intent |= {
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": charge["payment_method"],
        "status": "succeeded",
    }
    world.save(intent)
    session |= {
        "customer_details": {"address": None, "email": email, "name": None, "phone": None, "tax_exempt": "none"},
        "payment_status": "paid",
        "status": "complete",
        "url": None,
    }
    world.save(session)
    world.emit("charge.succeeded", charge)
    world.emit("payment_intent.succeeded", intent)
    world.emit("checkout.session.completed", session)
    if card == DISPUTED:
        open_dispute(world, charge, reason="fraudulent")
    return Outcome("paid")
