"""The messages about an order. Each is rendered in the language of its reader, as text and as HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cooperatives.models import Cooperative, Membership
from marketplace.common.errors import DomainError
from marketplace.common.prepared import Prepared
from marketplace.order.evidence import contact_email
from marketplace.order.links import order_url
from marketplace.order.models import Line, Order, Parcel, ParcelEvent
from marketplace.order.progress import reason_words
from marketplace.outbox.services import Email

# The cooperatives' own language.
CLERKS_LANGUAGE = "vi"


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
        return [_email(f"order:{order.number}:placed", recipient, subject, "order_placed", context)]


def notices(parcels: Sequence[Parcel], lines: Sequence[Line], order: Order, on: date) -> list[Email]:
    """To each cooperative's address and clerks, its own parcel and nothing else of the order. One query."""
    recipients = _clerks_of({parcel.cooperative_id: parcel.cooperative for parcel in parcels}, on)
    emails = []
    with translation.override(CLERKS_LANGUAGE):
        for parcel in parcels:
            context = {
                "parcel": parcel,
                "lines": [line for line in lines if line.parcel_id == parcel.pk],
                "address": order.shipping_address,
                "url": _site("users:landing"),
            }
            subject = _("New order %(number)s to confirm") % {"number": parcel.number.upper()}
            notice = _email("", "", subject, "parcel_notice", context)
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
        return [_email(f"parcel:{parcel.number}:event:{event.pk}", recipient, subject, "parcel_changed", context)]


def cancelled_by_buyer(parcel: Parcel, event: ParcelEvent, on: date) -> list[Email]:
    """That the buyer cancelled, to the cooperative. One query."""
    recipients = _clerks_of({parcel.cooperative_id: parcel.cooperative}, on)[parcel.cooperative_id]
    with translation.override(CLERKS_LANGUAGE):
        context = {"parcel": parcel, "event": event, "url": _site("users:landing")}
        subject = _("Order %(number)s was cancelled by the buyer") % {"number": parcel.number.upper()}
        return [
            _email(f"parcel:{parcel.number}:cancelled:{recipient}", recipient, subject, "parcel_cancelled", context)
            for recipient in recipients
        ]


def link_again(order: Order, key: str) -> Email:
    """The signed link once more, to the contact on the order. Raises NoContactError."""
    recipient = contact_email(order)
    if not recipient:
        raise NoContactError
    with translation.override(order.language):
        subject = _("The link to your order %(number)s") % {"number": order.number.upper()}
        return _email(key, recipient, subject, "order_link", {"order": order, "url": order_url(order)})


def _clerks_of(cooperatives: dict[int, Cooperative], on: date) -> dict[int, list[str]]:
    """Addresses by cooperative: its own, and those of its clerks and managers of that day."""
    addresses: dict[int, dict[str, None]] = {pk: {} for pk in cooperatives}
    for pk, cooperative in cooperatives.items():
        if cooperative.email:
            addresses[pk][cooperative.email.lower()] = None
    for pk, email in _staff(tuple(cooperatives), on):
        addresses[pk][str(email).lower()] = None
    return {pk: list(found) for pk, found in addresses.items()}


_staff = Prepared(
    lambda cooperatives, on: (
        Membership.objects.in_force(on)
        .filter(~Q(role=Membership.Role.MEMBER), cooperative_id__in=cooperatives, user__is_active=True)
        .exclude(user__email=None)
        .order_by("pk")
        .values_list("cooperative_id", "user__email")
    )
)


def _email(key: str, recipient: str, subject: str, template: str, context: dict[str, Any]) -> Email:
    whole = {**context, "shop_name": settings.OSCAR_SHOP_NAME, "subject": subject}
    return Email(
        key=key[:120],
        recipient=recipient,
        subject=subject,
        text=_without_blank_runs(render_to_string(f"emails/{template}.txt", whole).splitlines()),
        html=render_to_string(f"emails/{template}.html", whole),
    )


def _without_blank_runs(lines: Iterable[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if line.strip() or (kept and kept[-1]):
            kept.append(line.strip())
    return "\n".join(kept).strip() + "\n"


def _site(name: str) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(name)
