"""Text messages about an order: short words and a link, to buyers without an e-mail address and to cooperatives.

Providers send approved words only: each message names its template and what fills it in (docs/operations.md lists them).
"""

from collections.abc import Mapping

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.common.money import format_vnd
from marketplace.common.phones import PhoneError, parse_phone
from marketplace.order.evidence import contact_email
from marketplace.order.letters import CLERKS_LANGUAGE, site
from marketplace.order.links import order_url
from marketplace.order.models import Order, Parcel, ParcelEvent
from marketplace.order.states import Status
from marketplace.outbox.services import Text

# Of these changes a buyer without an e-mail address is told.
_CHANGES: Mapping[str, tuple[str, str | Promise]] = {
    Status.READY: (
        "parcel_ready",
        gettext_lazy("Parcel %(parcel)s of %(seller)s is ready to be fetched. %(url)s"),
    ),
    Status.SHIPPED: ("parcel_shipped", gettext_lazy("Parcel %(parcel)s of %(seller)s is on its way. %(url)s")),
    Status.DELIVERY_FAILED: (
        "parcel_failed",
        gettext_lazy("Parcel %(parcel)s of %(seller)s could not be handed over. %(url)s"),
    ),
    Status.CANCELLED: ("parcel_cancelled", gettext_lazy("Parcel %(parcel)s of %(seller)s is cancelled. %(url)s")),
}


def placed(order: Order) -> list[Text]:
    """Nothing for a buyer who gets an e-mail, and for a phone that takes no messages."""
    return _to_buyer(
        order,
        key=f"order:{order.number}:placed:text",
        template="order_placed",
        words=gettext_lazy("Order %(order)s, %(total)s: we have received it. %(url)s"),
        parameters={"total": format_vnd(order.total_incl_tax)},
    )


def changed(order: Order, parcel: Parcel, event: ParcelEvent) -> list[Text]:
    """What became of a parcel, where it asks something of the buyer."""
    template, words = _CHANGES.get(parcel.status, ("", ""))
    if not template:
        return []
    return _to_buyer(
        order,
        key=f"parcel:{parcel.number}:event:{event.pk}:text",
        template=template,
        words=words,
        parameters={"parcel": parcel.number.upper(), "seller": parcel.cooperative.short_name},
    )


def refunded(order: Order, parcel: Parcel, *, amount: int, key: str) -> list[Text]:
    """Money is back, or on its way. `key` names the refund."""
    return _to_buyer(
        order,
        key=f"{key}:text",
        template="parcel_refunded",
        words=gettext_lazy("%(amount)s for parcel %(parcel)s is given back to you. %(url)s"),
        parameters={"parcel": parcel.number.upper(), "amount": format_vnd(amount)},
    )


def problem_answered(order: Order, parcel: Parcel, *, key: str) -> list[Text]:
    """That the cooperative has answered; the words stand on the order's page."""
    return _to_buyer(
        order,
        key=f"{key}:text",
        template="problem_answered",
        words=gettext_lazy("%(seller)s has answered about parcel %(parcel)s. %(url)s"),
        parameters={"parcel": parcel.number.upper(), "seller": parcel.cooperative.short_name},
    )


def weight_asked(order: Order, parcel: Parcel, *, title: str, charge: int, key: str, url: str) -> list[Text]:
    """Whether a heavier weight is all right; `url` is where to answer."""
    return _to_buyer(
        order,
        key=f"{key}:text",
        template="weight_asked",
        words=gettext_lazy("%(title)s in parcel %(parcel)s weighs more: %(charge)s. Is that all right? %(url)s"),
        parameters={
            "parcel": parcel.number.upper(),
            "title": title[:60],
            "charge": format_vnd(charge),
            "url": url,
        },
    )


def link_again(order: Order, key: str) -> list[Text]:
    return _to_buyer(
        order,
        key=f"{key}:text",
        template="order_link",
        words=gettext_lazy("Your order %(order)s: %(url)s"),
        parameters={},
    )


def new_order(parcel: Parcel) -> list[Text]:
    """To the cooperative's own phone."""
    phone = _mobile(parcel.cooperative.phone)
    if not phone:
        return []
    with translation.override(CLERKS_LANGUAGE):
        parameters = {
            "parcel": parcel.number.upper(),
            "total": format_vnd(parcel.total),
            "url": site("users:landing"),
        }
        return [
            Text(
                key=f"parcel:{parcel.number}:placed:text",
                recipient=phone,
                template="order_new",
                text=_("New order %(parcel)s, %(total)s. Please confirm it: %(url)s") % parameters,
                parameters=parameters,
            )
        ]


def _to_buyer(order: Order, *, key: str, template: str, words: str | Promise, parameters: dict[str, str]) -> list[Text]:
    if contact_email(order):
        return []
    # Where the courier calls too: the buyer may have put another number there since.
    address = order.shipping_address
    phone = _mobile(address.phone_number if address and address.phone_number else order.buyer_phone)
    if not phone:
        return []
    with translation.override(order.language):
        whole = {"url": order_url(order), **parameters, "order": order.number.upper()}
        return [Text(key=key[:120], recipient=phone, template=template, text=str(words) % whole, parameters=whole)]


def _mobile(number: object) -> str:
    """The number as E.164; empty for one that takes no messages."""
    text = str(number or "")
    try:
        return parse_phone(text, mobile_only=True) if text else ""
    except PhoneError:
        return ""
