"""What may happen to a parcel after it was placed. Each function is one transition of `states.TRANSITIONS`.

A transition, its record, its effect on stock and evidence, the order's derived status and the message to the buyer are
one transaction, under locks on the order and its parcels. Each returns the parcel as it now is, and raises
TransitionNotAllowedError, with nothing changed, when the table does not allow it. `by` is None for the buyer as a guest
and for the clock.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from catalog.terms import present_steps
from cooperatives.partner import services as stock
from cooperatives.partner.models import StockRecord
from marketplace.common.dates import local_day
from marketplace.common.locks import locked
from marketplace.order import emails, emails_clerks, evidence
from marketplace.order.locks import lock_order_of
from marketplace.order.models import Line, Order, Parcel, ParcelEvent
from marketplace.order.signals import parcel_changed
from marketplace.order.states import (
    HOLDS_STOCK,
    RETURN_WINDOW,
    TRANSITIONS,
    CancelReason,
    FailureReason,
    NotWeighedError,
    ReasonUnknownError,
    ReturnWindowOverError,
    Status,
    is_sale,
    order_status,
    require_transition,
)
from marketplace.outbox.services import enqueue_all
from marketplace.users.models import User

# The buyer need not hear of every step inside the cooperative.
TOLD_TO_BUYER = frozenset(
    {
        Status.CONFIRMED,
        Status.READY,
        Status.SHIPPED,
        Status.DELIVERED,
        Status.DELIVERY_FAILED,
        Status.RETURNED,
        Status.CANCELLED,
    }
)


def confirm_parcel(*, parcel: Parcel, by: User | None, now: datetime) -> Parcel:
    return transition(parcel=parcel, to_status=Status.CONFIRMED, by=by, now=now)


def pack_parcel(*, parcel: Parcel, by: User | None, now: datetime) -> Parcel:
    """As it was ordered, or as it was weighed; with less, see order.packing. Raises NotWeighedError."""
    unweighed = Line.objects.filter(parcel=parcel, is_weighed=True, packed_units=None).order_by("pk").first()
    if unweighed is not None and Status.PACKED in TRANSITIONS[parcel.status]:
        raise NotWeighedError(title=unweighed.title)
    return transition(parcel=parcel, to_status=Status.PACKED, by=by, now=now)


@transaction.atomic
def ship_parcel(
    *,
    parcel: Parcel,
    by: User | None,
    now: datetime,
    note: str = "",
    carrier: str = "",
    tracking_number: str = "",
) -> Parcel:
    """From packed, or again after a failed delivery. The goods leave the shelf. The buyer reads carrier and number."""
    if carrier or tracking_number:
        _order, parcel, _parcels = lock_order_of(parcel)
        parcel.carrier, parcel.tracking_number = carrier, tracking_number
        parcel.save(update_fields=["carrier", "tracking_number"])
    return transition(parcel=parcel, to_status=Status.SHIPPED, by=by, now=now, note=note)


def ready_parcel(*, parcel: Parcel, by: User | None, now: datetime) -> Parcel:
    """The packed parcel waits at its pick-up point."""
    return transition(parcel=parcel, to_status=Status.READY, by=by, now=now)


def deliver_parcel(*, parcel: Parcel, by: User | None, now: datetime) -> Parcel:
    """Without money; with it, see payment.services.deliver_with_cash."""
    return transition(parcel=parcel, to_status=Status.DELIVERED, by=by, now=now)


def fail_delivery(*, parcel: Parcel, by: User | None, now: datetime, reason: str, note: str = "") -> Parcel:
    """`reason` is one of FailureReason. Raises ReasonUnknownError."""
    if reason not in FailureReason.values:
        raise ReasonUnknownError
    return transition(parcel=parcel, to_status=Status.DELIVERY_FAILED, by=by, now=now, reason=reason, note=note)


def start_return(*, parcel: Parcel, by: User | None, now: datetime, note: str = "") -> Parcel:
    """After a failed delivery, the goods are on their way back."""
    return transition(parcel=parcel, to_status=Status.RETURNING, by=by, now=now, note=note)


def return_parcel(*, parcel: Parcel, by: User | None, now: datetime, is_restocked: bool, note: str = "") -> Parcel:
    """The goods are back: on the shelf again if they are fit to be sold. A sale that was evidence is no longer.

    From delivered, within RETURN_WINDOW. Raises ReturnWindowOverError.
    """
    return transition(parcel=parcel, to_status=Status.RETURNED, by=by, now=now, note=note, is_restocked=is_restocked)


def cancel_parcel(*, parcel: Parcel, by: User | None, now: datetime, reason: str, note: str = "") -> Parcel:
    """Before it is packed. `reason` is one of CancelReason; with BUYER the cooperative is told. Raises ReasonUnknownError."""
    if reason not in CancelReason.values:
        raise ReasonUnknownError
    return transition(parcel=parcel, to_status=Status.CANCELLED, by=by, now=now, reason=reason, note=note)


@transaction.atomic
def transition(
    *,
    parcel: Parcel,
    to_status: str,
    by: User | None,
    now: datetime,
    reason: str = "",
    note: str = "",
    is_restocked: bool = False,
) -> Parcel:
    """The parcel in its new status, with everything that follows from it."""
    order, parcel, parcels = lock_order_of(parcel)
    require_transition(parcel, to_status)
    from_status = parcel.status
    if from_status == Status.DELIVERED and parcel.delivered_at and now - parcel.delivered_at > RETURN_WINDOW:
        raise ReturnWindowOverError(number=parcel.number.upper(), days=RETURN_WINDOW.days)
    parcel.status = to_status
    if to_status == Status.DELIVERED:
        parcel.delivered_at = now
    parcel.save(update_fields=["status", "delivered_at"])
    event = ParcelEvent.objects.create(
        parcel=parcel, from_status=from_status, to_status=to_status, occurred_at=now, by=by, reason=reason, note=note
    )
    derive_order_status(order, parcels)
    _move_stock(parcel, from_status, is_restocked=is_restocked)
    _record_evidence(parcel, event)
    _tell(order, parcel, event)
    parcel_changed.send(Parcel, order=order, parcel=parcel, event=event, now=now)
    return parcel


def derive_order_status(order: Order, parcels: list[Parcel]) -> None:
    status = order_status([parcel.status for parcel in parcels])
    if status != order.status:
        order.status = status
        order.save(update_fields=["status"])


def record_sales_when_complete(parcel: Parcel) -> None:
    """A sale is evidence once its parcel is both delivered and paid; whoever does the second of the two calls this."""
    if is_sale(parcel):
        evidence.record_sales(parcel)


def correct_sales(parcel: Parcel) -> None:
    """What was recorded as given back of the parcel's sales came back to us: their reductions are told anew."""
    evidence.correct_sales(parcel)


