"""Writes the demo's orders as rows: orders, addresses, parcels, lines, changes, payments and the stock they hold."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.sites.models import Site
from oscar.apps.address.models import Country

from cooperatives.places.models import AdministrativeUnit
from marketplace.common.dates import local_day
from marketplace.demo.delivery import BY_POST, POST, post_zone
from marketplace.demo.listings import Offer, offers, origin_on
from marketplace.demo.orders import Item, Package, Purchase, insiders, purchases, stock_of
from marketplace.demo.parcels import Status
from marketplace.demo.world import World
from marketplace.order.models import Line, Order, Parcel, ParcelEvent, ShippingAddress
from marketplace.order.setup import COUNTRY
from marketplace.order.states import HOLDS_STOCK, CancelReason, order_status
from marketplace.payment.facts import CASH
from marketplace.payment.models import PaymentFact
from marketplace.shipping.weights import line_grams

# Where buyers live: provinces of today by code, the province itself most of all.
_PROVINCES = ("04", "04", "01", "01", "01", "19", "20", "31", "48", "79", "79")


def load_orders(world: World) -> int:
    """Write the orders; return how many."""
    made = purchases(world) + insiders(world)
    made.sort(key=lambda purchase: purchase.placed_at)
    addresses = _addresses(world, made)
    ShippingAddress.objects.bulk_create(addresses)
    site = Site.objects.get_current()
    rows = [_order(world, p, address, site) for p, address in zip(made, addresses, strict=True)]
    Order.objects.bulk_create(rows)
    pairs = [
        (order, purchase, package) for order, purchase in zip(rows, made, strict=True) for package in purchase.packages
    ]
    parcels = [_parcel(world, order, package) for order, _, package in pairs]
    Parcel.objects.bulk_create(parcels)
    ParcelEvent.objects.bulk_create(
        event
        for parcel, (_, _, package) in zip(parcels, pairs, strict=True)
        for event in _events(world, parcel, package)
    )
    PaymentFact.objects.bulk_create(
        _payment(world, parcel, package, parcel.paid_at)
        for parcel, (_, _, package) in zip(parcels, pairs, strict=True)
        if parcel.paid_at
    )
    _load_lines(world, parcels, pairs)
    return len(made)


def _addresses(world: World, made: list[Purchase]) -> list[ShippingAddress]:
    country = Country(iso_3166_1_a2=COUNTRY, printable_name="Việt Nam")
    homes = {
        code: list(
            AdministrativeUnit.objects.in_force(world.today)
            .filter(level=AdministrativeUnit.Level.COMMUNE, province__code=code)
            .select_related("province")
            .order_by("code")[:60]
        )
        for code in set(_PROVINCES)
    }
    known = [code for code in _PROVINCES if homes[code]]
    found = []
    for purchase in made:
        buyer = purchase.buyer
        communes = homes[known[buyer.home % len(known)]]
        commune = communes[buyer.home // 11 % len(communes)]
        found.append(
            ShippingAddress(
                first_name=buyer.name,
                line1=buyer.address,
                line2=commune.name,
                line4=commune.province.name if commune.province else "",
                country=country,
                phone_number=buyer.phone,
                commune=commune,
            )
        )
    return found


def _order(world: World, purchase: Purchase, address: ShippingAddress, site: Site) -> Order:
    goods = sum(item.amount for package in purchase.packages for item in package.items)
    shipping = sum(_charge(package, address) for package in purchase.packages)
    return Order(
        number=purchase.number,
        site=site,
        currency="VND",
        total_incl_tax=goods + shipping,
        total_excl_tax=goods + shipping,
        shipping_incl_tax=shipping,
        shipping_excl_tax=shipping,
        shipping_address=address,
        status=order_status([package.course.status for package in purchase.packages]),
        guest_email=purchase.buyer.email,
        date_placed=purchase.placed_at,
        placing_token=UUID(int=world.rng(f"token/{purchase.number}").getrandbits(128), version=4),
        buyer_name=purchase.buyer.name,
        buyer_phone=purchase.buyer.phone,
    )


def _charge(package: Package, address: ShippingAddress | None) -> int:
    """By the post, for what the package weighs and is worth."""
    weight = sum(line_grams(item.product, item.steps) for item in package.items)
    goods = sum(item.amount for item in package.items)
    charge = post_zone(address).tariff.charge(weight_g=weight, goods_total=goods)
    if charge is None:
        raise ValueError(package.number)
    return charge


def _parcel(world: World, order: Order, package: Package) -> Parcel:
    goods = sum(item.amount for item in package.items)
    address = order.shipping_address
    charge, post = _charge(package, address), post_zone(address)
    day = local_day(order.date_placed)
    is_sent = any(change.to_status == Status.SHIPPED for change in package.course.changes)
    delivered = package.course.delivered_at
    return Parcel(
        number=package.number,
        order=order,
        cooperative=world.cooperatives[package.cooperative],
        status=package.course.status,
        payment_method=Parcel.PaymentMethod.CASH_ON_DELIVERY,
        payment_status=Parcel.PaymentStatus.PAID if delivered else Parcel.PaymentStatus.UNPAID,
        amount_received=goods + charge if delivered else 0,
        goods_total=goods,
        delivery_kind=Parcel.DeliveryKind.CARRIER,
        delivery_name=BY_POST,
        expected_from=day + timedelta(days=post.days_min),
        expected_until=day + timedelta(days=post.days_max),
        carrier=POST if is_sent else "",
        tracking_number=f"EM{package.number.upper()}VN" if is_sent else "",
        delivery_charge=charge,
        total=goods + charge,
        placed_at=order.date_placed,
        delivered_at=delivered,
        paid_at=delivered,
    )


def _events(world: World, parcel: Parcel, package: Package) -> Iterator[ParcelEvent]:
    before = ""
    for change in package.course.changes:
        by_buyer = change.to_status == Status.PLACED or change.reason == CancelReason.BUYER
        yield ParcelEvent(
            parcel=parcel,
            from_status=before,
            to_status=change.to_status,
            occurred_at=change.at,
            by=None if by_buyer else world.clerks[package.cooperative],
            reason=change.reason,
        )
        before = change.to_status


def _payment(world: World, parcel: Parcel, package: Package, paid_at: datetime) -> PaymentFact:
    return PaymentFact(
        provider=CASH,
        reference=parcel.number,
        kind=PaymentFact.Kind.RECEIVED,
        parcel=parcel,
        amount=parcel.total,
        occurred_at=paid_at,
        recorded_at=paid_at,
        recorded_by=world.clerks[package.cooperative],
    )


def _load_lines(world: World, parcels: list[Parcel], pairs: list[tuple[Order, Purchase, Package]]) -> None:
    stock = stock_of(world)
    by_title = {offer.row.title: offer for offer in offers()}
    held: Counter[int] = Counter()
    lines = []
    for parcel, (order, _, package) in zip(parcels, pairs, strict=True):
        for item in package.items:
            holds = package.course.status in HOLDS_STOCK
            if holds:
                held[item.product.pk] += item.steps
            line = _line(world, order, parcel, item, by_title[item.product.title])
            line.stockrecord = stock[item.product.pk]
            line.num_allocated = item.steps if holds else 0
            line.allocation_cancelled = package.course.status == Status.CANCELLED
            lines.append(line)
    Line.objects.bulk_create(lines)
    for product, steps in held.items():
        record = stock[product]
        record.num_allocated = steps
        record.num_in_stock = (record.num_in_stock or 0) + steps
    for record in stock.values():
        record.save(update_fields=["num_allocated", "num_in_stock"])


def _line(world: World, order: Order, parcel: Parcel, item: Item, offer: Offer) -> Line:
    product = item.product
    partner = world.partners[offer.cooperative]
    return Line(
        order=order,
        parcel=parcel,
        partner=partner,
        partner_name=partner.name,
        partner_sku=str(product.pk),
        product=product,
        title=product.title,
        quantity=item.steps,
        line_price_incl_tax=item.amount,
        line_price_excl_tax=item.amount,
        line_price_before_discounts_incl_tax=item.amount,
        line_price_before_discounts_excl_tax=item.amount,
        unit_price_incl_tax=item.step_price,
        unit_price_excl_tax=item.step_price,
        sale_unit=product.sale_unit,
        step=product.step,
        price_per_unit=product.price_per_unit,
        commodity=product.commodity,
        origin_unit=origin_on(world, offer, order.date_placed.date()),
    )
