"""Checkout Sessions: the page that Stripe hosts, where the buyer types the card."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import stripe

from marketplace.common.money import round_half_up
from marketplace.payment.providers.base import CardPage, PageRequest, PaymentTrace, ProviderRefusedError
from marketplace.payment.providers.stripe.client import is_lost_key, our_errors

# Đồng has no smaller part: Stripe counts it as it is.
CURRENCY = "vnd"
LOCALES = frozenset({"vi", "en"})
# The payment with its charge and what Stripe kept of it, in the one call that reads the page.
_WITH_PAYMENT = ["payment_intent.latest_charge.balance_transaction"]
# Clocks differ: a page may seem made before it was asked for.
_CLOCKS = timedelta(minutes=10)


class Pages:
    def __init__(self, client: stripe.StripeClient) -> None:
        self._sessions = client.v1.checkout.sessions
        self._payments = client.v1.payment_intents

    def create_page(self, request: PageRequest) -> CardPage:
        with our_errors():
            try:
                session = self._sessions.create(_parameters(request), {"idempotency_key": request.key})
            except stripe.StripeError as error:
                if not is_lost_key(error):
                    raise
                return self._made_before(request)
        return _page(session)

    def read_page(self, external_id: str) -> CardPage:
        with our_errors():
            return _page(self._sessions.retrieve(external_id, {"expand": list(_WITH_PAYMENT)}))

    def expire_page(self, external_id: str) -> CardPage:
        with our_errors():
            try:
                self._sessions.expire(external_id)
            except stripe.InvalidRequestError as error:
                # Paid, expired already, or just being paid: the page itself says which.
                if error.http_status != 400:
                    raise
        return self.read_page(external_id)

    def page_of_payment(self, payment_id: str) -> CardPage | None:
        with our_errors():
            found = self._sessions.list({"payment_intent": payment_id, "limit": 1}).data
        return self.read_page(found[0].id) if found else None

    def trace(self, payment_id: str) -> PaymentTrace:
        with our_errors():
            payment = self._payments.retrieve(payment_id)
        said = _metadata(payment)
        return PaymentTrace(
            payment_id=payment.id, key=said.get("attempt", ""), order_number=said.get("order_number", "")
        )

    def _made_before(self, request: PageRequest) -> CardPage:
        """The page that an earlier call made under the key. Raises ProviderRefusedError when there is none."""
        since = int((request.created_at - _CLOCKS).timestamp())
        for session in self._sessions.list({"created": {"gte": since}, "limit": 100}).auto_paging_iter():
            if session.client_reference_id == request.key:
                return _page(session)
        raise ProviderRefusedError(reason="idempotency_key")


def _parameters(request: PageRequest) -> Any:
    said = {"attempt": request.key, "order_number": request.order_number}
    parameters: dict[str, Any] = {
        "mode": "payment",
        "payment_method_types": ["card"],
        "client_reference_id": request.key,
        "metadata": said,
        "payment_intent_data": {"metadata": said, "transfer_group": request.order_number},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": CURRENCY,
                    "unit_amount": item.amount,
                    "product_data": {"name": item.name},
                },
            }
            for item in request.items
        ],
        "success_url": request.return_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
        "locale": request.language if request.language in LOCALES else "auto",
    }
    if request.email:
        parameters["customer_email"] = request.email
    return parameters


def _page(session: stripe.checkout.Session) -> CardPage:
    said = _metadata(session)
    payment = session.payment_intent
    charge = None if payment is None or isinstance(payment, str) else payment.latest_charge
    is_known = charge is not None and not isinstance(charge, str)
    return CardPage(
        external_id=session.id,
        is_open=session.status == "open",
        is_paid=session.status == "complete" and session.payment_status == "paid",
        url=session.url or "",
        amount=int(session.amount_total or 0),
        currency=(session.currency or "").upper(),
        key=said.get("attempt", ""),
        order_number=said.get("order_number", ""),
        payment_id=payment if isinstance(payment, str) else (payment.id if payment else ""),
        paid_at=datetime.fromtimestamp(charge.created, UTC) if is_known else None,  # type: ignore[union-attr]
        fee=fee_of(charge) if is_known else None,  # type: ignore[arg-type]
    )


def fee_of(charge: stripe.Charge) -> int | None:
    """What Stripe kept of the charge, in đồng; None while it has not settled it. An account of another currency was
    credited what the đồng were worth: its fee is as much of the charge as it is of that.
    """
    entry = charge.balance_transaction
    if entry is None or isinstance(entry, str):
        return None
    if entry.currency == charge.currency:
        return int(entry.fee)
    return round_half_up(Decimal(entry.fee) * charge.amount / entry.amount) if entry.amount else None


def _metadata(thing: Any) -> dict[str, str]:
    return dict(thing.metadata.to_dict()) if thing.metadata else {}