def _move_stock(parcel: Parcel, from_status: str, *, is_restocked: bool) -> None:
    if from_status in HOLDS_STOCK and parcel.status not in HOLDS_STOCK:
        settle = stock.release if parcel.status == Status.CANCELLED else stock.consume
        _settle_held(parcel, settle)
    if parcel.status == Status.RETURNED and is_restocked:
        _put_back(parcel)


def _put_back(parcel: Parcel) -> None:
    """What was sent holds no stock, so its listing may be counted in other steps by now: the shelf gets those."""
    lines = Line.objects.filter(parcel=parcel, stockrecord__isnull=False)
    # The records first: who changes a listing's steps holds them too.
    locked(StockRecord.objects.filter(pk__in=lines.values("stockrecord_id")))
    steps: Counter[int] = Counter()
    for line in lines.select_related("product"):
        if line.stockrecord_id is not None and line.product is not None:
            steps[line.stockrecord_id] += present_steps(
                quantity=line.sent_units, unit=line.sale_unit, listing=line.product
            )
    stock.put_back(steps)


def _settle_held(parcel: Parcel, settle: Callable[[stock.Steps], None]) -> None:
    lines = Line.objects.filter(parcel=parcel, num_allocated__gt=0)
    settle({pk: held for pk, held in lines.values_list("stockrecord_id", "num_allocated") if pk is not None})
    lines.update(num_allocated=0, allocation_cancelled=parcel.status == Status.CANCELLED)


def _record_evidence(parcel: Parcel, event: ParcelEvent) -> None:
    record_sales_when_complete(parcel)
    if event.from_status == Status.DELIVERED and parcel.paid_at is not None:
        # What was sold came back: the same facts, and now with their reductions.
        evidence.record_sales(parcel)


def _tell(order: Order, parcel: Parcel, event: ParcelEvent) -> None:
    messages = [*emails.changed(order, parcel, event)] if parcel.status in TOLD_TO_BUYER else []
    if event.reason == CancelReason.BUYER:
        messages += emails_clerks.cancelled_by_buyer(parcel, event, local_day(event.occurred_at))
    enqueue_all(messages, now=event.occurred_at)
