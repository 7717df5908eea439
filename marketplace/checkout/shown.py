"""What the checkout's template shows: everything decided, nothing left to ask."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.checkout.forms import CheckoutForm, Posted
from marketplace.checkout.payments import ParcelPayment
from marketplace.checkout.quotes import ParcelQuote, Quote
from marketplace.customer.models import SavedAddress
from marketplace.order.forms import InvoiceForm
from marketplace.order.models import Parcel

Method = Parcel.PaymentMethod
_HINTS = {
    Method.CASH_ON_DELIVERY: gettext_lazy("You pay when the parcel is handed over."),
    Method.TRANSFER: gettext_lazy("After ordering you see a QR code and the account. The goods are held for 24 hours."),
    Method.CARD: gettext_lazy("On the next page, for the whole order. The goods are held for 30 minutes."),
}


@dataclass
class Shown:
    """The page as it stands between two posts. `problem` is why nothing was placed."""

    form: CheckoutForm
    posted: Posted
    invoice: InvoiceForm = field(default_factory=InvoiceForm)
    problem: str = ""
    code: str = ""
    voucher_problem: str = ""


def context_of(quote: Quote, shown: Shown, addresses: Sequence[SavedAddress]) -> dict[str, Any]:
    form, invoice = shown.form, shown.invoice
    changed = [line for parcel in quote.parcels for line in parcel.goods.lines if line.is_changed]
    return {
        "form": form,
        "invoice": invoice,
        "mistakes": [mistake for each in (form, invoice) for mistake in _mistakes(each)],
        "is_invoice_open": any(invoice[name].value() for name in invoice.fields),
        "addresses": addresses,
        "quote": quote,
        "boxes": [_box(quote, parcel, shown) for parcel in quote.parcels],
        "changed": changed,
        "problem": shown.problem,
        "code": shown.code,
        "token": form["token"].value(),
        "chosen": form.unit.pk if form.unit else None,
        "candidates": form.candidates,
        "vouchers": quote.reductions.vouchers,
        "voucher_problem": shown.voucher_problem,
        "voucher_code": shown.posted.voucher_code,
        "card": _method(Method.CARD, is_chosen=quote.payment.is_by_card),
        "is_card_offered": quote.payment.is_card_offered,
        "can_pay_each": all(payment.offered for payment in quote.payment.parcels.values()),
        "is_estimate": any(parcel.chosen and parcel.chosen.is_estimate for parcel in quote.parcels),
        "can_order": quote.is_placeable and not changed,
        "obstacle": _obstacle(quote, is_changed=bool(changed)),
    }


def _mistakes(form: CheckoutForm | InvoiceForm) -> list[dict[str, Any]]:
    return [{"id": field.id_for_label, "label": field.label, "text": error} for field in form for error in field.errors]


def _box(quote: Quote, parcel: ParcelQuote, shown: Shown) -> dict[str, Any]:
    cooperative = parcel.goods.cooperative
    return {
        "cooperative_name": cooperative.short_name,
        "pk": cooperative.pk,
        "lines": [
            {"line": line, "discount": parcel.reduction_of(index).total, "total": line.total}
            for index, line in enumerate(parcel.goods.lines)
        ],
        "choices": parcel.choices,
        "chosen": parcel.chosen,
        "problems": parcel.problems,
        "discount": parcel.discount,
        "total": parcel.total,
        "note": shown.posted.choices.notes.get(cooperative.pk, ""),
        **_payment(cooperative.pk, quote.payment.parcels[cooperative.pk]),
    }


def _obstacle(quote: Quote, *, is_changed: bool) -> str:
    """Why there is no button to order with; the details stand where they belong."""
    if is_changed:
        return _("Something changed since you chose it: look above.")
    if not quote.is_placeable:
        return _("Some goods cannot be had as they stand.")
    return ""


def _payment(cooperative_id: int, payment: ParcelPayment) -> dict[str, Any]:
    return {
        "payment_name": f"payment-{cooperative_id}",
        "methods": [_method(Method(value), is_chosen=value == payment.chosen) for value in payment.offered],
        "cash_problem": payment.cash_problem,
        "payment_problem": payment.problem,
    }


def _method(method: Parcel.PaymentMethod, *, is_chosen: bool) -> dict[str, Any]:
    return {"value": method.value, "label": method.label, "hint": _HINTS[method], "is_chosen": is_chosen}
