"""Cash: received by the cooperative or its carrier, and told by the clerk."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.common.money import format_vnd
from marketplace.order import services as orders
from marketplace.order.locks import lock_order_of
from marketplace.order.models import Parcel
from marketplace.order.states import amount_due, is_payable
from marketplace.payment.facts import CASH, CURRENCY, Fact, credit
from marketplace.users.models import User


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
    """The parcel, delivered and paid in full: one act of the clerk that makes two records. What was paid in advance is
    only delivered.

    Raises TransitionNotAllowedError; then nothing is changed.
    """
    with transaction.atomic():
        parcel = orders.deliver_parcel(parcel=parcel, by=by, now=now)
        return _apply_cash(parcel, amount_due(parcel), by, now)


def _apply_cash(parcel: Parcel, amount: int, by: User | None, now: datetime) -> Parcel:
    if parcel.paid_at is not None:
        return parcel
    if not is_payable(parcel):
        raise ParcelNotPayableError(number=parcel.number.upper(), status=parcel.get_status_display())
    due = amount_due(parcel)
    if amount != due:
        raise AmountNotDueError(number=parcel.number.upper(), due=format_vnd(due), amount=format_vnd(amount))
    fact = Fact(provider=CASH, reference=parcel.number, amount=amount, currency=CURRENCY, occurred_at=now)
    credit(order=parcel.order, parcel=parcel, fact=fact, amount=amount, attempt=None, by=by, now=now)
    return parcel
