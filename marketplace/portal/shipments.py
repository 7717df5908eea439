"""Parcels that a carrier takes over by its own interface: booked when they are handed over, followed until they arrive."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from marketplace.common.dates import local_day
from marketplace.common.locks import locked
from marketplace.common.phones import format_phone
from marketplace.order import services as orders
from marketplace.order.models import Line, Parcel
from marketplace.order.states import TRANSITIONS, FailureReason, amount_due, require_transition
from marketplace.payment.services import deliver_with_cash
from marketplace.shipping.carriers import carrier_by_slug, carriers, home_commune_of, ward_of
from marketplace.shipping.carriers.base import (
    Booking,
    Carrier,
    Consignment,
    Party,
    WardUnknownError,
)
from marketplace.shipping.models import Shipment
from marketplace.shipping.weights import grams_of
from marketplace.users.models import User

Status = Parcel.Status
ShipmentStatus = Shipment.Status

_log = logging.getLogger(__name__)


def bookable_with(parcel: Parcel) -> Carrier | None:
    """The carrier that could be asked to take the parcel; None while none is switched on. No query."""
    if parcel.delivery_kind == Parcel.DeliveryKind.PICKUP:
        return None
    return next(iter(carriers()), None)


def ship(
    *,
    parcel: Parcel,
    by: User | None,
    now: datetime,
    note: str = "",
    carrier: str = "",
    tracking_number: str = "",
    is_booked: bool = False,
) -> Parcel:
    """Hands the parcel over, by hand or, with `is_booked`, to the carrier that is switched on.

    Raises CarrierError when the carrier does not take it, TransitionNotAllowedError; then the parcel is where it was.
    """
    service = bookable_with(parcel) if is_booked else None
    if service is not None:
        require_transition(parcel, Status.SHIPPED)
        booking = book(parcel=parcel, carrier=service, now=now)
        carrier, tracking_number = service.name, booking.tracking_number
    return orders.ship_parcel(
        parcel=parcel, by=by, now=now, note=note, carrier=carrier, tracking_number=tracking_number
    )


def book(*, parcel: Parcel, carrier: Carrier, now: datetime) -> Booking:
    """The carrier's booking of the parcel. Called again after an unknown result, it finds what was booked before.

    The reference is written down before the carrier is asked. Raises CarrierError.
    """
    consignment = _consignment(parcel, carrier, now)
    carrier.require_possible(consignment)
    shipment, is_new = _shipment_of(parcel, carrier, now)
    if shipment.tracking_number:
        return Booking(shipment.tracking_number, int(shipment.fee) if shipment.fee is not None else None)
    consignment = Consignment(**{**vars(consignment), "reference": shipment.reference})
    booking = (None if is_new else carrier.find(shipment.reference)) or carrier.create(consignment)
    Shipment.objects.filter(pk=shipment.pk).update(tracking_number=booking.tracking_number, fee=booking.fee)
    return booking


def track(*, shipment: Shipment, now: datetime) -> Shipment:
    """Asks the carrier and lets the parcel follow; a booking whose parcel went another way meanwhile is cancelled.

    Raises CarrierError; then nothing changed but `checked_at`.
    """
    Shipment.objects.filter(pk=shipment.pk).update(checked_at=now)
    carrier = carrier_by_slug(shipment.carrier)
    if carrier is None:
        return shipment
    if not shipment.tracking_number:
        found = carrier.find(shipment.reference)
        if found is None:
            return shipment
        shipment.tracking_number = found.tracking_number
        Shipment.objects.filter(pk=shipment.pk).update(tracking_number=found.tracking_number, fee=found.fee)
    if shipment.status == ShipmentStatus.BOOKED and not _is_wanted(shipment):
        carrier.cancel(shipment.tracking_number)
        return _apply(shipment, ShipmentStatus.CANCELLED, now)
    status = carrier.track(shipment.tracking_number)
    return shipment if status is None else _apply(shipment, status, now)


def open_shipments(*, limit: int) -> list[Shipment]:
    """Those that are still on their way, the longest unasked first."""
    waiting = Shipment.objects.exclude(status__in=Shipment.FINAL).select_related("parcel__order")
    return list(waiting.order_by("checked_at", "pk")[:limit])


@transaction.atomic
def _apply(shipment: Shipment, status: ShipmentStatus, now: datetime) -> Shipment:
    (current,) = locked(Shipment.objects.filter(pk=shipment.pk).select_related("parcel"))
    if current.status == status or current.status in Shipment.FINAL:
        return current
    current.status = status
    current.save(update_fields=["status"])
    parcel = current.parcel
    if parcel.tracking_number != current.tracking_number:
        return current
    for reached, act in _STEPS.get(status, ()):
        if reached in TRANSITIONS[parcel.status]:
            parcel = act(parcel, now)
    return current


def _is_wanted(shipment: Shipment) -> bool:
    """Whether the parcel went with the shipment, or still may: somebody may have given up waiting and sent it by hand."""
    parcel = shipment.parcel
    return parcel.status == Status.PACKED or parcel.tracking_number == shipment.tracking_number


def _collected(parcel: Parcel) -> int:
    """What the carrier is to collect: what is due in cash, and of a parcel paid in advance the rest, where the buyer has
    agreed to more than was ordered.
    """
    is_cash = parcel.payment_method == Parcel.PaymentMethod.CASH_ON_DELIVERY
    return amount_due(parcel) if is_cash or parcel.amount_received else 0


def _delivered(parcel: Parcel, now: datetime) -> Parcel:
    """Cash that the carrier collected is the cooperative's."""
    if parcel.payment_method == Parcel.PaymentMethod.CASH_ON_DELIVERY or _collected(parcel):
        return deliver_with_cash(parcel=parcel, by=None, now=now)
    return orders.deliver_parcel(parcel=parcel, by=None, now=now)


