"""Who may open an order: its owner, and a guest whose session holds the grant that the signed link gave."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest

from marketplace.order.models import Order
from marketplace.order.selectors import order_by_number

SESSION_KEY = "orders"
# A session is a row that is read on every page: it keeps the latest ones.
MAXIMUM_GRANTS = 20


def grant(request: HttpRequest, number: str, *, now: datetime) -> None:
    """Lets this browser open the order, as long as its link would."""
    ends_at = now + timedelta(days=settings.ORDER_LINK_DAYS)
    grants = {**_grants(request), number: int(ends_at.timestamp())}
    request.session[SESSION_KEY] = dict(sorted(grants.items(), key=lambda item: item[1])[-MAXIMUM_GRANTS:])


def order_for(request: HttpRequest, number: str, *, now: datetime) -> Order:
    """The order with everything that its page shows. Raises Http404 for a stranger, as for a number that is not one."""
    is_granted = _grants(request).get(number, 0) > now.timestamp()
    if not is_granted and not request.user.is_authenticated:
        raise Http404
    order = order_by_number(number)
    if order is None or not (is_granted or order.user_id == request.user.pk):
        raise Http404
    return order


def _grants(request: HttpRequest) -> dict[str, int]:
    return request.session.get(SESSION_KEY, {})
