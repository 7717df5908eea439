"""A stand-in per test, the real client of Stripe, and a site that collects webhooks."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from tests.stripe_stand_in import StripeStandIn

HALF_AN_HOUR = 30 * 60


@pytest.fixture
def stand_in() -> Iterator[StripeStandIn]:
    with StripeStandIn() as running:
        yield running


def client_of(running: Any, *, retries: int = 2, key: str | None = None) -> stripe.StripeClient:
    return stripe.StripeClient(key or running.api_key, max_network_retries=retries, base_addresses={"api": running.url})


@pytest.fixture
def client(stand_in: StripeStandIn) -> stripe.StripeClient:
    return client_of(stand_in)


def an_order(stand_in: Any, amount: int = 185_000, **changes: Any) -> dict[str, Any]:
    """What the market sends for an order of two parcels."""
    first = amount // 3
    prices = {"Rau Hòa An": first, "Gà Quảng Hòa": amount - first}
    return {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {"currency": "vnd", "unit_amount": price, "product_data": {"name": name}},
            }
            for name, price in prices.items()
        ],
        "client_reference_id": "CLK-7F3K",
        "customer_email": "lan@example.com",
        "metadata": {"order": "CLK-7F3K"},
        "payment_intent_data": {"metadata": {"order": "CLK-7F3K"}, "transfer_group": "CLK-7F3K"},
        "locale": "vi",
        "success_url": "https://cho.example/xong?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://cho.example/thoi",
        "expires_at": stand_in.state()["now"] + HALF_AN_HOUR + 60,
    } | changes


Opens = Callable[..., stripe.checkout.Session]


@pytest.fixture
def open_session(stand_in: StripeStandIn, client: stripe.StripeClient) -> Opens:
    def open_one(amount: int = 185_000, **changes: Any) -> stripe.checkout.Session:
        return client.v1.checkout.sessions.create(an_order(stand_in, amount, **changes))

    return open_one


class Site:
    """Collects webhooks, verifies them with the client library, and answers with the statuses it is given."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.events: list[stripe.Event] = []
        self.forged = 0
        self.statuses: list[int] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(site.receive(body, self.headers["Stripe-Signature"]))
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/stripe/"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def receive(self, body: bytes, header: str) -> int:
        try:
            event = stripe.Webhook.construct_event(body, header, self.secret)
        except stripe.SignatureVerificationError:
            self.forged += 1
            return 400
        self.events.append(event)
        return self.statuses.pop(0) if self.statuses else 200

    @property
    def kinds(self) -> list[str]:
        return [event.type for event in self.events]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site(stand_in: StripeStandIn) -> Iterator[Site]:
    receiver = Site(stand_in.webhook_secret)
    stand_in.set_webhook(receiver.url)
    yield receiver
    receiver.close()
