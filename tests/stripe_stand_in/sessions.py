"""Checkout Sessions: open, then complete or expired; never back."""

from typing import Any

from .errors import StripeError
from .intents import cancel_intent
from .listing import page
from .params import Params
from .settings import DAY, MINUTE
from .store import Obj
from .world import World, new_id

SOONEST, LATEST = 30 * MINUTE, DAY
LOCALES = ("auto", "vi", "en", "en-GB")
WITHOUT_EFFECT = (
    "adaptive_pricing", "allow_promotion_codes", "automatic_tax", "billing_address_collection", "branding_settings",
    "consent_collection", "custom_text", "customer_creation", "excluded_payment_method_types", "invoice_creation",
    "name_collection", "origin_context", "payment_method_collection", "payment_method_options",
    "phone_number_collection", "submit_type",
)  # fmt: skip
INTENT_TEXTS = ("description", "statement_descriptor", "statement_descriptor_suffix", "receipt_email", "transfer_group")


def create(world: World, params: Params) -> Obj:
    params.must_text("mode", among=("payment",))
    params.text("ui_mode", among=("hosted_page",))
    if set(params.texts("payment_method_types")) - {"card"}:
        raise StripeError("The stand-in takes cards only.", param="payment_method_types")
    items = [_line_item(world, item) for item in params.subs("line_items")]
    total = sum(item["amount_total"] for item in items)
    _check_total(world, total)
    session = {
        "id": new_id("cs_test", 58),
        "object": "checkout.session",
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.url("cancel_url"),
        "client_reference_id": params.text("client_reference_id", longest=200),
        "created": world.now(),
        "currency": world.settings.currency,
        "custom_fields": [],
        "customer": None,
        "customer_details": None,
        "customer_email": _email(params),
        "expires_at": _expires_at(world, params),
        "livemode": False,
        "locale": params.text("locale", among=LOCALES),
        "metadata": params.metadata(),
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": params.url("success_url", required=True),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
    }
    session["url"] = world.public_url(f"/c/pay/{session['id']}")
    intent = _intent_data(params.sub("payment_intent_data"))
    params.ignored(*WITHOUT_EFFECT)
    params.done()
    world.store.save("line_items", {"id": session["id"], "data": items, "intent": intent})
    return world.save(session)


def _expires_at(world: World, params: Params) -> int:
    now = world.now()
    moment = params.integer("expires_at")
    if moment is None:
        return now + LATEST
    if moment < now + SOONEST:
        raise StripeError(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
            param="expires_at",
        )
    if moment > now + LATEST:
        raise StripeError(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return moment


def _email(params: Params) -> str | None:
    address = params.text("customer_email", longest=800)
    if address is not None and ("@" not in address[1:-1] or " " in address):
        raise StripeError(f"Invalid email address: {address}", code="email_invalid", param="customer_email")
    return address


def _line_item(world: World, item: Params) -> Obj:
    quantity = item.must_integer("quantity", least=1)
    price = item.sub("price_data", required=True)
    check_currency(world, price)
    amount = price.must_integer("unit_amount", least=0)
    product = price.sub("product_data", required=True)
    name = product.must_text("name", longest=5000)
    description = product.text("description", longest=5000)
    product.metadata()
    product.ignored("images", "tax_code", "unit_label")
    product.done()
    price.ignored("tax_behavior")
    price.done()
    item.metadata()
    item.done()
    total = amount * quantity
    if amount > world.settings.maximum_amount:
        raise _too_large(world, price.path("unit_amount"))
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": world.settings.currency,
        "description": name,
        "price": {
            "id": new_id("price"),
            "object": "price",
            "currency": world.settings.currency,
            "metadata": {},
            "product": new_id("prod", 14),
            "type": "one_time",
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
            "nickname": description,
        },
        "quantity": quantity,
    }


def check_currency(world: World, params: Params) -> str:
    """The stand-in's account trades in one currency; another one is refused by name."""
    currency = params.must_text("currency")
    if currency.lower() != world.settings.currency:
        raise StripeError(
            f"Invalid currency: {currency}. The stand-in's account takes {world.settings.currency}.",
            param=params.path("currency"),
        )
    return currency.lower()


def _check_total(world: World, total: int) -> None:
    if total < world.settings.minimum_amount:
        raise StripeError(
            f"The Checkout Session's total amount must convert to at least 50 cents. ₫{total:,} is less than"
            f" ₫{world.settings.minimum_amount:,}.",
            code="amount_too_small",
        )
    if total > world.settings.maximum_amount:
        raise _too_large(world, "line_items")


def _too_large(world: World, param: str) -> StripeError:
    return StripeError(
        f"The Checkout Session's total amount must be no more than ₫{world.settings.maximum_amount:,}.",
        code="amount_too_large",
        param=param,
    )


def _intent_data(params: Params) -> dict[str, Any]:
    data: dict[str, Any] = {name: params.text(name, longest=1000) for name in INTENT_TEXTS}
    data["metadata"] = params.metadata()
    params.text("capture_method", among=("automatic", "automatic_async"))
    params.done()
    return data


def retrieve(world: World, params: Params, name: str) -> Obj:
    params.done()
    return world.store.get("checkout.session", name)


def list_sessions(world: World, params: Params) -> Obj:
    rows = world.store.newest_first("checkout.session")
    intent, status = params.text("payment_intent"), params.text("status", among=("open", "complete", "expired"))
    if intent:
        rows = [row for row in rows if row["payment_intent"] == intent]
    if status:
        rows = [row for row in rows if row["status"] == status]
    answer = page(rows, params, url="/v1/checkout/sessions")
    params.done()
    return answer


def line_items(world: World, params: Params, name: str) -> Obj:
    rows = world.store.get("line_items", world.store.get("checkout.session", name)["id"])["data"]
    answer = page(rows, params, url=f"/v1/checkout/sessions/{name}/line_items")
    params.done()
    return answer


def expire(world: World, params: Params, name: str) -> Obj:
    params.done()
    session = world.store.get("checkout.session", name)
    if session["status"] != "open":
        raise StripeError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of'
            f" {session['status']}.",
            param="session",
            executed=True,
        )
    return _expire(world, session)


def expire_what_ran_out(world: World) -> None:
    """Call before each request and now and then: time itself changes sessions."""
    for session in world.store.oldest_first("checkout.session"):
        if session["status"] == "open" and session["expires_at"] <= world.now():
            _expire(world, session)


def _expire(world: World, session: Obj) -> Obj:
    session |= {"status": "expired", "url": None}
    world.save(session)
    if session["payment_intent"]:
        cancel_intent(world, world.store.get("payment_intent", session["payment_intent"]))
    world.emit("checkout.session.expired", session)
    return session
