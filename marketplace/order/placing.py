"""Writing an order down: one order, a parcel for each cooperative, their lines, the stock they hold, the messages.

Oscar's OrderCreator is not used. It writes a line's models one by one (six statements a line), reads vouchers and the
number of the order before it writes, allocates stock without a guard, and knows neither parcels nor tokens. Oscar's
models are: its dashboard shows these orders.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from django.conf import settings
from oscar.apps.address.models import Country

from catalog.models import Product
from cooperatives.models import Cooperative
from cooperatives.partner import services as stock
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.dates import local_day
from marketplace.common.identifiers import new_identifier
from marketplace.common.writing import insert_all
from marketplace.order import emails, emails_clerks
from marketplace.order.models import (
    Line,
    Order,
    OrderInvoice,
    Parcel,
    ParcelEvent,
    ShippingAddress,
)
from marketplace.order.setup import COUNTRY
from marketplace.order.states import HOLDS, OrderStatus
from marketplace.outbox.services import enqueue_all
from marketplace.users.models import User

# 45 bits of chance and a check character.
NUMBER_LENGTH = 10
CURRENCY = "VND"
# Tax is in the price, so Oscar's prices with and without it are one.
CHARGE_FIELDS = ("line_price_incl_tax", "line_price_excl_tax")
FULL_PRICE_FIELDS = ("line_price_before_discounts_incl_tax", "line_price_before_discounts_excl_tax")


@dataclass(frozen=True)
class Buyer:
    """Who orders. `phone` is E.164; `user` is None for a guest."""

    name: str
    phone: str
    email: str = ""
    user: User | None = None
    language: str = "vi"


@dataclass(frozen=True)
class Address:
    """Where to: a commune of today, with its province loaded, and the rest in words."""

    commune: AdministrativeUnit
    street: str
    directions: str = ""


@dataclass(frozen=True)
class InvoiceTo:
    """To whom the invoices are made out: a company by its tax code, a household by its holder's personal number."""

    name: str
    tax_code: str
    address: str
    email: str


@dataclass(frozen=True)
class LineDraft:
    """So many steps of a listing at a price for each, in đồng."""

    listing: Product
    stockrecord_id: int
    partner_id: int
    steps: int
    step_price: int
    # Percent, of the day on which the order is placed.
    fee_rate: Decimal = Decimal(0)
    # What is taken off the line, by who bears it.
    seller_discount: int = 0
    marketplace_discount: int = 0

    @property
    def full_price(self) -> int:
        return self.steps * self.step_price

    @property
    def total(self) -> int:
        """What is charged."""
        return self.full_price - self.seller_discount - self.marketplace_discount


