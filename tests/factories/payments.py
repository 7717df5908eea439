"""Orders that are paid in advance, written as the checkout writes them."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from catalog.models import Product
from marketplace.basket.models import Basket
from marketplace.order.evidence import record_buyer
from marketplace.order.models import Order, Parcel
from marketplace.order.placing import Address, Buyer, LineDraft, ParcelDraft, write_order
from marketplace.payment.attempts import open_attempts
from marketplace.payment.models import PaymentAttempt
from tests.factories.listings import ListingFactory
from tests.factories.orders import BUYER, destination

CARD, TRANSFER = Parcel.PaymentMethod.CARD, Parcel.PaymentMethod.TRANSFER
# Of 1 kg of a listing of the factory, with its delivery.
PARCEL_TOTAL = 150_000


def prepaid_order(
    *listings: Product, now: datetime, method: str = CARD, buyer: Buyer = BUYER, steps: int = 2, **changes: Any
) -> Order:
    """A parcel of `steps` steps of each listing, each of another cooperative; one new listing by default."""
    drafts = [
        ParcelDraft(
            cooperative=listing.cooperative,
            lines=[_line(listing, steps)],
            delivery_name="Giao tận nhà",
            delivery_charge=30_000,
            payment_method=method,
        )
        for listing in listings or (ListingFactory(),)
    ]
    address = changes.pop("address", None) or Address(commune=destination(), street="12 phố Xuân Trường")
    with transaction.atomic():
        order, parcels = write_order(
            token=uuid4(), basket_id=Basket.objects.create().pk, buyer=buyer, address=address, parcels=drafts, now=now
        )
        open_attempts(order=order, parcels=parcels, now=now)
        record_buyer(order)
    return order


def attempt_of(order: Order) -> PaymentAttempt:
    """The latest one."""
    return PaymentAttempt.objects.filter(order=order).select_related("order__user").latest("pk")


def _line(listing: Product, steps: int) -> LineDraft:
    record = listing.stockrecords.get()
    return LineDraft(
        listing=listing,
        stockrecord_id=record.pk,
        partner_id=record.partner_id,
        steps=steps,
        step_price=int(record.price),
    )
