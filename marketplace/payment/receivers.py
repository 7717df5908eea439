"""What follows for the money when a parcel changes; inside the transaction of the change, which holds its locks."""

from datetime import datetime
from typing import Any

from marketplace.ledger.parcels import align_parcel
from marketplace.order.models import Order, Parcel, ParcelEvent, WeightConsent
from marketplace.order.states import Status
from marketplace.payment.facts import settle_payment
from marketplace.payment.models import Refund
from marketplace.payment.selectors import refundable, refunded_by_line, surplus
from marketplace.payment.shares import left_by_line, promise_back

Reason = Refund.Reason


def follow_parcel(*, order: Order, parcel: Parcel, event: ParcelEvent, now: datetime, **_others: Any) -> None:
    """Cancelled: all is given back. Returned: all if the goods never arrived, else the goods. A fee is borne by what is
    delivered, and while it is.
    """
    parcel.order = order
    if parcel.status == Status.CANCELLED:
        _give_back(parcel, event, refundable(parcel), Reason.CANCELLED, now)
    elif parcel.status == Status.RETURNED and event.from_status == Status.DELIVERED:
        _give_back(parcel, event, sum(left_by_line(parcel).values()), Reason.RETURNED, now)
    elif parcel.status == Status.RETURNED:
        _give_back(parcel, event, refundable(parcel), Reason.RETURNED, now)
    if Status.DELIVERED in (event.from_status, event.to_status):
        align_parcel(parcel=parcel, refunded=refunded_by_line(parcel), now=now)


def follow_charge(*, order: Order, parcel: Parcel, reason: str, key: str, now: datetime, **_others: Any) -> None:
    """Packing changed what the parcel costs: what was paid for what is not sent is given back, on no line, for the lines'
    charges have shrunk already. While the buyer is asked about a weight, it is not known yet.
    """
    parcel.order = order
    if not WeightConsent.objects.filter(line__parcel=parcel, answer="").exists():
        promise_back(parcel=parcel, amount=surplus(parcel), lines={}, key=key, reason=reason, now=now)
    settle_payment(parcel, paid_at=now, now=now)


def _give_back(parcel: Parcel, event: ParcelEvent, amount: int, reason: str, now: datetime) -> None:
    promise_back(parcel=parcel, amount=amount, key=f"event:{event.pk}", reason=reason, now=now)
