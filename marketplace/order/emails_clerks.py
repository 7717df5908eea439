"""The messages about a parcel to its cooperative, in Vietnamese. Of the buyer's order they tell that parcel alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.common.money import format_vnd
from marketplace.common.phones import format_phone
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
            key = f"parcel:{parcel.number}:placed"
            messages += _to(recipients[parcel.cooperative_id], key, subject, "parcel_notice", context)
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
        number = parcel.number.upper()
        subject = _("Order %(number)s was cancelled by the buyer") % {"number": number}
        told = _("The buyer cancelled order %(number)s. Its goods are back on sale; there is nothing to send.")
        sentences = [told % {"number": number}, event.note]
        return _tell(parcel, on, f"parcel:{parcel.number}:cancelled", subject, sentences, site("users:landing"))


def paid(parcel: Parcel, *, amount: int, key: str, on: date) -> list[Email]:
    """That a parcel to be paid in advance is paid: it may be packed. `key` names the payment. One query."""
    with translation.override(CLERKS_LANGUAGE):
        said = {"number": parcel.number.upper(), "amount": format_vnd(amount)}
        subject = _("Order %(number)s is paid: please pack it") % said
        sentences = [_("%(amount)s for order %(number)s was received. It can be confirmed and packed.") % said]
        return _tell(parcel, on, f"parcel:{parcel.number}:paid:{key}", subject, sentences, _page_of(parcel))


def recipient_changed(
    parcels: Sequence[Parcel], address: ShippingAddress, changes: Sequence[OrderChange], on: date
) -> list[Email]:
    """That the parcels go to somebody or somewhere else now. One query for each parcel."""
    emails: list[Email] = []
    with translation.override(CLERKS_LANGUAGE):
        for parcel in parcels:
            number = parcel.number.upper()
            subject = _("Order %(number)s: the buyer changed the address") % {"number": number}
            told = _("The buyer of order %(number)s changed where it goes. Please send it to the new address:")
            place = f"{address.line1}, {address.line2}, {address.line4}"
            sentences = [
                told % {"number": number},
                f"{address.first_name}, {format_phone(address.phone_number)}. {place}. {address.notes}",
                *(f"{change.get_field_display()}: {' → '.join(change.words)}" for change in changes),
            ]
            key = f"parcel:{parcel.number}:change:{int(changes[0].changed_at.timestamp() * 1000)}"
            emails += _tell(parcel, on, key, subject, sentences, _page_of(parcel))
    return emails


def invoice_changed(parcels: Sequence[Parcel], change: OrderChange, on: date) -> list[Email]:
    """That the invoice is made out to somebody else now, or is not asked for any more. One query for each parcel."""
    emails: list[Email] = []
    with translation.override(CLERKS_LANGUAGE):
        for parcel in parcels:
            said = {"number": parcel.number.upper(), "name": change.became}
            subject = _("Order %(number)s: the buyer changed the invoice data") % said
            sentences = [
                _("The invoice of order %(number)s is made out to %(name)s now. Its data is in the workplace.") % said
                if change.became
                else _("The buyer of order %(number)s needs no invoice any more.") % said
            ]
            key = f"parcel:{parcel.number}:invoice:{change.pk}"
            emails += _tell(parcel, on, key, subject, sentences, _page_of(parcel))
    return emails


def problem_reported(problem: ParcelProblem, on: date) -> list[Email]:
    """One query, and one for the cooperative where it is not loaded."""
    parcel = problem.parcel
    with translation.override(CLERKS_LANGUAGE):
        said = {"number": parcel.number.upper(), "kind": str(problem.get_kind_display())}
        subject = _("Order %(number)s: the buyer reports a problem") % said
        sentences = [
            _("The buyer of order %(number)s reports: %(kind)s.") % said,
            f"“{problem.text}”",
            _("Please answer within a day. Photos, if any, are in the workplace."),
        ]
        page = site("portal:problem", problem.pk)
        return _tell(parcel, on, f"problem:{problem.pk}:reported", subject, sentences, page)


def _tell(parcel: Parcel, on: date, key: str, subject: str, sentences: Sequence[str], url: str) -> list[Email]:
    recipients = clerks_of({parcel.cooperative_id: parcel.cooperative}, on)[parcel.cooperative_id]
    context = {"sentences": [words for words in sentences if words], "url": url, "link": _("Open the workplace")}
    return _to(recipients, key, subject, "notice", context)


def _page_of(parcel: Parcel) -> str:
    return site("portal:parcel", parcel.number)


def _to(recipients: Sequence[str], key: str, subject: str, template: str, context: dict[str, Any]) -> list[Email]:
    """The same message to each of them, rendered once."""
    if not recipients:
        return []
    message = letter("", "", subject, template, context)
    return [replace(message, key=f"{key}:{recipient}"[:120], recipient=recipient) for recipient in recipients]