def _failed(parcel: Parcel, now: datetime) -> Parcel:
    return orders.fail_delivery(parcel=parcel, by=None, now=now, reason=FailureReason.OTHER)


def _sent_again(parcel: Parcel, now: datetime) -> Parcel:
    return orders.ship_parcel(parcel=parcel, by=None, now=now) if parcel.status == Status.DELIVERY_FAILED else parcel


def _returning(parcel: Parcel, now: datetime) -> Parcel:
    return orders.start_return(parcel=parcel, by=None, now=now)


def _returned(parcel: Parcel, now: datetime) -> Parcel:
    """Whether they are fit to be sold is for the clerk to see."""
    return orders.return_parcel(parcel=parcel, by=None, now=now, is_restocked=False)


_FAIL = (Status.DELIVERY_FAILED, _failed)
_RETURN = (Status.RETURNING, _returning)
# What a carrier's status makes of a parcel; a step that the table of transitions does not allow is passed over.
_STEPS: dict[str, Sequence[tuple[Status, Callable[[Parcel, datetime], Parcel]]]] = {
    ShipmentStatus.UNDERWAY: ((Status.SHIPPED, _sent_again),),
    ShipmentStatus.DELIVERED: ((Status.SHIPPED, _sent_again), (Status.DELIVERED, _delivered)),
    ShipmentStatus.FAILED: (_FAIL,),
    ShipmentStatus.RETURNING: (_FAIL, _RETURN),
    ShipmentStatus.RETURNED: (_FAIL, _RETURN, (Status.RETURNED, _returned)),
    ShipmentStatus.LOST: (_FAIL,),
}


def _shipment_of(parcel: Parcel, carrier: Carrier, now: datetime) -> tuple[Shipment, bool]:
    """The shipment under way with the carrier, or a new one with a reference of its own; whether it is new."""
    with transaction.atomic():
        locked(Parcel.objects.filter(pk=parcel.pk))
        known = list(Shipment.objects.filter(parcel=parcel).order_by("pk"))
        for shipment in known:
            if shipment.carrier == carrier.slug and shipment.status not in Shipment.FINAL:
                return shipment, False
        reference = f"{parcel.number}-{len(known) + 1}"
        shipment = Shipment.objects.create(parcel=parcel, carrier=carrier.slug, reference=reference, booked_at=now)
    return shipment, True


def _consignment(parcel: Parcel, carrier: Carrier, now: datetime) -> Consignment:
    """Raises WardUnknownError."""
    cooperative, order = parcel.cooperative, parcel.order
    address = order.shipping_address
    home = ward_of(carrier, home_commune_of(cooperative, on=local_day(now)))
    if home is None:
        raise WardUnknownError(carrier=carrier.name, commune=cooperative.short_name)
    there = ward_of(carrier, address.commune_id if address else None)
    if address is None or there is None:
        raise WardUnknownError(carrier=carrier.name, commune=address.line2 if address else "")
    lines = list(Line.objects.filter(parcel=parcel).select_related("product").order_by("pk"))
    return Consignment(
        reference=parcel.number,
        sender=Party(cooperative.short_name, _national(str(cooperative.phone)), cooperative.street_address, home),
        recipient=Party(
            address.first_name,
            _national(str(address.phone_number or order.buyer_phone)),
            f"{address.line1}, {address.line2}, {address.line4}",
            there,
        ),
        weight_g=sum(_line_grams(line) for line in lines),
        goods_value=int(parcel.goods_total),
        cash_to_collect=_collected(parcel),
        content="; ".join(line.title for line in lines)[:200],
        note=(address.notes or "")[:200],
    )


def _line_grams(line: Line) -> int:
    units = line.packed_units if line.packed_units is not None else line.units
    return grams_of(
        sale_unit=line.sale_unit, units=units, unit_weight_kg=line.product.unit_weight_kg if line.product else None
    )


def _national(phone: str) -> str:
    return format_phone(phone).replace(" ", "") if phone else ""
