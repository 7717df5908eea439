"""Transfers to connected accounts and their reversals."""

from .errors import StripeError, missing
from .intents import available, post_balance
from .listing import page
from .params import Params
from .sessions import check_currency
from .store import Obj
from .world import World, new_id


def create(world: World, params: Params) -> Obj:
    amount = params.must_integer("amount", least=1)
    check_currency(world, params)
    destination = _destination(world, params)
    source = _source(world, params, amount)
    group = params.text("transfer_group")
    name = new_id("tr")
    transfer = {
        "id": name,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": world.now(),
        "currency": world.settings.currency,
        "description": params.text("description"),
        "destination": destination["id"],
        "destination_payment": new_id("py"),
        "livemode": False,
        "metadata": params.metadata(),
        "reversals": {"object": "list", "data": [], "has_more": False, "url": f"/v1/transfers/{name}/reversals"},
        "reversed": False,
        "source_transaction": source["id"] if source else None,
        "source_type": "card",
        "transfer_group": group or (source["transfer_group"] if source else None),
    }
    params.text("source_type", among=("card",))
    params.done()
    if source is None and amount > available(world):
        raise StripeError(
            "You have insufficient available funds in your Stripe account.", code="balance_insufficient", executed=True
        )
    transfer["balance_transaction"] = post_balance(world, kind="transfer", amount=-amount, source=name)["id"]
    world.save(transfer)
    world.emit("transfer.created", transfer)
    return transfer


def _destination(world: World, params: Params) -> Obj:
    name = params.must_text("destination")
    account = world.store.find("account", name)
    if account is None:
        raise missing("destination", name, param="destination")
    if account["capabilities"].get("transfers") != "active":
        raise StripeError(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers,"
            " crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    return account


def _source(world: World, params: Params, amount: int) -> Obj | None:
    name = params.text("source_transaction")
    if name is None:
        return None
    charge = world.store.find("charge", name)
    if charge is None or not charge["paid"]:
        raise missing("charge", name, param="source_transaction")
    sent = sum(
        row["amount"] - row["amount_reversed"]
        for row in world.store.newest_first("transfer")
        if row["source_transaction"] == name
    )
    left = charge["amount"] - sent
    if amount > left:
        raise StripeError(
            f"Transfers using this transaction as a source must not exceed the source amount of ₫{charge['amount']:,}."
            f" (The following amount remains: ₫{left:,}.)",
            param="amount",
            executed=True,
        )
    return charge


def retrieve(world: World, params: Params, name: str) -> Obj:
    params.done()
    return world.store.get("transfer", name)


def list_transfers(world: World, params: Params) -> Obj:
    rows = world.store.newest_first("transfer")
    for name in ("destination", "transfer_group"):
        wanted = params.text(name)
        if wanted:
            rows = [row for row in rows if row[name] == wanted]
    answer = page(rows, params, url="/v1/transfers")
    params.done()
    return answer


def reverse(world: World, params: Params, name: str) -> Obj:
    transfer = world.store.get("transfer", name)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = params.integer("amount", least=1)
    metadata, description = params.metadata(), params.text("description")
    params.ignored("refund_application_fee")
    params.done()
    if amount is None:
        amount = left
    if left == 0 or amount > left:
        raise StripeError(
            f"Reversal amount (₫{amount:,}) is greater than unreversed amount on transfer (₫{left:,})",
            param="amount",
            executed=True,
        )
    reversal = {
        "id": new_id("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": world.now(),
        "currency": transfer["currency"],
        "destination_payment_refund": new_id("pyr"),
        "metadata": metadata | ({"description": description} if description else {}),
        "source_refund": None,
        "transfer": name,
    }
    entry = post_balance(
        world, kind="transfer_refund", amount=amount, source=reversal["id"], category="transfer_reversal"
    )
    reversal["balance_transaction"] = entry["id"]
    world.save(reversal)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    world.save(transfer)
    world.emit("transfer.reversed", transfer)
    return reversal


def retrieve_reversal(world: World, params: Params, transfer: str, name: str) -> Obj:
    params.done()
    found = world.store.get("transfer_reversal", name)
    if found["transfer"] != transfer:
        raise missing("transfer_reversal", name)
    return found


def list_reversals(world: World, params: Params, name: str) -> Obj:
    rows = world.store.get("transfer", name)["reversals"]["data"]
    answer = page(rows, params, url=f"/v1/transfers/{name}/reversals")
    params.done()
    return answer