@dataclass(frozen=True)
class ParcelDraft:
    cooperative: Cooperative
    lines: Sequence[LineDraft]
    delivery_name: str
    delivery_charge: int
    delivery_kind: str = field(default=Parcel.DeliveryKind.DELIVERY)
    pickup_note: str = ""
    expected_from: date | None = None
    expected_until: date | None = None
    note: str = ""
    payment_method: str = field(default=Parcel.PaymentMethod.CASH_ON_DELIVERY)

    @property
    def goods_total(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def total(self) -> int:
        return self.goods_total + self.delivery_charge


def write_order(
    *,
    token: UUID,
    basket_id: int,
    buyer: Buyer,
    address: Address,
    parcels: Sequence[ParcelDraft],
    now: datetime,
    rng: Random | None = None,
    invoice: InvoiceTo | None = None,
) -> tuple[Order, Sequence[Parcel]]:
    """The new order and its parcels; inside the caller's transaction, which has locked the basket, and which ends by
    `evidence.record_buyer`: on PostgreSQL one buyer is recorded at a time.

    Raises StockShortError when somebody else was quicker, and IntegrityError when the token or a number is taken.
    """
    order = _create_order(
        token=token, basket_id=basket_id, buyer=buyer, address=address, parcels=parcels, now=now, rng=rng
    )
    written = insert_all([_parcel(order, draft, now, rng) for draft in parcels])
    lines = insert_all(
        [_line(order, parcel, line) for parcel, draft in zip(written, parcels, strict=True) for line in draft.lines]
    )
    insert_all(
        [ParcelEvent(parcel=parcel, to_status=parcel.status, occurred_at=now, by=buyer.user) for parcel in written]
    )
    if invoice is not None:
        OrderInvoice.objects.create(order=order, **asdict(invoice))
    stock.allocate({line.stockrecord_id: line.steps for draft in parcels for line in draft.lines})
    enqueue_all(
        [*emails.placed(order, written, lines), *emails_clerks.notices(written, lines, order, local_day(now))], now=now
    )
    return order, written


def _create_order(
    *,
    token: UUID,
    basket_id: int,
    buyer: Buyer,
    address: Address,
    parcels: Sequence[ParcelDraft],
    now: datetime,
    rng: Random | None,
) -> Order:
    commune = address.commune
    destination = ShippingAddress(
        first_name=buyer.name,
        line1=address.street,
        line2=commune.name,
        line4=commune.province.name if commune.province else "",
        # An instance, so that Oscar does not read the country's name from the database.
        country=Country(iso_3166_1_a2=COUNTRY, printable_name="Việt Nam"),
        phone_number=buyer.phone,
        notes=address.directions,
        commune=commune,
    )
    # As the address's own save() does, for Oscar's dashboard.
    destination._update_search_text()  # noqa: SLF001
    insert_all([destination])
    total = sum(parcel.total for parcel in parcels)
    delivery = sum(parcel.delivery_charge for parcel in parcels)
    order = Order(
        number=new_identifier(NUMBER_LENGTH, rng),
        placing_token=token,
        site_id=settings.SITE_ID,
        basket_id=basket_id,
        user=buyer.user,
        guest_email=buyer.email,
        buyer_name=buyer.name,
        buyer_phone=buyer.phone,
        language=buyer.language,
        currency=CURRENCY,
        total_incl_tax=total,
        total_excl_tax=total,
        shipping_incl_tax=delivery,
        shipping_excl_tax=delivery,
        shipping_address=destination,
        status=OrderStatus.PLACED,
        date_placed=now,
    )
    insert_all([order])
    return order


def _parcel(order: Order, draft: ParcelDraft, now: datetime, rng: Random | None) -> Parcel:
    number = new_identifier(NUMBER_LENGTH, rng)
    hold = HOLDS.get(draft.payment_method) if draft.total else None
    is_transfer = draft.payment_method == Parcel.PaymentMethod.TRANSFER
    return Parcel(
        number=number,
        order=order,
        cooperative=draft.cooperative,
        payment_method=draft.payment_method,
        payment_status=Parcel.PaymentStatus.AWAITING if hold else Parcel.PaymentStatus.UNPAID,
        payment_reference=payment_reference(number) if is_transfer else None,
        hold_expires_at=now + hold if hold else None,
        goods_total=draft.goods_total,
        delivery_name=draft.delivery_name,
        delivery_charge=draft.delivery_charge,
        delivery_kind=draft.delivery_kind,
        pickup_note=draft.pickup_note,
        expected_from=draft.expected_from,
        expected_until=draft.expected_until,
        total=draft.total,
        note=draft.note,
        placed_at=now,
    )


def payment_reference(parcel_number: str) -> str:
    """What the transfer for a parcel names: letters and digits, 25 at most, as banks take them."""
    return f"CLK{parcel_number.upper()}"


def _line(order: Order, parcel: Parcel, draft: LineDraft) -> Line:
    listing = draft.listing
    prices: dict[str, Any] = {
        **dict.fromkeys(CHARGE_FIELDS, draft.total),
        **dict.fromkeys(FULL_PRICE_FIELDS, draft.full_price),
    }
    return Line(
        order=order,
        parcel=parcel,
        partner_id=draft.partner_id,
        partner_name=parcel.cooperative.short_name,
        partner_sku=str(listing.pk),
        stockrecord_id=draft.stockrecord_id,
        product=listing,
        title=listing.title,
        upc=listing.upc,
        quantity=draft.steps,
        unit_price_incl_tax=draft.step_price,
        unit_price_excl_tax=draft.step_price,
        num_allocated=draft.steps,
        sale_unit=listing.sale_unit,
        step=listing.step,
        price_per_unit=listing.price_per_unit,
        seller_discount=draft.seller_discount,
        marketplace_discount=draft.marketplace_discount,
        fee_rate=draft.fee_rate,
        is_weighed=listing.is_weighed,
        tolerance_percent=listing.tolerance_percent,
        commodity_id=listing.commodity_id,
        origin_unit_id=listing.origin_unit_id,
        **prices,
    )
