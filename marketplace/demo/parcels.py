"""What becomes of a parcel: its changes of status, up to the moment at which the demo's past ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from marketplace.order.models import Parcel
from marketplace.order.states import CancelReason, FailureReason

Status = Parcel.Status


@dataclass(frozen=True)
class Change:
    to_status: Status
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Course:
    """The changes of one parcel, the first of which places it."""

    changes: tuple[Change, ...]

    @property
    def status(self) -> Status:
        return self.changes[-1].to_status

    @property
    def delivered_at(self) -> datetime | None:
        return next((change.at for change in self.changes if change.to_status == Status.DELIVERED), None)


# (share, what happens after the order is placed); hours are drawn between the two bounds.
_COURSES: tuple[tuple[float, tuple[tuple[Status, float, float, str], ...]], ...] = (
    (0.875, (
        (Status.CONFIRMED, 1, 14, ""), (Status.PACKED, 4, 22, ""), (Status.SHIPPED, 3, 24, ""), (Status.DELIVERED, 20, 80, ""),
    )),
    (0.03, (
        (Status.CONFIRMED, 1, 14, ""), (Status.PACKED, 4, 22, ""), (Status.SHIPPED, 3, 24, ""),
        (Status.DELIVERY_FAILED, 20, 70, FailureReason.NOBODY_HOME), (Status.SHIPPED, 12, 30, ""), (Status.DELIVERED, 16, 40, ""),
    )),
    (0.025, (
        (Status.CONFIRMED, 1, 14, ""), (Status.PACKED, 4, 22, ""), (Status.SHIPPED, 3, 24, ""),
        (Status.DELIVERY_FAILED, 20, 70, FailureReason.REFUSED), (Status.RETURNING, 4, 20, ""), (Status.RETURNED, 24, 70, ""),
    )),
    (0.015, (
        (Status.CONFIRMED, 1, 14, ""), (Status.PACKED, 4, 22, ""), (Status.SHIPPED, 3, 24, ""), (Status.DELIVERED, 20, 80, ""),
        (Status.RETURNED, 30, 120, ""),
    )),
    (0.03, ((Status.CANCELLED, 0.5, 12, CancelReason.BUYER),)),
    (0.025, ((Status.CONFIRMED, 1, 14, ""), (Status.CANCELLED, 3, 20, CancelReason.OUT_OF_STOCK))),
)  # fmt: skip


def course_of(placed_at: datetime, now: datetime, rng: Random) -> Course:
    """Return the changes of a parcel placed at a moment, as far as they lie before now."""
    chance = rng.random()
    chosen = _COURSES[0][1]
    for share, steps in _COURSES:
        chosen = steps
        chance -= share
        if chance < 0:
            break
    changes = [Change(Status.PLACED, placed_at)]
    at = placed_at
    for status, least, most, reason in chosen:
        at = _by_day(at + timedelta(hours=rng.uniform(least, most)))
        if at >= now:
            break
        changes.append(Change(status, at, reason))
    return Course(tuple(changes))


def _by_day(moment: datetime) -> datetime:
    """Return the moment, or the next morning when it falls in the night."""
    if moment.hour < 7:
        return moment.replace(hour=7, minute=moment.minute, second=0, microsecond=0)
    if moment.hour >= 20:
        return (moment + timedelta(days=1)).replace(hour=8, second=0, microsecond=0)
    return moment.replace(second=0, microsecond=0)
