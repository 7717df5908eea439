"""Sending the link to an order again: to the contact on the order, and never to who asks."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.common.limits import is_within_limit
from marketplace.order import emails
from marketplace.order.selectors import order_of_phone
from marketplace.outbox.services import enqueue_all

HOUR = 3600


class TooManyRequestsError(DomainError):
    code = "too_many_requests"
    message = _("You have asked many times. Wait an hour and try again.")
    retry_after = HOUR


def send_link_again(*, number: str, phone: str, asker: str, now: datetime) -> None:
    """The same, to the asker, for an order that exists and one that does not. One link an order in ten minutes.

    By e-mail, or by text message for an order without an e-mail address. `asker` is the network address: many phones
    share one, so it has a wide limit of its own. Raises TooManyRequestsError.
    """
    if not (
        is_within_limit(what="order-link", who=f"{number} {phone}", limit=5, seconds=HOUR)
        and is_within_limit(what="order-link-from", who=asker, limit=100, seconds=HOUR)
    ):
        raise TooManyRequestsError
    order = order_of_phone(number=number, phone=phone)
    if order is None:
        return
    key = f"order:{order.number}:link:{int(now.timestamp()) // 600}"
    try:
        enqueue_all(emails.link_again(order, key), now=now)
    except emails.NoContactError:
        return
