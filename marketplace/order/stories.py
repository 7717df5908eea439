"""What happened to a parcel, and what is to be done, in sentences for its buyer; in the language that is active."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from marketplace.common.dates import ZONE
from marketplace.common.money import format_vnd
from marketplace.order.models import Parcel, ParcelEvent
from marketplace.order.progress import reason_words
from marketplace.order.states import CancelReason, Status, amount_due

Method = Parcel.PaymentMethod
Kind = Parcel.DeliveryKind


def what_happened(parcel: Parcel, event: ParcelEvent) -> list[str]:
    """For the message about the event. The parcel's cooperative is loaded."""
    return [sentence for sentence in _sentences(parcel, event) if sentence]


def how_to_pay(parcel: Parcel) -> str:
    """What is still to be paid and how; empty when nothing is."""
    due = amount_due(parcel)
    if not due:
        return ""
    said = {"amount": format_vnd(due), "until": held_until(parcel), "reference": parcel.payment_reference}
    if parcel.hold_expires_at is not None and parcel.payment_method == Method.TRANSFER:
        return (
            _("Please transfer %(amount)s by %(until)s, with the text %(reference)s. The code is on the order's page.")
            % said
        )
    if parcel.hold_expires_at is not None:
        return _("Please pay %(amount)s by card by %(until)s. “Pay now” is on the order's page.") % said
    if parcel.delivery_kind == Kind.PICKUP:
        return _("You pay %(amount)s in cash when you fetch it.") % said
    return _("You pay %(amount)s in cash when it comes.") % said


def held_until(parcel: Parcel) -> str:
    """As "14:30 24/11/2026"; empty when nothing is held."""
    return f"{parcel.hold_expires_at.astimezone(ZONE):%H:%M %d/%m/%Y}" if parcel.hold_expires_at else ""


def expected_words(parcel: Parcel) -> str:
    """When the parcel should come or can be fetched, as it was promised; empty when nothing was."""
    if parcel.expected_from is None:
        return ""
    said = {
        "first": f"{parcel.expected_from:%d/%m/%Y}",
        "last": f"{parcel.expected_until or parcel.expected_from:%d/%m/%Y}",
    }
    if parcel.delivery_kind == Kind.PICKUP:
        return _("To be fetched from %(first)s on.") % said
    if said["first"] == said["last"]:
        return _("Expected on %(first)s.") % said
    return _("Expected from %(first)s to %(last)s.") % said


def carrier_words(parcel: Parcel) -> str:
    """Who brings it, and the number to follow it by; empty while nobody does."""
    if not parcel.tracking_number:
        return parcel.carrier
    said = {"carrier": parcel.carrier or _("Carrier"), "number": parcel.tracking_number}
    return _("%(carrier)s, tracking number %(number)s") % said


def _sentences(parcel: Parcel, event: ParcelEvent) -> Iterator[str]:
    match event.to_status:
        case Status.CONFIRMED:
            yield expected_words(parcel)
            yield how_to_pay(parcel)
        case Status.READY:
            yield parcel.pickup_note
            yield how_to_pay(parcel)
        case Status.SHIPPED:
            yield carrier_words(parcel)
            yield event.note if not parcel.tracking_number else ""
            yield expected_words(parcel)
            yield how_to_pay(parcel)
        case Status.DELIVERED:
            yield _("If something is wrong with it, report it on the order's page, with photos.")
        case Status.DELIVERY_FAILED:
            yield _reason(event)
            yield _("The cooperative sends it again or calls you.")
        case Status.CANCELLED:
            yield _cancelled_by(parcel, event)
            yield _money_back(parcel)
        case _:
            yield _reason(event)
            yield _money_back(parcel) if event.to_status == Status.RETURNED else ""


def _cancelled_by(parcel: Parcel, event: ParcelEvent) -> str:
    match event.reason:
        case CancelReason.BUYER:
            return _("You cancelled it.")
        case CancelReason.UNPAID:
            return _("It was not paid in time, so the goods are no longer held for you. You can order again.")
        case CancelReason.NOT_CONFIRMED:
            return _("%(seller)s did not confirm it in time, so we cancelled it. We are sorry.") % {
                "seller": parcel.cooperative.short_name
            }
    said = {"seller": parcel.cooperative.short_name, "reason": _reason(event)}
    return _("%(seller)s cancelled it. %(reason)s") % said


def _money_back(parcel: Parcel) -> str:
    left = parcel.amount_received - parcel.amount_refunded
    if left <= 0:
        return ""
    return _("The %(amount)s that you paid is given back to you; the order's page shows how far that is.") % {
        "amount": format_vnd(left)
    }


def _reason(event: ParcelEvent) -> str:
    return ". ".join(part for part in (reason_words(event.reason), event.note) if part)
