"""Money of a provider that fitted nothing goes back to its payer: asked for by us, or without our asking.

It was never applied, so it leaves no trace in the books of a parcel.
"""

from datetime import datetime

from django.db import transaction

from marketplace.payment.models import Refund, UnmatchedMoney
from marketplace.payment.selectors import GIVEN
from marketplace.users.models import User

Status = UnmatchedMoney.Status


def money_of(provider: str, payment_id: str) -> UnmatchedMoney | None:
    """The payment, if it was kept as unmatched money. One query."""
    return UnmatchedMoney.objects.filter(provider=provider, reference=payment_id).first() if payment_id else None


@transaction.atomic
def finish_refund(money: UnmatchedMoney, refund_id: int, now: datetime, by: User | None) -> bool:
    """The refund that was asked for is made; False when that was known."""
    money = UnmatchedMoney.objects.select_for_update().get(pk=money.pk)
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    if refund.status in GIVEN:
        return False
    end(refund, now)
    _settle(money, now, by)
    return True


@transaction.atomic
def return_money(money: UnmatchedMoney, *, reference: str, amount: int, reason: str, now: datetime) -> bool:
    """The provider gave it back itself, or had to; `reference` is its own. False when that was known, and for a part,
    after which the money still waits for a person.
    """
    money = UnmatchedMoney.objects.select_for_update().get(pk=money.pk)
    if money.status != Status.OPEN or amount < money.amount:
        return False
    refund = Refund.objects.select_for_update().filter(unmatched=money).first() or Refund(
        key=f"unmatched:{money.pk}",
        provider=money.provider,
        unmatched=money,
        attempt_id=money.attempt_id,
        amount=money.amount,
        reason=reason,
        created_at=now,
    )
    refund.external_id = reference
    end(refund, now)
    _settle(money, now, None)
    return True


@transaction.atomic
def undo_refund(refund_id: int, error: str, now: datetime) -> bool:
    """The money is with us again and waits for a person anew; False when it was not given back, or is settled."""
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    if refund.status != Refund.Status.SUCCEEDED:
        return False
    fail(refund, error, now)
    UnmatchedMoney.objects.filter(refund=refund, status=Status.REFUNDED).update(
        status=Status.OPEN, resolved_at=None, resolved_by=None
    )
    return True


def fail(refund: Refund, error: str, now: datetime) -> None:
    """The refund was made, and came back. The caller holds its lock."""
    refund.status, refund.finished_at, refund.next_attempt_at = Refund.Status.FAILED, now, None
    refund.last_error = (error or "failed")[:300]
    refund.save(update_fields=["status", "finished_at", "next_attempt_at", "last_error"])


def end(refund: Refund, now: datetime) -> None:
    """The refund is made. The caller holds its lock."""
    refund.status, refund.finished_at, refund.next_attempt_at = Refund.Status.SUCCEEDED, now, None
    refund.last_error = ""
    refund.save()


def _settle(money: UnmatchedMoney, now: datetime, by: User | None) -> None:
    money.status, money.resolved_at, money.resolved_by = Status.REFUNDED, now, by
    money.save(update_fields=["status", "resolved_at", "resolved_by"])
