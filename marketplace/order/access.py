"""Who may open an order: its owner, and a guest whose browser holds a grant, from placing it or from the signed link.

The grants are a signed cookie of their own: a guest needs no session, whose row every page would read.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse

from marketplace.order.models import Order
from marketplace.order.selectors import order_by_number

# A cookie is sent with every request: it keeps the latest ones.
MAXIMUM_GRANTS = 20
_SALT = "marketplace.order.access"


def cookie_name() -> str:
    """With the prefix that lets no other host set it, where cookies travel by TLS alone."""
    return "__Host-orders" if settings.SESSION_COOKIE_SECURE else "orders"


def grant(request: HttpRequest, response: HttpResponse, number: str, *, now: datetime) -> None:
    """Lets this browser open the order, as long as its link would and the browser comes by."""
    ends_at = now + timedelta(days=settings.ORDER_LINK_DAYS)
    grants = {**_grants(request), number: int(ends_at.timestamp())}
    latest = dict(sorted(grants.items(), key=lambda item: item[1])[-MAXIMUM_GRANTS:])
    response.set_cookie(
        cookie_name(),
        signing.dumps(latest, salt=_SALT),
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget_grants(request: HttpRequest | None, **_kwargs: Any) -> None:
    """Somebody who logs out leaves nothing open behind. A receiver of `user_logged_out`."""
    if request is not None and cookie_name() in request.COOKIES:
        request.cookies_to_delete.append(cookie_name())  # type: ignore[attr-defined]


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
    value = request.COOKIES.get(cookie_name())
    if not value:
        return {}
    try:
        return signing.loads(value, salt=_SALT, max_age=settings.SESSION_COOKIE_AGE)
    except signing.BadSignature:
        return {}
