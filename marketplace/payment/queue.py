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


def end(refund: Refund, now: datetime) -> None:
    """The refund is made. The caller holds its lock."""
    refund.status, refund.finished_at, refund.next_attempt_at = Refund.Status.SUCCEEDED, now, None
    refund.last_error = ""
    refund.save()


def _settle(money: UnmatchedMoney, now: datetime, by: User | None) -> None:
    money.status, money.resolved_at, money.resolved_by = Status.REFUNDED, now, by
    money.save(update_fields=["status", "resolved_at", "resolved_by"])
