"""Paging of lists (newest first) and `expand`."""

import copy
from collections.abc import Iterable
from typing import Any

from .errors import StripeError, missing
from .params import Params
from .store import Obj
from .world import World

KINDS = {
    "cs": "checkout.session",
    "pi": "payment_intent",
    "ch": "charge",
    "txn": "balance_transaction",
    "re": "refund",
    "tr": "transfer",
    "trr": "transfer_reversal",
    "acct": "account",
    "du": "dispute",
}
MOST, USUAL = 100, 10


def page(rows: Iterable[Obj], params: Params, *, url: str) -> Obj:
    """Stripe's list object. Reads limit, starting_after, ending_before and created from the parameters."""
    limit = params.integer("limit")
    limit = USUAL if limit is None else limit
    if not 1 <= limit <= MOST:
        raise StripeError(
            f"Invalid integer: limit must be between 1 and {MOST}", code="parameter_invalid_integer", param="limit"
        )
    after, before = params.text("starting_after"), params.text("ending_before")
    if after and before:
        raise StripeError("You may only specify one of these parameters: starting_after, ending_before.")
    found = _within(list(rows), params)
    if after:
        found = found[_position(found, after, "starting_after") + 1 :]
    if before:
        found = found[: _position(found, before, "ending_before")]
        chosen = found[-limit:]
    else:
        chosen = found[:limit]
    return {"object": "list", "url": url, "has_more": len(found) > len(chosen), "data": chosen}


def _within(rows: list[Obj], params: Params) -> list[Obj]:
    created = params.raw("created")
    if created is None:
        return rows
    if isinstance(created, str):
        moment = params.must_integer("created")
        return [row for row in rows if row["created"] == moment]
    bounds = params.sub("created")
    checks = {
        "gt": lambda at, limit: at > limit,
        "gte": lambda at, limit: at >= limit,
        "lt": lambda at, limit: at < limit,
        "lte": lambda at, limit: at <= limit,
    }
    for name, check in checks.items():
        limit = bounds.integer(name)
        if limit is not None:
            rows = [row for row in rows if check(row["created"], limit)]
    bounds.done()
    return rows


def _position(rows: list[Obj], name: str, param: str) -> int:
    for index, row in enumerate(rows):
        if row["id"] == name:
            return index
    raise missing(rows[0]["object"] if rows else "object", name, param=param)


def expand(world: World, answer: Obj, paths: list[str]) -> Obj:
    """A copy of the answer in which the ids that `paths` name are replaced by their objects."""
    answer = copy.deepcopy(answer)
    for path in paths:
        _expand(world, answer, path.split("."), path)
    return answer


def _expand(world: World, node: Any, parts: list[str], path: str) -> None:
    if isinstance(node, list):
        for child in node:
            _expand(world, child, parts, path)
        return
    if node is None or not parts:
        return
    name = parts[0]
    if not isinstance(node, dict) or (name not in node and name != "line_items"):
        raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
    if name == "line_items" and node.get("object") == "checkout.session":
        rows = world.store.get("line_items", node["id"])["data"]
        url = f"/v1/checkout/sessions/{node['id']}/line_items"
        node[name] = {"object": "list", "url": url, "has_more": False, "data": copy.deepcopy(rows[:USUAL])}
    elif isinstance(node[name], str):
        kind = KINDS.get(node[name].split("_", maxsplit=1)[0])
        if kind is None:
            raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
        node[name] = copy.deepcopy(world.store.get(kind, node[name]))
    _expand(world, node[name], parts[1:], path)
