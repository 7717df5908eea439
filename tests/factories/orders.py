"""Baskets and orders, made by the services that make them in the shop."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import factory

from catalog.models import Product
from cooperatives.places.models import AdministrativeUnit
from marketplace.basket.models import Basket
from marketplace.basket.services import add_to_basket
from marketplace.checkout.payments import PaymentWish
from marketplace.checkout.quotes import quote_basket
from marketplace.checkout.services import Choices, place_order
from marketplace.common.dates import local_day
from marketplace.order import services
from marketplace.order.models import Order, Parcel
from marketplace.order.placing import Address, Buyer
from marketplace.payment.services import deliver_with_cash
from tests.factories.listings import ListingFactory
from tests.factories.places import CommuneFactory, ProvinceFactory

PLACED_AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
BUYER = Buyer(name="Nguyễn Thị Lan", phone="+84912345678", email="lan@example.com")

Goods = tuple[Product, Decimal | str | int]


def basket_with(*goods: Goods, owner: Any = None, now: datetime = PLACED_AT) -> Basket:
    """An open basket that holds so many units of each listing."""
    basket = Basket(owner=owner)
    for listing, units in goods:
        add_to_basket(basket=basket, listing=listing, quantity=Decimal(units), on=local_day(now))
    return basket


def destination() -> AdministrativeUnit:
    """A commune of today."""
    return CommuneFactory(is_new=True, parent=ProvinceFactory())


def place(
    basket: Basket,
    *,
    now: datetime = PLACED_AT,
    buyer: Buyer = BUYER,
    deliveries: Mapping[int, str] | None = None,
    notes: Mapping[int, str] | None = None,
    payment: PaymentWish | str = "",
    **changes: Any,
) -> Order:
    """The order of the basket; `payment` is one method for all or a wish; `changes` are arguments of place_order."""
    wish = PaymentWish(payment) if isinstance(payment, str) else payment
    choices = Choices(deliveries=deliveries or {}, payment=wish, notes=notes or {})
    arguments: dict[str, Any] = {
        "basket_id": basket.pk,
        "token": uuid4(),
        "buyer": buyer,
        "choices": choices,
        "now": now,
        **changes,
    }
    if "address" not in arguments:
        arguments["address"] = Address(commune=destination(), street="12 phố Xuân Trường")
    if "seen_total" not in arguments:
        quote = quote_basket(
            basket_id=basket.pk,
            owner=buyer.user,
            deliveries=choices.deliveries,
            destination=arguments["address"].commune,
            now=now,
        )
        arguments["seen_total"] = quote.total
    return place_order(**arguments)


class OrderFactory(factory.Factory):
    """Placed by a guest: `goods` are pairs of a listing and units, 1 kg of a new listing by default."""

    class Meta:
        model = Order

    goods = factory.LazyFunction(lambda: [(ListingFactory(), 1)])
    now = PLACED_AT
    buyer = BUYER

    @classmethod
    def _create(cls, model_class: type[Order], *args: Any, goods: list[Goods], **kwargs: Any) -> Order:
        owner = kwargs["buyer"].user
        return place(basket_with(*goods, owner=owner, now=kwargs["now"]), **kwargs)


class ParcelFactory(factory.Factory):
    """The only parcel of an order of one listing; `status` is reached by the services, an hour for each change."""

    class Meta:
        model = Parcel

    listing = factory.SubFactory(ListingFactory)
    units = 1
    status = Parcel.Status.PLACED
    now = PLACED_AT
    buyer = BUYER
    note = ""

    @classmethod
    def _create(cls, model_class: type[Parcel], *args: Any, **kwargs: Any) -> Parcel:
        listing, status, note = kwargs.pop("listing"), kwargs.pop("status"), kwargs.pop("note")
        goods = [(listing, kwargs.pop("units"))]
        order = OrderFactory(goods=goods, notes={listing.cooperative_id: note}, **kwargs)
        return bring_to(order.parcels.get(), status, now=kwargs["now"])


HOUR = timedelta(hours=1)
_WAYS: Mapping[str, list[str]] = {
    "placed": [],
    "confirmed": ["confirm"],
    "packed": ["confirm", "pack"],
    "ready": ["confirm", "pack", "ready"],
    "shipped": ["confirm", "pack", "ship"],
    "delivered": ["confirm", "pack", "ship", "deliver"],
    "delivery_failed": ["confirm", "pack", "ship", "fail"],
    "returning": ["confirm", "pack", "ship", "fail", "start_return"],
    "returned": ["confirm", "pack", "ship", "fail", "start_return", "return"],
    "cancelled": ["cancel"],
}


def bring_to(parcel: Parcel, status: str, *, now: datetime = PLACED_AT) -> Parcel:
    """A placed parcel in the status; delivered means paid in cash too."""
    for number, act in enumerate(_WAYS[status], start=1):
        parcel = do(parcel, act, now=now + number * HOUR)
    return parcel


def do(parcel: Parcel, act: str, *, now: datetime) -> Parcel:
    match act:
        case "deliver":
            return deliver_with_cash(parcel=parcel, by=None, now=now)
        case "fail":
            return services.fail_delivery(parcel=parcel, by=None, now=now, reason="nobody_home")
        case "cancel":
            return services.cancel_parcel(parcel=parcel, by=None, now=now, reason="out_of_stock")
        case "return":
            return services.return_parcel(parcel=parcel, by=None, now=now, is_restocked=True)
        case "start_return":
            return services.start_return(parcel=parcel, by=None, now=now)
        case _:
            return getattr(services, f"{act}_parcel")(parcel=parcel, by=None, now=now)
