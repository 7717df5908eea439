"""Days are days in Việt Nam; moments are stored in UTC."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def local_day(moment: datetime) -> date:
    """The day in Việt Nam on which the moment falls. Raises ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError(moment)
    return moment.astimezone(ZONE).date()


def local_today(now: datetime) -> date:
    """Today in Việt Nam, at a moment that the caller has taken."""
    return local_day(now)


def start_of_day(day: date) -> datetime:
    """The first moment of the day in Việt Nam."""
    return datetime.combine(day, time.min, tzinfo=ZONE)


def quarter_ends(first: date, last: date) -> list[date]:
    """The last days of quarters within [first, last], both included, in order."""
    ends = []
    year, quarter = first.year, (first.month - 1) // 3 + 1
    while (end := _quarter_end(year, quarter)) <= last:
        ends.append(end)
        year, quarter = (year + 1, 1) if quarter == 4 else (year, quarter + 1)
    return ends


def _quarter_end(year: int, quarter: int) -> date:
    following = date(year + 1, 1, 1) if quarter == 4 else date(year, quarter * 3 + 1, 1)
    return following - timedelta(days=1)
