"""The messages about paying to a buyer. The layers above, which know of payments, say when; keys name the event."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.common.money import format_vnd
from marketplace.order.evidence import contact_email
from marketplace.order.letters import letter
from marketplace.order.links import order_url
from marketplace.order.models import Order, Parcel
from marketplace.order.states import amount_due
from marketplace.order.stories import held_until
from marketplace.outbox.services import Email

ASKED, ENDS = "asked", "ends"


@dataclass(frozen=True)
class TransferTo:
    """Where the money for a parcel goes. The whole number: the buyer must type it."""

    bank: str
    account_number: str
    holder: str


def transfer_key(parcel_number: str, kind: str) -> str:
    """Names the message that asks for a transfer (ASKED), or says that the goods are held but a little longer (ENDS)."""
    return f"parcel:{parcel_number}:transfer:{kind}"


def transfer_asked(order: Order, parcel: Parcel, to: TransferTo) -> list[Email]:
    """The bank's data for a parcel that awaits a transfer; the code itself is on the order's page."""
    with translation.override(order.language):
        said = _said(parcel)
        subject = _("Parcel %(number)s: please transfer %(amount)s") % said
        lead = _("Please transfer the amount for parcel %(number)s to %(maker)s. The goods are held until %(until)s.")
        return _about_transfer(order, parcel, to, ASKED, subject, lead % said)


def hold_ends(order: Order, parcel: Parcel, to: TransferTo) -> list[Email]:
    """That the goods are held only a little longer."""
    with translation.override(order.language):
        said = _said(parcel)
        subject = _("Parcel %(number)s is held until %(until)s only") % said
        lead = _(
            "We have not seen your transfer for parcel %(number)s yet. Not paid by %(until)s, the parcel is cancelled. "
            "If you have paid, you need do nothing: the cooperative confirms it."
        )
        return _about_transfer(order, parcel, to, ENDS, subject, lead % said)


def paid(order: Order, parcels: Sequence[Parcel], *, amount: int, key: str) -> list[Email]:
    """That money for these parcels of the order has come. Their cooperatives are loaded."""
    with translation.override(order.language):
        said = {"number": order.number.upper(), "amount": format_vnd(amount)}
        subject = _("Order %(number)s: %(amount)s received") % said
        sentences = [
            _("%(amount)s for order %(number)s has arrived. Thank you.") % said,
            *(_("Parcel %(number)s of %(maker)s can be packed now.") % _said(parcel) for parcel in parcels),
        ]
        return _to_buyer(order, f"order:{order.number}:paid:{key}", subject, sentences, _("Follow the order"))


def _about_transfer(order: Order, parcel: Parcel, to: TransferTo, kind: str, subject: str, lead: str) -> list[Email]:
    sentences = [
        lead,
        _("Bank: %(bank)s. Account number: %(account)s. Account holder: %(holder)s.")
        % {"bank": to.bank, "account": to.account_number, "holder": to.holder},
        _("Amount: %(amount)s. Text of the transfer: %(reference)s.") % _said(parcel),
        _("Keep the amount and the text exactly as they are: by them the cooperative finds your payment."),
    ]
    return _to_buyer(order, transfer_key(parcel.number, kind), subject, sentences, _("Show the code to scan"))


def _said(parcel: Parcel) -> dict[str, Any]:
    return {
        "number": parcel.number.upper(),
        "maker": parcel.cooperative.short_name,
        "amount": format_vnd(amount_due(parcel)),
        "until": held_until(parcel),
        "reference": parcel.payment_reference,
    }


def _to_buyer(order: Order, key: str, subject: str, sentences: Sequence[str], link: str) -> list[Email]:
    recipient = contact_email(order)
    if not recipient:
        return []
    context = {"name": order.buyer_name, "sentences": sentences, "url": order_url(order), "link": link}
    return [letter(key, recipient, subject, "notice", context)]
