"""Orders as their buyers may see them."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from marketplace.order.models import Line, Order, Parcel, ParcelEvent
from marketplace.users.models import User


def orders_of(user: User) -> QuerySet[Order, Any]:
    """A person's own orders, the newest first, with parcels and their cooperatives. Three queries."""
    parcels = Parcel.objects.select_related("cooperative").order_by("pk")
    return (
        Order.objects.filter(user=user).prefetch_related(Prefetch("parcels", parcels)).order_by("-date_placed", "-pk")
    )


def order_by_number(number: str) -> Order | None:
    """The order with its address, parcels, their cooperatives, lines and events. Four queries; None if there is none."""
    parcels = (
        Parcel.objects.select_related("cooperative")
        .prefetch_related(
            Prefetch("lines", Line.objects.select_related("product").order_by("pk")),
            Prefetch("events", ParcelEvent.objects.order_by("occurred_at", "pk")),
        )
        .order_by("pk")
    )
    orders = Order.objects.select_related("shipping_address", "user").prefetch_related(Prefetch("parcels", parcels))
    return orders.filter(number=number).first()


def order_of_phone(*, number: str, phone: str) -> Order | None:
    """The order of that number that was placed with that phone number (E.164)."""
    return Order.objects.select_related("user").filter(number=number, buyer_phone=phone).first()
