"""The periods that statements are made for: months or weeks in Việt Nam, as the setting SETTLEMENT_PERIOD says."""

from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

MONTH = "month"
WEEK = "week"


def period_start(last_day: date) -> date:
    """The first day of the period that ends on the day."""
    if _period() == WEEK:
        return last_day - timedelta(days=6)
    return last_day.replace(day=1)


def last_period_end(today: date) -> date:
    """The last day of the latest period that is over."""
    if _period() == WEEK:
        return today - timedelta(days=today.weekday() + 1)
    return today.replace(day=1) - timedelta(days=1)


def _period() -> str:
    if settings.SETTLEMENT_PERIOD not in {MONTH, WEEK}:
        raise ImproperlyConfigured("SETTLEMENT_PERIOD is month or week.")
    return settings.SETTLEMENT_PERIOD
