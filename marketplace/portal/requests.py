"""A request of the workplace, as `pages.private` prepares it."""

from datetime import date, datetime

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from marketplace.users.models import User


class WorkRequest(HttpRequest):
    """Somebody who is logged in asks, at `now`, on the day `today` in Việt Nam."""

    user: User  # type: ignore[assignment]
    htmx: HtmxDetails
    now: datetime
    today: date
