"""payOS's merchant API, from its published fields: links to pay, by QR, into a cooperative's own account.

Built from the documentation and tried against a stand-in only: see docs/operations.md. Each cooperative has a channel of
its own, with its own keys (settings.PAYOS_CHANNELS); without one nothing here is called.
"""

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.conf import settings

from marketplace.payment.providers.payos.signature import is_signed, signature_of

TIMEOUT = 10
MAXIMUM_ANSWER = 256 * 1024
MAXIMUM_DESCRIPTION = 25


class PayosError(Exception):
    """payOS refused: its code and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code = code


class PayosUnknownResultError(Exception):
    """No answer, or none that can be believed: the call may have worked. Read the link before calling again."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A cooperative's keys. Never logged."""

    client_id: str
    api_key: str
    checksum_key: str

    def __repr__(self) -> str:
        return f"Channel({self.client_id})"


@dataclass(frozen=True, slots=True)
class Link:
    """A page with a QR code to pay one sum. `status` is PENDING, PROCESSING, PAID, CANCELLED or EXPIRED."""

    id: str
    order_code: int
    amount: int
    amount_paid: int
    status: str
    url: str = ""
    qr: str = ""


def channel_of(slug: str) -> Channel | None:
    """The channel of the cooperative with this slug, or None: then payOS is off for it."""
    keys = settings.PAYOS_CHANNELS.get(slug)
    return Channel(keys["client_id"], keys["api_key"], keys["checksum_key"]) if keys else None


def create_link(
    channel: Channel,
    *,
    order_code: int,
    amount: int,
    description: str,
    return_url: str,
    cancel_url: str,
    expires_at: int,
) -> Link:
    """A link for one sum. `order_code` is unique in the channel: the same again is refused, so that nothing is made twice.

    Raises PayosError or PayosUnknownResultError.
    """
    signed = {
        "amount": amount,
        "cancelUrl": cancel_url,
        "description": description[:MAXIMUM_DESCRIPTION],
        "orderCode": order_code,
        "returnUrl": return_url,
    }
    body = signed | {"expiredAt": expires_at, "signature": signature_of(signed, channel.checksum_key)}
    return _link(_call(channel, "POST", "/v2/payment-requests", body))


def read_link(channel: Channel, link_id: str | int) -> Link:
    """By payOS's number or by our order code. Raises PayosError or PayosUnknownResultError."""
    return _link(_call(channel, "GET", f"/v2/payment-requests/{link_id}"))


def cancel_link(channel: Channel, link_id: str | int, *, reason: str) -> Link:
    """The link, which nobody can pay any more. Raises PayosError or PayosUnknownResultError."""
    return _link(_call(channel, "POST", f"/v2/payment-requests/{link_id}/cancel", {"cancellationReason": reason}))


def _call(channel: Channel, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    request = Request(  # noqa: S310 - the address is the operator's setting
        settings.PAYOS_API_URL.rstrip("/") + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"x-client-id": channel.client_id, "x-api-key": channel.api_key, "Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - as above
            content = json.loads(answer.read(MAXIMUM_ANSWER))
    except HTTPError as error:
        raise _refusal(error) from error
    except (OSError, HTTPException, ValueError) as error:
        raise PayosUnknownResultError(type(error).__name__) from error
    if not isinstance(content, dict):
        raise PayosUnknownResultError("answer")
    if content.get("code") != "00":
        raise PayosError(str(content.get("code")), str(content.get("desc"))[:200])
    data = content.get("data")
    # An answer that somebody else wrote must not mark anything paid.
    if not isinstance(data, dict) or not is_signed(data, content.get("signature"), channel.checksum_key):
        raise PayosUnknownResultError("signature")
    return data


def _refusal(error: HTTPError) -> PayosError | PayosUnknownResultError:
    """5xx and what is not JSON leave open whether the call worked."""
    try:
        content = json.loads(error.read(MAXIMUM_ANSWER))
    except (OSError, HTTPException, ValueError):
        content = None
    if error.code >= 500 or not isinstance(content, dict):
        return PayosUnknownResultError(str(error.code))
    return PayosError(str(content.get("code", error.code)), str(content.get("desc", ""))[:200])


def _link(data: dict[str, Any]) -> Link:
    try:
        return Link(
            id=str(data.get("paymentLinkId") or data["id"]),
            order_code=int(data["orderCode"]),
            amount=int(data["amount"]),
            amount_paid=int(data.get("amountPaid") or 0),
            status=str(data["status"]),
            url=str(data.get("checkoutUrl") or ""),
            qr=str(data.get("qrCode") or ""),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PayosUnknownResultError("fields") from error
