"""Giving money back, by parcel, line or amount: never more than was received, and once however often it is asked for.

What came through a provider of the marketplace goes back through it (see `sending`); what a cooperative holds it gives
back itself, and says so with a reference that the buyer may contest.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.common.money import format_vnd
from marketplace.order.locks import lock_order_of
from marketplace.order.models import Parcel
from marketplace.payment import emails
from marketplace.payment.facts import CURRENCY, Fact, Outcome, apply_fact
from marketplace.payment.models import PaymentFact, Refund, UnmatchedMoney
from marketplace.payment.providers.names import COLLECTING
from marketplace.payment.selectors import refundable
from marketplace.payment.shares import key_of, left_by_line, spread_over_lines, write_refunds
from marketplace.users.models import User

Reason = Refund.Reason
Status = Refund.Status
# Why a person may give money back; the others have causes of their own.
REASONS = (Reason.DAMAGED, Reason.MISSING, Reason.LATE, Reason.RETURNED, Reason.OTHER)


class RefundError(DomainError):
    code = "refund"


class NothingToRefundError(RefundError):
    code = "nothing_to_refund"
    message = _("Nothing of parcel %(number)s is left to refund.")


class RefundTooMuchError(RefundError):
    code = "refund_too_much"
    message = _("At most %(maximum)s of parcel %(number)s can be refunded.")


class RefundLineTooMuchError(RefundError):
    """`line_id` names the line."""

    code = "refund_line_too_much"
    message = _("At most %(maximum)s of these goods can be refunded.")

    def __init__(self, *, line_id: int, maximum: int) -> None:
        super().__init__(maximum=format_vnd(maximum))
        self.line_id = line_id


class RefundAmountError(RefundError):
    code = "refund_amount"
    message = _("Enter an amount above 0, of the goods or of the whole parcel.")


class RefundReasonError(RefundError):
    code = "refund_reason"
    message = _("Choose a reason.")


class RefundNotYoursError(RefundError):
    code = "refund_not_yours"
    message = _("This money goes back by the card provider: there is nothing to record by hand.")


class RefundNotOpenError(RefundError):
    code = "refund_not_open"
    message = _("This refund is “%(status)s”.")


class ReferenceMissingError(RefundError):
    code = "reference_missing"
    message = _("Enter how it was given back: the bank's reference, or who received the cash.")


class NotOpenMoneyError(RefundError):
    code = "not_open_money"
    message = _("This money is settled already.")


@transaction.atomic
def request_refund(
    *,
    parcel: Parcel,
    key: str,
    reason: str,
    now: datetime,
    by: User | None = None,
    lines: Mapping[int, int] | None = None,
    amount: int | None = None,
    note: str = "",
) -> list[Refund]:
    """Promises money back: parts of lines (đồng by the line's key), or an amount that is spread over the lines by value
    and then over the delivery. One refund, or one for each way by which the money came.

    The same key again returns the refunds that it made. Raises RefundReasonError, RefundAmountError,
    NothingToRefundError, RefundTooMuchError or RefundLineTooMuchError; then nothing is promised.
    """
    _order, parcel, _parcels = lock_order_of(parcel)
    known = list(Refund.objects.filter(parcel=parcel, key__startswith=key_of(parcel, key)).order_by("pk"))
    if known:
        return known
    if reason not in Reason.values:
        raise RefundReasonError
    parts = {pk: part for pk, part in (lines or {}).items() if part}
    wanted = sum(parts.values()) if parts else amount or 0
    _require_possible(parcel, wanted, parts)
    refunds = write_refunds(
        parcel=parcel,
        amount=wanted,
        lines=parts or spread_over_lines(parcel, wanted),
        key=key,
        reason=reason,
        now=now,
        by=by,
        note=note,
    )
    emails.send_promised(refunds, now=now)
    return refunds


@transaction.atomic
def refund_unmatched(*, money: UnmatchedMoney, now: datetime, by: User | None = None, note: str = "") -> Refund:
    """Promises back money that fits nothing. Pressed twice it is one refund; one that failed is asked for anew.

    Raises NotOpenMoneyError.
    """
    money = UnmatchedMoney.objects.select_for_update().get(pk=money.pk)
    known = Refund.objects.select_for_update().filter(unmatched=money).first()
    if known is not None and known.status != Status.FAILED:
        return known
    if money.status != UnmatchedMoney.Status.OPEN:
        raise NotOpenMoneyError
    if known is not None:
        return _ask_again(known, now, by)
    return Refund.objects.create(
        key=f"unmatched:{money.pk}",
        provider=money.provider,
        unmatched=money,
        attempt=money.attempt,
        amount=money.amount,
        reason=Reason.OVERPAID,
        note=note[:300],
        created_at=now,
        created_by=by,
        next_attempt_at=now if money.provider in COLLECTING else None,
    )


def _ask_again(refund: Refund, now: datetime, by: User | None) -> Refund:
    """With another key: under the old one the provider repeats its refusal."""
    refund.key = f"unmatched:{refund.unmatched_id}:{now:%y%m%d%H%M%S}"
    refund.status, refund.external_id, refund.created_at, refund.created_by = Status.REQUESTED, "", now, by
    refund.finished_at, refund.next_attempt_at = None, now if refund.provider in COLLECTING else None
    refund.save()
    return refund


@transaction.atomic
def record_refund_given(*, refund: Refund, reference: str, now: datetime, by: User | None = None) -> Refund:
    """The cooperative gave the money back. One that the buyer contests may be said again, with a better reference; said
    twice without that, it stays as it was.

    Raises RefundNotYoursError, ReferenceMissingError, RefundNotOpenError or RefundTooMuchError.
    """
    if refund.provider in COLLECTING:
        raise RefundNotYoursError
    reference = reference.strip()[:120]
    if not reference:
        raise ReferenceMissingError
    fact = Fact(
        kind=PaymentFact.Kind.REFUNDED,
        provider=refund.provider,
        reference=f"refund:{refund.pk}",
        amount=int(refund.amount),
        currency=CURRENCY,
        occurred_at=now,
    )
    if refund.status == Status.FAILED:
        raise RefundNotOpenError(status=refund.get_status_display())
    outcome = apply_fact(fact=fact, target=refund, now=now, by=by)
    refund = Refund.objects.select_for_update(of=("self",)).select_related("parcel__order").get(pk=refund.pk)
    if outcome == Outcome.UNMATCHED and refund.parcel is not None:
        left = refund.parcel.amount_received - refund.parcel.amount_refunded
        raise RefundTooMuchError(number=refund.parcel.number.upper(), maximum=format_vnd(left))
    if outcome == Outcome.KNOWN and refund.status != Status.CONTESTED:
        return refund
    refund.external_id, refund.status = reference, Status.SUCCEEDED
    refund.save(update_fields=["external_id", "status"])
    emails.send_given(refund, now=now)
    return refund


@transaction.atomic
def contest_refund(*, refund: Refund, note: str, now: datetime) -> Refund:
    """The buyer says that the money never came. The books stay; people are told. Raises RefundNotOpenError."""
    refund = Refund.objects.select_for_update().get(pk=refund.pk)
    if refund.status == Status.CONTESTED:
        return refund
    if refund.provider in COLLECTING or refund.status != Status.SUCCEEDED:
        raise RefundNotOpenError(status=refund.get_status_display())
    refund.status, refund.contest_note = Status.CONTESTED, note.strip()[:300]
    refund.save(update_fields=["status", "contest_note"])
    emails.send_contested(refund, now=now)
    return refund


def _require_possible(parcel: Parcel, wanted: int, parts: Mapping[int, int]) -> None:
    possible = refundable(parcel)
    number = parcel.number.upper()
    if not possible:
        raise NothingToRefundError(number=number)
    if wanted <= 0 or any(part < 0 for part in parts.values()):
        raise RefundAmountError
    if parts:
        left = left_by_line(parcel)
        for pk, part in parts.items():
            if part > left.get(pk, 0):
                raise RefundLineTooMuchError(line_id=pk, maximum=left.get(pk, 0))
    if wanted > possible:
        raise RefundTooMuchError(number=number, maximum=format_vnd(possible))
