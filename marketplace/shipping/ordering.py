"""What a cooperative asks of an order before it takes it, and the days that it promises."""

from datetime import date, datetime, timedelta

from django.utils import formats
from django.utils.translation import gettext as _

from marketplace.common.dates import ZONE, local_day
from marketplace.common.money import format_vnd
from marketplace.common.weekdays import is_on, next_on, weekday_words
from marketplace.shipping.rates import Method, Promise, Rules, Zone

# As many characters as a parcel keeps.
PICKUP_WORDS = 300


def ordering_problems(rules: Rules, *, cooperative: str, goods_total: int, now: datetime) -> list[str]:
    """Why the cooperative takes no order of these goods now; empty when it does. `goods_total` in đồng."""
    problems = []
    if goods_total < rules.minimum_order:
        said = {
            "cooperative": cooperative,
            "minimum": format_vnd(rules.minimum_order),
            "missing": format_vnd(rules.minimum_order - goods_total),
        }
        problems.append(_("%(cooperative)s takes orders of at least %(minimum)s: %(missing)s are missing.") % said)
    if not is_taking_orders(rules, now):
        said = {
            "cooperative": cooperative,
            "times": ordering_times(rules),
            "day": f"{next_taking_day(rules, now):%d/%m/%Y}",
        }
        problems.append(_("%(cooperative)s takes orders %(times)s. Order again from %(day)s on.") % said)
    return problems


def is_taking_orders(rules: Rules, now: datetime) -> bool:
    local = now.astimezone(ZONE)
    return is_on(rules.order_weekdays, local.date()) and (rules.order_until is None or local.time() < rules.order_until)


def next_taking_day(rules: Rules, now: datetime) -> date:
    """The first day, today if it is still open, on which orders are taken."""
    local = now.astimezone(ZONE)
    is_over = rules.order_until is not None and local.time() >= rules.order_until
    return next_on(rules.order_weekdays, local.date() + timedelta(days=1 if is_over else 0))


def ordering_times(rules: Rules) -> str:
    """As "Monday – Thursday until 17:00"."""
    words = weekday_words(rules.order_weekdays)
    if rules.order_until is None:
        return words
    return _("%(days)s until %(time)s") % {"days": words, "time": formats.time_format(rules.order_until, "H:i")}


def promised_days(
    method: Method, *, zone: Zone | None, rules: Rules, now: datetime, harvest_on: date | None = None
) -> Promise:
    """When the parcel comes, or can be fetched: after the cooperative's days to prepare, not before the harvest.

    A pick-up point is promised for its first open day. Without a zone, that of the method which is quickest.
    """
    ready = local_day(now) + timedelta(days=rules.lead_days)
    if harvest_on is not None:
        ready = max(ready, harvest_on)
    if method.pickup is not None:
        day = next_on(method.pickup.open_weekdays, ready + timedelta(days=method.pickup.ready_days))
        return Promise(day, day)
    leaves = next_on(rules.send_weekdays, ready)
    zone = zone or min(method.zones, key=lambda zone: zone.days_max)
    return Promise(leaves + timedelta(days=zone.days_min), leaves + timedelta(days=zone.days_max))


def pickup_words(method: Method) -> str:
    """Address, hours and note of a pick-up point, as they are frozen on a parcel; empty for another method."""
    point = method.pickup
    if point is None:
        return ""
    hours = weekday_words(point.open_weekdays)
    if point.opens_at and point.closes_at:
        hours += f" {point.opens_at:%H:%M}–{point.closes_at:%H:%M}"
    words = ". ".join(part for part in (point.place, _("Open %(hours)s") % {"hours": hours}, point.note) if part)
    return words[:PICKUP_WORDS]
