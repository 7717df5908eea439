"""Money that was received. Every way of paying ends in one function, which applies a fact under the parcel's lock."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.common.money import format_vnd
from marketplace.order import services as orders
from marketplace.order.locks import lock_order_of
from marketplace.order.models import Parcel
from marketplace.order.states import is_payable
from marketplace.payment.models import PaymentFact
from marketplace.users.models import User

CASH = "cash"


class PaymentError(DomainError):
    code = "payment"


class AmountNotDueError(PaymentError):
    code = "amount_not_due"
    message = _("Parcel %(number)s costs %(due)s, not %(amount)s.")


class ParcelNotPayableError(PaymentError):
    code = "parcel_not_payable"
    message = _("Parcel %(number)s is “%(status)s”: no money is due for it.")


def record_cash(*, parcel: Parcel, amount: int, by: User | None, now: datetime) -> Parcel:
    """The parcel, paid. Cash is received once: saying it again changes nothing.

    Raises AmountNotDueError or ParcelNotPayableError; then nothing is changed.
    """
    with transaction.atomic():
        _order, parcel, _parcels = lock_order_of(parcel)
        return _apply_cash(parcel, amount, by, now)


def deliver_with_cash(*, parcel: Parcel, by: User | None, now: datetime) -> Parcel:
    """The parcel, delivered and paid in full: one act of the clerk that makes two records.

    Raises TransitionNotAllowedError; then nothing is changed.
    """
    with transaction.atomic():
        parcel = orders.deliver_parcel(parcel=parcel, by=by, now=now)
        return _apply_cash(parcel, int(parcel.total), by, now)


def _apply_cash(parcel: Parcel, amount: int, by: User | None, now: datetime) -> Parcel:
    if parcel.payment_status == Parcel.PaymentStatus.PAID:
        return parcel
    if not is_payable(parcel):
        raise ParcelNotPayableError(number=parcel.number.upper(), status=parcel.get_status_display())
    if amount != parcel.total:
        raise AmountNotDueError(number=parcel.number.upper(), due=format_vnd(parcel.total), amount=format_vnd(amount))
    if amount:
        PaymentFact.objects.create(
            provider=CASH,
            reference=parcel.number,
            kind=PaymentFact.Kind.RECEIVED,
            parcel=parcel,
            amount=amount,
            occurred_at=now,
            recorded_at=now,
            recorded_by=by,
        )
    parcel.payment_status = Parcel.PaymentStatus.PAID
    parcel.paid_at = now
    parcel.save(update_fields=["payment_status", "paid_at"])
    orders.record_sales_when_complete(parcel)
    return parcel
