"""What the order's page prints: ready words, no decisions left for the templates."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from marketplace.buyer.selectors import Extras
from marketplace.common.dates import ZONE
from marketplace.common.money import format_vnd
from marketplace.common.quantities import format_quantity
from marketplace.common.tracking import tracking_url
from marketplace.order.emails_packing import consent_key
from marketplace.order.models import Line, Parcel, ParcelProblem, WeightConsent
from marketplace.order.problems import is_reportable
from marketplace.order.progress import steps_of
from marketplace.order.states import CANCELLABLE, Status, amount_due
from marketplace.order.stories import carrier_words, expected_words, held_until
from marketplace.payment.facts import COLLECTING
from marketplace.payment.models import Refund

Method = Parcel.PaymentMethod
# Once it has gone, nobody waits for it to be packed.
_TO_COME = frozenset({Status.PLACED, Status.CONFIRMED, Status.PACKED, Status.SHIPPED})
_TO_FETCH = frozenset({Status.PLACED, Status.CONFIRMED, Status.PACKED, Status.READY})


def parcel_box(parcel: Parcel, extras: Extras, now: datetime) -> dict[str, Any]:
    """What order/parcel.html prints. Lines, events, order and cooperative are loaded."""
    is_pickup = parcel.delivery_kind == Parcel.DeliveryKind.PICKUP
    is_underway = parcel.status in (_TO_FETCH if is_pickup else _TO_COME)
    lines = list(parcel.lines.all())
    return {
        "parcel": parcel,
        "cooperative_name": parcel.cooperative.short_name,
        "cooperative_url": parcel.cooperative.get_absolute_url(),
        "phone": parcel.cooperative.phone,
        "status": parcel.get_status_display(),
        "lines": [_line(line) for line in lines],
        "discount": sum(line.seller_discount + line.marketplace_discount for line in lines),
        "steps": steps_of(parcel),
        "expected": expected_words(parcel) if is_underway else "",
        "pickup_note": parcel.pickup_note if is_pickup and is_underway else "",
        "carrier": carrier_words(parcel),
        "tracking_url": tracking_url(parcel.carrier, parcel.tracking_number),
        "payment": payment_words(parcel),
        "payment_status": parcel.get_payment_status_display(),
        "held_until": held_until(parcel) if parcel.paid_at is None and parcel.status in CANCELLABLE else "",
        "questions": [_question(consent) for consent in extras.questions.get(parcel.pk, [])],
        "refunds": [_refund(refund) for refund in extras.refunds.get(parcel.pk, [])],
        "problems": [_problem(problem) for problem in extras.problems.get(parcel.pk, [])],
        "is_cancellable": parcel.status in CANCELLABLE,
        "is_reportable": is_reportable(parcel, now),
        "is_cancelled": parcel.status == Status.CANCELLED,
    }


def payment_words(parcel: Parcel) -> str:
    """The parcel's payment in one sentence."""
    received, refunded, due = parcel.amount_received, parcel.amount_refunded, amount_due(parcel)
    said = {"received": format_vnd(received), "refunded": format_vnd(refunded), "due": format_vnd(due)}
    if refunded:
        return _("%(received)s paid, %(refunded)s given back.") % said
    if parcel.status == Status.CANCELLED:
        return _("%(received)s paid; it is given back to you.") % said if received else _("Nothing to pay.")
    if parcel.paid_at is not None:
        return _("Paid on %(day)s.") % {"day": f"{parcel.paid_at.astimezone(ZONE):%d/%m/%Y}"}
    if received:
        return _("%(received)s paid, %(due)s still to pay.") % said
    if not due:
        return _("Nothing to pay.")
    if parcel.payment_method == Method.TRANSFER:
        return _("Waiting for your transfer of %(due)s.") % said
    if parcel.payment_method == Method.CARD:
        return _("Waiting for your payment of %(due)s by card.") % said
    if parcel.delivery_kind == Parcel.DeliveryKind.PICKUP:
        return _("%(due)s to pay in cash when you fetch it.") % said
    return _("%(due)s to pay in cash when it comes.") % said


def order_state(parcels: Iterable[Parcel]) -> str:
    """What the parcels' payments together make of the order, for the list of orders."""
    open_parcels = [parcel for parcel in parcels if parcel.status != Status.CANCELLED]
    kinds = {parcel.payment_status for parcel in open_parcels}
    if len(kinds) == 1:
        return open_parcels[0].get_payment_status_display()
    return str(Parcel.PaymentStatus.PART_PAID.label) if open_parcels else ""


def _line(line: Line) -> dict[str, Any]:
    return {
        "title": line.title,
        "url": line.product.get_absolute_url() if line.product and line.product.is_public else "",
        "quantity": line.units,
        "unit": line.sale_unit,
        "price_per_unit": line.price_per_unit,
        "total": line.line_price_incl_tax,
        "packed": _packed_words(line),
    }


def _packed_words(line: Line) -> str:
    """How much was packed, where that is not what was ordered."""
    if line.packed_units is None or line.packed_units == line.units:
        return ""
    if not line.packed_units:
        return _("Not packed: there was none left.")
    said = {
        "packed": format_quantity(line.packed_units, line.sale_unit),
        "ordered": format_quantity(line.units, line.sale_unit),
    }
    return _("Packed: %(packed)s of %(ordered)s ordered.") % said


def _question(consent: WeightConsent) -> dict[str, Any]:
    unit = consent.line.sale_unit
    said = {
        "title": consent.line.title,
        "weight": format_quantity(consent.weight, unit),
        "ordered": format_quantity(consent.line.units, unit),
    }
    return {
        "words": _("%(title)s weighs %(weight)s instead of the %(ordered)s that you ordered. Is that all right?")
        % said,
        "key": consent_key(consent),
        "until": consent.expires_at,
    }


def _refund(refund: Refund) -> dict[str, Any]:
    return {
        "refund": refund,
        "reason": refund.get_reason_display(),
        "status": refund.get_status_display(),
        # Money that the marketplace gives back itself is proved by its provider.
        "is_contestable": refund.status == Refund.Status.SUCCEEDED and refund.provider not in COLLECTING,
    }


def _problem(problem: ParcelProblem) -> dict[str, Any]:
    return {
        "problem": problem,
        "kind": problem.get_kind_display(),
        "photos": [photo.pk for photo in problem.photos.all()],
    }
