"""How far a parcel has come, for parts/status_line.html."""

from dataclasses import dataclass
from datetime import datetime

from marketplace.order.models import Parcel, ParcelEvent
from marketplace.order.progress import still_to_come
from marketplace.order.states import CancelReason, FailureReason, ShortReason

Status = Parcel.Status

_BAD = frozenset({Status.DELIVERY_FAILED, Status.RETURNING, Status.RETURNED, Status.CANCELLED})
_REASONS = {**dict(ShortReason.choices), **dict(FailureReason.choices), **dict(CancelReason.choices)}


@dataclass(frozen=True)
class Step:
    """A dot of the line; `state` is "done", "now", "bad" or "" for what is still to come."""

    label: str
    state: str
    at: datetime | None = None
    note: str = ""


def status_steps(parcel: Parcel) -> list[Step]:
    """What happened, who did it and why, then what an ordinary parcel still has before it. Reads prefetched events."""
    events = list(parcel.events.all())
    steps = [_step(event, is_last=event is events[-1]) for event in events]
    return [*steps, *(Step(label, "") for label in still_to_come(parcel))]


def _step(event: ParcelEvent, *, is_last: bool) -> Step:
    said = [str(_REASONS.get(event.reason, event.reason)), event.note, event.by.get_full_name() if event.by else ""]
    state = "now" if is_last and event.to_status != Status.DELIVERED else "done"
    if event.to_status in _BAD:
        state = "bad"
    return Step(event.get_to_status_display(), state, event.occurred_at, " · ".join(word for word in said if word))
