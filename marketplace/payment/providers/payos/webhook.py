"""What payOS tells by its webhook: money has arrived on the account of a channel."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marketplace.payment.providers.payos.signature import is_signed

MAXIMUM_BODY = 64 * 1024
# payOS writes local time without a zone.
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
SUCCESS = "00"
MAXIMUM_DONG = 10**12


class NotANoticeError(Exception):
    """The body is malformed, or its signature is not ours to believe: to be answered with 400."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Money that arrived. `event_id` is the same for the same movement, however often it is told."""

    event_id: str
    memo: str
    amount: int
    currency: str
    account: str
    occurred_at: datetime
    payer: str = ""
    bank_reference: str = ""


def read_notice(body: bytes, *, checksum_key: str) -> Notice | None:
    """The notice in a raw body, or None when it is signed and tells of no money (payOS sends such when it checks the address).

    Raises NotANoticeError for anything malformed or not signed with the key.
    """
    content = _content(body)
    data = content.get("data")
    if not isinstance(data, dict) or not is_signed(data, content.get("signature"), checksum_key):
        raise NotANoticeError("signature")
    if content.get("code") != SUCCESS or content.get("success") is False or data.get("code", SUCCESS) != SUCCESS:
        return None
    try:
        return _notice(data)
    except (KeyError, TypeError, ValueError) as error:
        raise NotANoticeError("fields") from error


def _content(body: bytes) -> dict[str, Any]:
    if len(body) > MAXIMUM_BODY:
        raise NotANoticeError("size")
    try:
        content = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotANoticeError("JSON") from error
    if not isinstance(content, dict):
        raise NotANoticeError("JSON")
    return content


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _notice(data: dict[str, Any]) -> Notice:
    amount = data["amount"]
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= MAXIMUM_DONG:
        raise ValueError("amount")
    reference, link = _words(data, "reference"), _words(data, "paymentLinkId")
    # The bank's number names the movement. Two banks may use the same one: the account and the day tell them apart.
    occurred_at = datetime.strptime(_words(data, "transactionDateTime"), "%Y-%m-%d %H:%M:%S").replace(tzinfo=VIETNAM)
    if not reference and not link:
        raise ValueError("reference")
    return Notice(
        event_id=f"{_words(data, 'accountNumber')}:{occurred_at:%Y%m%d}:{reference or link}"[:120],
        memo=_words(data, "description")[:500],
        amount=amount,
        currency=_words(data, "currency") or "VND",
        account=_words(data, "accountNumber"),
        occurred_at=occurred_at,
        payer=_words(data, "counterAccountName")[:200],
        bank_reference=reference,
    )


def _words(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise TypeError(name)
    text = str(value).strip()
    if "\0" in text or len(text) > 1_000:
        raise ValueError(name)
    return text
