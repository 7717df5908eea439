"""The messages about a parcel to its cooperative, in Vietnamese. Of the buyer's order they tell that parcel alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.order import texts
from marketplace.order.letters import CLERKS_LANGUAGE, clerks_of, letter, site
from marketplace.order.models import Line, Order, OrderChange, Parcel, ParcelEvent, ParcelProblem, ShippingAddress
from marketplace.outbox.services import Email, Text


def notices(parcels: Sequence[Parcel], lines: Sequence[Line], order: Order, on: date) -> Sequence[Email | Text]:
    """A new order, to each cooperative's address, phone and clerks. One query."""
    recipients = clerks_of({parcel.cooperative_id: parcel.cooperative for parcel in parcels}, on)
    messages: list[Email | Text] = []
    with translation.override(CLERKS_LANGUAGE):
        for parcel in parcels:
            context = {
                "parcel": parcel,
                "lines": [line for line in lines if line.parcel_id == parcel.pk],
                "address": order.shipping_address,
                "payment": payment_mark(parcel),
                "url": site("users:landing"),
            }
            subject = _("New order %(number)s to confirm (%(payment)s)") % {
                "number": parcel.number.upper(),
                "payment": context["payment"],
            }
            messages += _to(
                recipients[parcel.cooperative_id], f"parcel:{parcel.number}:placed", subject, "parcel_notice", context
            )
            messages += texts.new_order(parcel)
    return messages


def payment_mark(parcel: Parcel) -> str:
    """What a clerk must know of the money before confirming; in the language that is active."""
    if parcel.paid_at is not None:
        return _("paid")
    if parcel.hold_expires_at is not None:
        return _("awaiting payment")
    return _("cash on delivery")


def cancelled_by_buyer(parcel: Parcel, event: ParcelEvent, on: date) -> list[Email]:
    """One query."""
    with translation.override(CLERKS_LANGUAGE):
        subject = _("Order %(number)s was cancelled by the buyer") % {"number": parcel.number.upper()}
        context = {"parcel": parcel, "event": event, "url": site("users:landing")}
        return _to(_recipients(parcel, on), f"parcel:{parcel.number}:cancelled", subject, "parcel_cancelled", context)


def paid(parcel: Parcel, *, amount: int, key: str, on: date) -> list[Email]:
    """That a parcel to be paid in advance is paid: it may be packed. `key` names the payment. One query."""
    with translation.override(CLERKS_LANGUAGE):
        subject = _("Order %(number)s is paid: please pack it") % {"number": parcel.number.upper()}
        context = {"parcel": parcel, "amount": amount, "url": site("portal:parcel", parcel.number)}
        return _to(_recipients(parcel, on), f"parcel:{parcel.number}:paid:{key}", subject, "parcel_paid_clerk", context)


def recipient_changed(
    parcels: Sequence[Parcel], address: ShippingAddress, changes: Sequence[OrderChange], on: date
) -> list[Email]:
    """That the parcels go to somebody or somewhere else now. One query."""
    recipients = clerks_of({parcel.cooperative_id: parcel.cooperative for parcel in parcels}, on)
    emails: list[Email] = []
    with translation.override(CLERKS_LANGUAGE):
        for parcel in parcels:
            subject = _("Order %(number)s: the buyer changed the address") % {"number": parcel.number.upper()}
            context = {
                "parcel": parcel,
                "changes": [(change.get_field_display(), change.was, change.became) for change in changes],
                "address": address,
                "url": site("portal:parcel", parcel.number),
            }
            key = f"parcel:{parcel.number}:change:{int(changes[0].changed_at.timestamp() * 1000)}"
            emails += _to(recipients[parcel.cooperative_id], key, subject, "recipient_changed", context)
    return emails


def problem_reported(problem: ParcelProblem, on: date) -> list[Email]:
    """Two queries: the parcel's cooperative is read too."""
    parcel = problem.parcel
    with translation.override(CLERKS_LANGUAGE):
        subject = _("Order %(number)s: the buyer reports a problem") % {"number": parcel.number.upper()}
        context = {"parcel": parcel, "problem": problem, "url": site("portal:problem", problem.pk)}
        return _to(_recipients(parcel, on), f"problem:{problem.pk}:reported", subject, "problem_reported", context)


def _recipients(parcel: Parcel, on: date) -> list[str]:
    return clerks_of({parcel.cooperative_id: parcel.cooperative}, on)[parcel.cooperative_id]


def _to(recipients: Sequence[str], key: str, subject: str, template: str, context: dict[str, Any]) -> list[Email]:
    """The same message to each of them, rendered once."""
    if not recipients:
        return []
    message = letter("", "", subject, template, context)
    return [replace(message, key=f"{key}:{recipient}"[:120], recipient=recipient) for recipient in recipients]
