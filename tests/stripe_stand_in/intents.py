"""PaymentIntents, charges and balance transactions: what a payment left behind, to be read."""

from .listing import page
from .params import Params
from .store import Obj
from .world import World, new_id


def new_intent(world: World, session: Obj) -> Obj:
    """Made at the first attempt to pay, as Stripe does; metadata is the session's payment_intent_data, not its own."""
    data = world.store.get("line_items", session["id"])["intent"]
    name = new_id("pi")
    intent = world.save(
        {
            "id": name,
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_capturable": 0,
            "amount_received": 0,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic",
            "client_secret": f"{name}_secret_{new_id('s')[2:]}",
            "confirmation_method": "automatic",
            "created": world.now(),
            "currency": session["currency"],
            "customer": None,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "next_action": None,
            "payment_method": None,
            "payment_method_types": ["card"],
            "status": "requires_payment_method",
            **data,
        }
    )
    session["payment_intent"] = name
    world.save(session)
    world.emit("payment_intent.created", intent)
    return intent


def cancel_intent(world: World, intent: Obj) -> None:
    if intent["status"] in {"succeeded", "canceled"}:
        return
    intent |= {"status": "canceled", "canceled_at": world.now(), "cancellation_reason": "expired", "next_action": None}
    world.save(intent)
    world.emit("payment_intent.canceled", intent)


def new_charge(world: World, intent: Obj, *, last4: str, email: str | None) -> Obj:
    """A charge that stands for nothing yet: the caller says whether it went through."""
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": email, "name": None, "phone": None},
        "captured": False,
        "created": world.now(),
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": new_id("pm"),
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": last4, "network": "visa"}},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "source_transfer": None,
        "status": "failed",
        "transfer_group": intent["transfer_group"],
    }


def post_balance(world: World, *, kind: str, amount: int, source: str, fee: int = 0, category: str = "") -> Obj:
    """Move the account's balance; positive is money in, and `net` is what is left of it after the fee."""
    wait = world.settings.available_after if kind == "charge" else 0
    fees = [{"amount": fee, "currency": world.settings.currency, "description": "Stripe processing fees",
             "type": "stripe_fee", "application": None}] if fee else []  # fmt: skip
    return world.save(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": world.now() + wait,
            "balance_type": "payments",
            "created": world.now(),
            "currency": world.settings.currency,
            "description": None,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": fees,
            "net": amount - fee,
            "reporting_category": category or kind,
            "source": source,
            "status": "pending" if wait else "available",
            "type": kind,
        }
    )


def available(world: World) -> int:
    rows = world.store.oldest_first("balance_transaction")
    return sum(row["net"] for row in rows if row["available_on"] <= world.now())


def balance(world: World, params: Params) -> Obj:
    params.done()
    everything = sum(row["net"] for row in world.store.oldest_first("balance_transaction"))
    now = available(world)

    def part(amount: int) -> list[Obj]:
        return [{"amount": amount, "currency": world.settings.currency, "source_types": {"card": amount}}]

    return {"object": "balance", "available": part(now), "pending": part(everything - now), "livemode": False}


def retrieve_intent(world: World, params: Params, name: str) -> Obj:
    params.done()
    return world.store.get("payment_intent", name)


def list_intents(world: World, params: Params) -> Obj:
    answer = page(world.store.newest_first("payment_intent"), params, url="/v1/payment_intents")
    params.done()
    return answer


def retrieve_charge(world: World, params: Params, name: str) -> Obj:
    params.done()
    return world.store.get("charge", name)


def list_charges(world: World, params: Params) -> Obj:
    rows = world.store.newest_first("charge")
    for name in ("payment_intent", "transfer_group"):
        wanted = params.text(name)
        if wanted:
            rows = [row for row in rows if row[name] == wanted]
    answer = page(rows, params, url="/v1/charges")
    params.done()
    return answer


def retrieve_balance_transaction(world: World, params: Params, name: str) -> Obj:
    params.done()
    row = world.store.get("balance_transaction", name)
    return row | {"status": "available" if row["available_on"] <= world.now() else "pending"}


def list_balance_transactions(world: World, params: Params) -> Obj:
    rows = world.store.newest_first("balance_transaction")
    for name in ("type", "source"):
        wanted = params.text(name)
        if wanted:
            rows = [row for row in rows if row[name] == wanted]
    answer = page(rows, params, url="/v1/balance_transactions")
    params.done()
    return answer
