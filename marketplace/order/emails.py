"""The messages about an order to its buyer, in the order's language: e-mail, or a text message where there is none.

Those to the cooperative are in `emails_clerks`, those about money in `emails_payment`.
"""

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.common.errors import DomainError
from marketplace.order import texts
from marketplace.order.evidence import contact_email
from marketplace.order.letters import letter
from marketplace.order.links import order_url
from marketplace.order.models import Line, Order, Parcel, ParcelEvent, ParcelProblem
from marketplace.order.stories import how_to_pay, what_happened
from marketplace.outbox.services import Email, Text


class NoContactError(DomainError):
    """The order has neither an e-mail address nor a phone that takes messages."""

    code = "no_contact"


def placed(order: Order, parcels: Sequence[Parcel], lines: Sequence[Line]) -> Sequence[Email | Text]:
    """The confirmation to the buyer."""
    recipient = contact_email(order)
    if not recipient:
        return texts.placed(order)
    with translation.override(order.language):
        context = {
            "order": order,
            "boxes": [
                (parcel, [line for line in lines if line.parcel_id == parcel.pk], how_to_pay(parcel))
                for parcel in parcels
            ],
            "url": order_url(order),
        }
        subject = _("Order %(number)s: we have received it") % {"number": order.number.upper()}
        return [letter(f"order:{order.number}:placed", recipient, subject, "order_placed", context)]


def changed(order: Order, parcel: Parcel, event: ParcelEvent) -> Sequence[Email | Text]:
    """What became of a parcel."""
    recipient = contact_email(order)
    if not recipient:
        return texts.changed(order, parcel, event)
    with translation.override(order.language):
        context = {
            "order": order,
            "parcel": parcel,
            "sentences": what_happened(parcel, event),
            "url": order_url(order),
        }
        subject = _("Order %(number)s: %(status)s") % {
            "number": order.number.upper(),
            "status": str(parcel.get_status_display()).lower(),
        }
        return [letter(f"parcel:{parcel.number}:event:{event.pk}", recipient, subject, "parcel_changed", context)]


def problem_answered(order: Order, parcel: Parcel, problem: ParcelProblem) -> Sequence[Email | Text]:
    """What the cooperative answers to a reported problem."""
    recipient = contact_email(order)
    key = f"problem:{problem.pk}:answered"
    if not recipient:
        return texts.problem_answered(order, parcel, key=key)
    with translation.override(order.language):
        said = {"number": parcel.number.upper(), "maker": parcel.cooperative.short_name}
        subject = _("Parcel %(number)s: the answer to the problem you reported") % said
        sentences = [
            _("%(maker)s answers to the problem that you reported with parcel %(number)s:") % said,
            f"“{problem.answer}”",
        ]
        context = {
            "name": order.buyer_name,
            "sentences": sentences,
            "url": order_url(order),
            "link": _("Follow the order"),
        }
        return [letter(key, recipient, subject, "notice", context)]


def link_again(order: Order, key: str) -> Sequence[Email | Text]:
    """The signed link once more, to the contact on the order. Raises NoContactError."""
    recipient = contact_email(order)
    if not recipient:
        found = texts.link_again(order, key)
        if not found:
            raise NoContactError
        return found
    with translation.override(order.language):
        subject = _("The link to your order %(number)s") % {"number": order.number.upper()}
        return [letter(key, recipient, subject, "order_link", {"order": order, "url": order_url(order)})]
