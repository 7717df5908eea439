"""How far a parcel has come, in the words and dates of the buyer's page."""

from typing import Any

from django.utils.translation import gettext as _

from marketplace.order.models import Parcel, ParcelEvent
from marketplace.order.states import CANCELLABLE, CancelReason, FailureReason, Status

_BEFORE = (Status.PLACED, Status.CONFIRMED, Status.PACKED)
_BROUGHT = (*_BEFORE, Status.SHIPPED, Status.DELIVERED)
_FETCHED = (*_BEFORE, Status.READY, Status.DELIVERED)
_BAD = frozenset({Status.DELIVERY_FAILED, Status.CANCELLED, Status.RETURNED, Status.RETURNING})
_REASONS = {**dict(FailureReason.choices), **dict(CancelReason.choices)}


def reason_words(code: str) -> str:
    """Why a delivery failed or a parcel was cancelled; empty without a reason."""
    return str(_REASONS.get(code, ""))


def parcel_box(parcel: Parcel) -> dict[str, Any]:
    """What parts/parcel_box.html and the order page print. Lines, events and cooperative are loaded."""
    lines = [
        {
            "title": line.title,
            "url": line.product.get_absolute_url() if line.product and line.product.is_public else "",
            "quantity": line.units,
            "unit": line.sale_unit,
            "price_per_unit": line.price_per_unit,
            "total": line.line_price_incl_tax,
        }
        for line in parcel.lines.all()
    ]
    return {
        "parcel": parcel,
        "cooperative_name": parcel.cooperative.short_name,
        "cooperative_url": parcel.cooperative.get_absolute_url(),
        "phone": parcel.cooperative.phone,
        "status": parcel.get_status_display(),
        "lines": lines,
        "steps": steps_of(parcel),
        "is_cancellable": parcel.status in CANCELLABLE,
        "is_paid": parcel.payment_status == Parcel.PaymentStatus.PAID,
        "is_cancelled": parcel.status == Status.CANCELLED,
    }


def steps_of(parcel: Parcel) -> list[dict[str, Any]]:
    """What happened, in order, and then what is still to come on the usual way."""
    events = list(parcel.events.all())
    if not events or events[0].to_status != Status.PLACED:
        events.insert(0, ParcelEvent(parcel=parcel, to_status=Status.PLACED, occurred_at=parcel.placed_at))
    steps = [
        {"label": event.get_to_status_display(), "at": event.occurred_at, "note": _note(event), "state": _state(event)}
        for event in events
    ]
    if steps[-1]["state"] == "done" and parcel.status != Status.DELIVERED:
        steps[-1]["state"] = "now"
    return [*steps, *({"label": label, "state": ""} for label in still_to_come(parcel))]


def still_to_come(parcel: Parcel) -> list[str]:
    """Names of the statuses that an ordinary parcel, brought or fetched, has before it; none for one gone astray."""
    way = _FETCHED if parcel.delivery_kind == Parcel.DeliveryKind.PICKUP else _BROUGHT
    if parcel.status not in way:
        return []
    return [str(status.label) for status in way[way.index(Status(parcel.status)) + 1 :]]


def _state(event: ParcelEvent) -> str:
    return "bad" if event.to_status in _BAD else "done"


def _note(event: ParcelEvent) -> str:
    reason = reason_words(event.reason)
    if reason and event.note:
        return _("%(reason)s: %(note)s") % {"reason": reason, "note": event.note}
    return reason or event.note
