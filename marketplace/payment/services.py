"""Cash: received by the cooperative or its carrier, and told by the clerk."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.order import services as orders
from marketplace.order.models import Parcel
from marketplace.order.states import amount_due
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


def deliver_with_cash(*, parcel: Parcel, by: User | None, now: datetime) -> Parcel:
    """The parcel, delivered and paid in full: one act of the clerk that makes two records. What was paid in advance is
    only delivered.

    Raises TransitionNotAllowedError; then nothing is changed.
    """
    with transaction.atomic():
        parcel = orders.deliver_parcel(parcel=parcel, by=by, now=now)
        if parcel.paid_at is None:
            due = amount_due(parcel)
            fact = Fact(provider=CASH, reference=parcel.number, amount=due, currency=CURRENCY, occurred_at=now)
            credit(order=parcel.order, parcel=parcel, fact=fact, amount=due, attempt=None, by=by, now=now)
        return parcel
