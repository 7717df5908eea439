"""Days of the week as seven bits, Monday the lowest."""

from collections.abc import Collection
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

EVERY_DAY = 0b111_1111

NAMES = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


def weekday_mask(days: Collection[int]) -> int:
    """Seven bits for days 0 (Monday) to 6. Raises ValueError for another."""
    if any(day not in range(7) for day in days):
        raise ValueError(days)
    return sum(1 << day for day in set(days))


def weekdays_of(mask: int) -> list[int]:
    return [day for day in range(7) if mask >> day & 1]


def is_on(mask: int, day: date) -> bool:
    return bool(mask >> day.weekday() & 1)


def next_on(mask: int, day: date) -> date:
    """The day itself or the first after it that is in the mask. Raises ValueError for an empty mask."""
    for ahead in range(7):
        if is_on(mask, day + timedelta(days=ahead)):
            return day + timedelta(days=ahead)
    raise ValueError(mask)


def weekday_words(mask: int) -> str:
    """As "every day", "Monday – Friday" or "Tuesday, Sunday"."""
    if mask == EVERY_DAY:
        return _("every day")
    days = weekdays_of(mask)
    names = [str(NAMES[day]) for day in days]
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{names[0]} – {names[-1]}"
    return ", ".join(names)
