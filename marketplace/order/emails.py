"""The messages about an order. Each is rendered in the language of its reader, as text and as HTML."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.common.errors import DomainError
from marketplace.order.evidence import contact_email
from marketplace.order.letters import CLERKS_LANGUAGE, clerks_of, letter, site
from marketplace.order.links import order_url
from marketplace.order.models import Line, Order, Parcel, ParcelEvent
from marketplace.order.progress import reason_words
from marketplace.outbox.services import Email


class NoContactError(DomainError):
    """The order has no e-mail address to write to."""

    code = "no_contact"


def placed(order: Order, parcels: Sequence[Parcel], lines: Sequence[Line]) -> list[Email]:
    """The confirmation to the buyer, for an order with an e-mail address."""
    recipient = contact_email(order)
    if not recipient:
        return []
    with translation.override(order.language):
        context = {
            "order": order,
            "boxes": [(parcel, [line for line in lines if line.parcel_id == parcel.pk]) for parcel in parcels],
            "url": order_url(order),
        }
        subject = _("Order %(number)s: we have received it") % {"number": order.number.upper()}
        return [letter(f"order:{order.number}:placed", recipient, subject, "order_placed", context)]


def notices(parcels: Sequence[Parcel], lines: Sequence[Line], order: Order, on: date) -> list[Email]:
    """To each cooperative's address and clerks, its own parcel and nothing else of the order. One query."""
    recipients = clerks_of({parcel.cooperative_id: parcel.cooperative for parcel in parcels}, on)
    emails = []
    with translation.override(CLERKS_LANGUAGE):
        for parcel in parcels:
            context = {
                "parcel": parcel,
                "lines": [line for line in lines if line.parcel_id == parcel.pk],
                "address": order.shipping_address,
                "url": site("users:landing"),
            }
            subject = _("New order %(number)s to confirm") % {"number": parcel.number.upper()}
            notice = letter("", "", subject, "parcel_notice", context)
            emails += [
                replace(notice, key=f"parcel:{parcel.number}:placed:{recipient}"[:120], recipient=recipient)
                for recipient in recipients[parcel.cooperative_id]
            ]
    return emails


def changed(order: Order, parcel: Parcel, event: ParcelEvent) -> list[Email]:
    """What became of a parcel, to the buyer."""
    recipient = contact_email(order)
    if not recipient:
        return []
    with translation.override(order.language):
        context = {
            "order": order,
            "parcel": parcel,
            "event": event,
            "reason": reason_words(event.reason),
            "url": order_url(order),
        }
        subject = _("Order %(number)s: %(status)s") % {
            "number": order.number.upper(),
            "status": str(parcel.get_status_display()).lower(),
        }
        return [letter(f"parcel:{parcel.number}:event:{event.pk}", recipient, subject, "parcel_changed", context)]


def cancelled_by_buyer(parcel: Parcel, event: ParcelEvent, on: date) -> list[Email]:
    """That the buyer cancelled, to the cooperative. One query."""
    recipients = clerks_of({parcel.cooperative_id: parcel.cooperative}, on)[parcel.cooperative_id]
    with translation.override(CLERKS_LANGUAGE):
        context = {"parcel": parcel, "event": event, "url": site("users:landing")}
        subject = _("Order %(number)s was cancelled by the buyer") % {"number": parcel.number.upper()}
        return [
            letter(f"parcel:{parcel.number}:cancelled:{recipient}", recipient, subject, "parcel_cancelled", context)
            for recipient in recipients
        ]


def link_again(order: Order, key: str) -> Email:
    """The signed link once more, to the contact on the order. Raises NoContactError."""
    recipient = contact_email(order)
    if not recipient:
        raise NoContactError
    with translation.override(order.language):
        subject = _("The link to your order %(number)s") % {"number": order.number.upper()}
        return letter(key, recipient, subject, "order_link", {"order": order, "url": order_url(order)})
