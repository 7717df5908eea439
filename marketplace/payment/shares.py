"""Writing a refund down: on which lines it falls, and on which of the ways by which the money came it goes back."""

from collections.abc import Mapping
from datetime import datetime

from marketplace.common.money import split_by_largest_remainder
from marketplace.order.models import Line, Parcel
from marketplace.payment import emails
from marketplace.payment.models import Refund, RefundLine
from marketplace.payment.providers.names import COLLECTING
from marketplace.payment.selectors import claimed_by_line, receipts_left, refundable
from marketplace.users.models import User


def left_by_line(parcel: Parcel) -> dict[int, int]:
    """Đồng of each line's charge that was neither given nor promised back, by the line's key. Two queries."""
    claimed = claimed_by_line(parcel)
    lines = Line.objects.filter(parcel=parcel).order_by("pk").values_list("pk", "line_price_incl_tax")
    return {pk: max(0, int(charge) - claimed.get(pk, 0)) for pk, charge in lines}


def spread_over_lines(parcel: Parcel, amount: int) -> dict[int, int]:
    """The amount's parts by line, by the value that each still has; what the goods do not bear is the delivery's."""
    left = left_by_line(parcel)
    on_goods = min(amount, sum(left.values()))
    shares = split_by_largest_remainder(on_goods, list(left.values()))
    return {pk: share for pk, share in zip(left, shares, strict=True) if share}


def key_of(parcel: Parcel, key: str) -> str:
    """What the stored keys of the parcel's refunds for one cause begin with."""
    return f"{parcel.number}:{key}|"


def promise_back(
    *, parcel: Parcel, amount: int, key: str, reason: str, now: datetime, lines: Mapping[int, int] | None = None
) -> list[Refund]:
    """What follows of itself from a change of the parcel, whose lock the caller holds: as much as is still to be had.

    Without `lines` it is spread over them by value.
    """
    amount = min(amount, refundable(parcel))
    if amount <= 0:
        return []
    lines = spread_over_lines(parcel, amount) if lines is None else lines
    refunds = write_refunds(parcel=parcel, amount=amount, lines=lines, key=key, reason=reason, now=now)
    emails.send_promised(refunds, now=now)
    return refunds


def write_refunds(
    *,
    parcel: Parcel,
    amount: int,
    lines: Mapping[int, int],
    key: str,
    reason: str,
    now: datetime,
    by: User | None = None,
    note: str = "",
) -> list[Refund]:
    """Promises the amount back, by the ways on which it came: one refund, or one for each way.

    `lines` are the parts that fall on lines. The caller holds the parcel's lock, and knows that the amount can be given
    and that the key is new.
    """
    refunds = []
    on_lines = dict(lines)
    for receipt in receipts_left(parcel):
        part = min(amount, receipt.amount)
        if not part:
            break
        amount -= part
        refund = Refund.objects.create(
            key=f"{key_of(parcel, key)}{receipt.provider}:{receipt.attempt_id or ''}",
            provider=receipt.provider,
            parcel=parcel,
            attempt_id=receipt.attempt_id,
            amount=part,
            reason=reason,
            note=note[:300],
            created_at=now,
            created_by=by,
            next_attempt_at=now if receipt.provider in COLLECTING else None,
        )
        write_lines(refund, on_lines)
        refunds.append(refund)
    return refunds


def write_lines(refund: Refund, on_lines: dict[int, int]) -> None:
    """As much of the lines' parts as the refund holds; they are taken off `on_lines`."""
    left = int(refund.amount)
    rows = []
    for pk, part in list(on_lines.items()):
        share = min(left, part)
        if share:
            rows.append(RefundLine(refund=refund, line_id=pk, amount=share))
            on_lines[pk], left = part - share, left - share
    RefundLine.objects.bulk_create(rows)
