"""Changing who receives an order and where, until the first of its parcels is packed. Every change is kept.

`order.buyer_name` and `order.buyer_phone` stay: they say who placed the order, and the evidence of sales and refusals at
the door goes by them. What changes is whom the courier asks for.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.places.models import AdministrativeUnit
from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError
from marketplace.common.locks import locked
from marketplace.common.text import clean_text
from marketplace.order import emails_clerks
from marketplace.order.models import Order, OrderChange, OrderInvoice, Parcel, ShippingAddress
from marketplace.order.placing import InvoiceTo
from marketplace.order.states import CANCELLABLE, Status
from marketplace.outbox.services import enqueue_all
from marketplace.users.models import User

Field = OrderChange.Field


class AmendingError(DomainError):
    code = "amending"


class PackedAlreadyError(AmendingError):
    code = "packed_already"
    message = _("A parcel is packed already, so this can no longer be changed here. Call the cooperative.")


@dataclass(frozen=True)
class Recipient:
    """Who receives the order and where. `phone` is E.164; the commune's province is loaded."""

    name: str
    phone: str
    commune: AdministrativeUnit
    street: str
    directions: str = ""


def is_amendable(parcels: list[Parcel]) -> bool:
    """While something of the order is still to be packed, and nothing is."""
    open_parcels = [parcel for parcel in parcels if parcel.status != Status.CANCELLED]
    return bool(open_parcels) and all(parcel.status in CANCELLABLE for parcel in open_parcels)


@transaction.atomic
def change_recipient(*, order: Order, recipient: Recipient, by: User | None, now: datetime) -> list[OrderChange]:
    """What was changed, field by field; nothing when all is as it was. The cooperatives are told.

    Whether the parcels may go to another commune for the same charge is the caller's to know. Raises
    PackedAlreadyError; then nothing is changed.
    """
    order = locked(Order.objects.filter(pk=order.pk))[0]
    parcels = locked(Parcel.objects.filter(order_id=order.pk))
    if not is_amendable(parcels):
        raise PackedAlreadyError
    address = ShippingAddress.objects.select_related("commune").get(order=order)
    changes = [
        OrderChange(order=order, field=field, was=was[:300], became=became[:300], changed_at=now, changed_by=by)
        for field, was, became in _differences(address, recipient)
        if was != became
    ]
    if not changes:
        return []
    _write(address, recipient)
    OrderChange.objects.bulk_create(changes)
    enqueue_all(emails_clerks.recipient_changed(_open_parcels(order), address, changes, local_day(now)), now=now)
    return changes


@transaction.atomic
def change_invoice(*, order: Order, invoice: InvoiceTo | None, by: User | None, now: datetime) -> None:
    """To whom the invoices are made out from now on; None for nobody. The cooperatives are told.

    Raises PackedAlreadyError; then nothing is changed.
    """
    order = locked(Order.objects.filter(pk=order.pk))[0]
    if not is_amendable(locked(Parcel.objects.filter(order_id=order.pk))):
        raise PackedAlreadyError
    was = OrderInvoice.objects.filter(order=order).first()
    if _invoice_of(was) == invoice:
        return
    if invoice is None:
        OrderInvoice.objects.filter(order=order).delete()
    else:
        OrderInvoice.objects.update_or_create(order=order, defaults=asdict(invoice))
    # Its tax code is encrypted where it stands, and is not kept in the clear here.
    change = OrderChange.objects.create(
        order=order,
        field=Field.INVOICE,
        was=was.name if was else "",
        became=invoice.name if invoice else "",
        changed_at=now,
        changed_by=by,
    )
    enqueue_all(emails_clerks.invoice_changed(_open_parcels(order), change, local_day(now)), now=now)


def _invoice_of(row: OrderInvoice | None) -> InvoiceTo | None:
    return InvoiceTo(row.name, row.tax_code, row.address, row.email) if row else None


def _open_parcels(order: Order) -> list[Parcel]:
    parcels = Parcel.objects.filter(order_id=order.pk).exclude(status=Status.CANCELLED)
    return list(parcels.select_related("cooperative").order_by("pk"))


def _differences(address: ShippingAddress, recipient: Recipient) -> list[tuple[str, str, str]]:
    return [
        (Field.NAME, address.first_name, clean_text(recipient.name)),
        (Field.PHONE, str(address.phone_number or ""), recipient.phone),
        (Field.COMMUNE, place_of(address), _place(recipient.commune)),
        (Field.STREET, address.line1, clean_text(recipient.street)),
        (Field.DIRECTIONS, address.notes, clean_text(recipient.directions)),
    ]


def place_of(address: ShippingAddress) -> str:
    """Commune and province as they stand on the address."""
    return ", ".join(part for part in (address.line2, address.line4) if part)


def _place(commune: AdministrativeUnit) -> str:
    return ", ".join([commune.name, *([commune.province.name] if commune.province else [])])


def _write(address: ShippingAddress, recipient: Recipient) -> None:
    address.first_name = clean_text(recipient.name)
    address.phone_number = recipient.phone
    address.commune = recipient.commune
    address.line1 = clean_text(recipient.street)
    address.line2 = recipient.commune.name
    address.line4 = recipient.commune.province.name if recipient.commune.province else ""
    address.notes = clean_text(recipient.directions)
    address.save()
