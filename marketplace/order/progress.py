"""How far a parcel has come, in the words and dates of the buyer's page."""

from typing import Any

from django.utils.translation import gettext as _

from marketplace.order.models import Parcel, ParcelEvent
from marketplace.order.states import CancelReason, FailureReason, ShortReason, Status

_BEFORE = (Status.PLACED, Status.CONFIRMED, Status.PACKED)
_BROUGHT = (*_BEFORE, Status.SHIPPED, Status.DELIVERED)
_FETCHED = (*_BEFORE, Status.READY, Status.DELIVERED)
_BAD = frozenset({Status.DELIVERY_FAILED, Status.CANCELLED, Status.RETURNED, Status.RETURNING})
_BY_THE_CLOCK = frozenset({CancelReason.UNPAID, CancelReason.NOT_CONFIRMED})
_REASONS = {**dict(ShortReason.choices), **dict(FailureReason.choices), **dict(CancelReason.choices)}


def reason_words(code: str) -> str:
    """Why a delivery failed or a parcel was cancelled; empty without a reason."""
    return str(_REASONS.get(code, ""))


def steps_of(parcel: Parcel) -> list[dict[str, Any]]:
    """What happened, in order, and then what is still to come on the usual way."""
    events = list(parcel.events.all())
    if not events or events[0].to_status != Status.PLACED:
        events.insert(0, ParcelEvent(parcel=parcel, to_status=Status.PLACED, occurred_at=parcel.placed_at))
    steps = [
        {
            "label": event.get_to_status_display(),
            "at": event.occurred_at,
            "note": " · ".join(words for words in (_who(event, parcel), _note(event)) if words),
            "state": _state(event),
        }
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


def _who(event: ParcelEvent, parcel: Parcel) -> str:
    """Whose act it was, without anybody's name: the buyer deals with the cooperative."""
    if event.to_status == Status.PLACED or event.reason == CancelReason.BUYER:
        return _("you")
    if event.reason in _BY_THE_CLOCK:
        return _("by itself")
    return parcel.cooperative.short_name


def _note(event: ParcelEvent) -> str:
    reason = reason_words(event.reason)
    if reason and event.note:
        return _("%(reason)s: %(note)s") % {"reason": reason, "note": event.note}
    return reason or event.note
