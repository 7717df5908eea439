"""Stripe's paths that the stand-in answers."""

import re
from collections.abc import Callable

from . import accounts, disputes, events, intents, refunds, sessions, transfers
from .errors import StripeError
from .listing import expand
from .params import Params
from .store import Obj
from .world import World

Handler = Callable[..., Obj]

TABLE: list[tuple[str, str, Handler]] = [
    ("POST", "/v1/checkout/sessions", sessions.create),
    ("GET", "/v1/checkout/sessions", sessions.list_sessions),
    ("GET", "/v1/checkout/sessions/{}", sessions.retrieve),
    ("GET", "/v1/checkout/sessions/{}/line_items", sessions.line_items),
    ("POST", "/v1/checkout/sessions/{}/expire", sessions.expire),
    ("GET", "/v1/payment_intents", intents.list_intents),
    ("GET", "/v1/payment_intents/{}", intents.retrieve_intent),
    ("GET", "/v1/charges", intents.list_charges),
    ("GET", "/v1/charges/{}", intents.retrieve_charge),
    ("GET", "/v1/balance", intents.balance),
    ("GET", "/v1/balance_transactions", intents.list_balance_transactions),
    ("GET", "/v1/balance_transactions/{}", intents.retrieve_balance_transaction),
    ("POST", "/v1/refunds", refunds.create),
    ("GET", "/v1/refunds", refunds.list_refunds),
    ("GET", "/v1/refunds/{}", refunds.retrieve),
    ("POST", "/v1/transfers", transfers.create),
    ("GET", "/v1/transfers", transfers.list_transfers),
    ("GET", "/v1/transfers/{}", transfers.retrieve),
    ("POST", "/v1/transfers/{}/reversals", transfers.reverse),
    ("GET", "/v1/transfers/{}/reversals", transfers.list_reversals),
    ("GET", "/v1/transfers/{}/reversals/{}", transfers.retrieve_reversal),
    ("POST", "/v1/accounts", accounts.create),
    ("GET", "/v1/accounts", accounts.list_accounts),
    ("GET", "/v1/accounts/{}", accounts.retrieve),
    ("GET", "/v1/disputes", disputes.list_disputes),
    ("GET", "/v1/disputes/{}", disputes.retrieve),
    ("POST", "/v1/disputes/{}", disputes.update),
    ("POST", "/v1/disputes/{}/close", disputes.give_up),
    ("GET", "/v1/events", events.list_events),
    ("GET", "/v1/events/{}", events.retrieve),
]
_COMPILED = [
    (method, re.compile(re.escape(path).replace(r"\{\}", "([A-Za-z0-9_.-]+)")), handler)
    for method, path, handler in TABLE
]


def answer(world: World, method: str, path: str, data: Obj) -> Obj:
    """Find the handler, let it work, expand what was asked for."""
    for known, pattern, handler in _COMPILED:
        match = pattern.fullmatch(path)
        if known == method and match:
            params = Params(data)
            wanted = params.texts("expand")
            return expand(world, handler(world, params, *match.groups()), wanted)
    raise StripeError(f"Unrecognized request URL ({method}: {path}).", status=404)
