"""Connected accounts: may receive transfers once their owner has been through Stripe's questions (control: activate)."""

from .errors import StripeError
from .listing import page
from .params import Params
from .store import Obj
from .world import World, new_id

CAPABILITIES = ("card_payments", "transfers")


def create(world: World, params: Params) -> Obj:
    kind = params.text("type", among=("standard", "express", "custom")) or "none"
    asked = params.sub("capabilities")
    capabilities = {}
    for name in CAPABILITIES:
        capability = asked.sub(name)
        if capability.boolean("requested"):
            capabilities[name] = "inactive"
        capability.done()
    asked.done()
    country, email = params.text("country") or "SG", params.text("email", longest=800)
    if len(country) != 2:
        raise StripeError(f"Country '{country}' is unknown.", code="country_unsupported", param="country")
    metadata = params.metadata()
    params.ignored("business_profile", "business_type", "controller", "default_currency", "settings", "company")
    params.done()
    return new_account(world, kind=kind, country=country, email=email, capabilities=capabilities, metadata=metadata)


def new_account(
    world: World,
    *,
    kind: str,
    country: str,
    email: str | None,
    capabilities: dict[str, str],
    metadata: dict[str, str],
    name: str | None = None,
) -> Obj:
    account = {
        "id": name or new_id("acct", 16),
        "object": "account",
        "capabilities": capabilities,
        "charges_enabled": False,
        "country": country,
        "created": world.now(),
        "default_currency": world.settings.currency,
        "details_submitted": False,
        "email": email,
        "metadata": metadata,
        "payouts_enabled": False,
        "requirements": {"currently_due": ["external_account"], "disabled_reason": "requirements.past_due"},
        "type": kind,
    }
    return world.save(account)


def activate(world: World, account: Obj, *, active: bool = True) -> Obj:
    """The owner answered Stripe's questions (or Stripe took the capabilities away again)."""
    account["capabilities"] = dict.fromkeys(
        account["capabilities"] or ("transfers",), "active" if active else "inactive"
    )
    account |= {"charges_enabled": active, "payouts_enabled": active, "details_submitted": True}
    account["requirements"] = {"currently_due": [], "disabled_reason": None if active else "listed"}
    world.save(account)
    world.emit("account.updated", account)
    return account


def retrieve(world: World, params: Params, name: str) -> Obj:
    params.done()
    account = world.store.find("account", name)
    if account is None:
        raise StripeError(
            f"The provided key does not have access to account '{name}' (or that account does not exist)."
            " Application access may have been revoked.",
            status=403,
            code="account_invalid",
        )
    return account


def list_accounts(world: World, params: Params) -> Obj:
    answer = page(world.store.newest_first("account"), params, url="/v1/accounts")
    params.done()
    return answer
