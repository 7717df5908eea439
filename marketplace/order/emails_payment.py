"""The messages about money to a buyer. The layers above, which know of payments, say when; the key names the payment."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.common.money import format_vnd
from marketplace.order import texts
from marketplace.order.evidence import contact_email
from marketplace.order.letters import letter
from marketplace.order.links import order_url
from marketplace.order.models import Order, Parcel
from marketplace.order.states import amount_due
from marketplace.order.stories import held_until
from marketplace.outbox.services import Email, Text


@dataclass(frozen=True)
class TransferTo:
    """Where the money for a parcel goes. The whole number: the buyer must type it."""

    bank: str
    account_number: str
    holder: str


def transfer_asked(order: Order, parcel: Parcel, to: TransferTo) -> list[Email]:
    """The bank's data for a parcel that awaits a transfer; the code itself is on the order's page."""
    return _about_transfer(order, parcel, to, "asked", gettext_lazy("Parcel %(number)s: please transfer %(amount)s"))


def hold_ends(order: Order, parcel: Parcel, to: TransferTo | None) -> list[Email]:
    """That the goods are held only a little longer."""
    return _about_transfer(order, parcel, to, "ends", gettext_lazy("Parcel %(number)s is held until %(until)s only"))


def paid(order: Order, parcels: Sequence[Parcel], *, amount: int, key: str) -> list[Email]:
    """That money for these parcels of the order has come. Their cooperatives are loaded."""
    recipient = contact_email(order)
    if not recipient:
        return []
    with translation.override(order.language):
        said = {"number": order.number.upper(), "amount": format_vnd(amount)}
        subject = _("Order %(number)s: %(amount)s received") % said
        context = {"order": order, "parcels": parcels, "amount": amount, "url": order_url(order)}
        return [letter(f"order:{order.number}:paid:{key}", recipient, subject, "order_paid", context)]


def refund_told(
    order: Order, parcel: Parcel, *, amount: int, state: str, reason: str, reference: str, key: str
) -> Sequence[Email | Text]:
    """How far a refund is: `state` is requested, succeeded or failed; `key` names the refund and its state."""
    recipient = contact_email(order)
    if not recipient:
        return texts.refunded(order, parcel, amount=amount, key=key) if state != "failed" else []
    with translation.override(order.language):
        said = {"number": parcel.number.upper(), "amount": format_vnd(amount)}
        subjects = {
            "requested": _("Parcel %(number)s: %(amount)s will be given back to you"),
            "succeeded": _("Parcel %(number)s: %(amount)s was given back to you"),
            "failed": _("Parcel %(number)s: giving back %(amount)s did not work yet"),
        }
        context = {
            "order": order,
            "parcel": parcel,
            "amount": amount,
            "state": state,
            "reason": reason,
            "reference": reference,
            "url": order_url(order),
        }
        return [letter(key, recipient, subjects[state] % said, "refund_told", context)]


def _about_transfer(
    order: Order, parcel: Parcel, to: TransferTo | None, kind: str, subject: str | Promise
) -> list[Email]:
    recipient = contact_email(order)
    if not recipient:
        return []
    with translation.override(order.language):
        due = amount_due(parcel)
        said = {"number": parcel.number.upper(), "amount": format_vnd(due), "until": held_until(parcel)}
        context = {
            "order": order,
            "parcel": parcel,
            "amount": due,
            "to": to,
            "until": said["until"],
            "kind": kind,
            "url": order_url(order),
        }
        key = f"parcel:{parcel.number}:transfer:{kind}"
        return [letter(key, recipient, str(subject) % said, "transfer_asked", context)]
