"""Orders as their buyers may see them."""

from typing import Any

from django.db.models import Q

from marketplace.common.prepared import Prepared
from marketplace.order.models import Line, Order, Parcel, ParcelEvent


def order_by_number(number: str) -> Order | None:
    """The order with its address, invoice data, parcels, their cooperatives, lines and events. Four queries; None if there is none."""
    for order in _order(number):
        parcels = _parcels(order.pk)
        lines, events = _lines(order.pk), _events(order.pk)
        for parcel in parcels:
            parcel.order = order
            _loaded(parcel, "lines", [line for line in lines if line.parcel_id == parcel.pk])
            _loaded(parcel, "events", [event for event in events if event.parcel_id == parcel.pk])
        _loaded(order, "parcels", parcels)
        return order
    return None


def order_of_phone(*, number: str, phone: str) -> Order | None:
    """The order of that number that was placed with that phone number (E.164), or is delivered to it now."""
    orders = Order.objects.select_related("user", "shipping_address").filter(number=number)
    return orders.filter(Q(buyer_phone=phone) | Q(shipping_address__phone_number=phone)).first()


def _loaded(owner: Order | Parcel, name: str, rows: list[Any]) -> None:
    """As prefetch_related leaves them: `owner.<name>.all()` asks the database no more."""
    queryset = getattr(owner, name).get_queryset()
    queryset._result_cache, queryset._prefetch_done = rows, True  # noqa: SLF001 - what Django's own prefetch sets
    vars(owner).setdefault("_prefetched_objects_cache", {})[name] = queryset


_order = Prepared(
    lambda number: Order.objects.select_related("shipping_address", "invoice").filter(number=number).order_by()
)
_parcels = Prepared(lambda order: Parcel.objects.select_related("cooperative").filter(order_id=order).order_by("pk"))
_lines = Prepared(
    lambda order: (
        Line.objects.select_related("product").defer("product__description").filter(order_id=order).order_by("pk")
    )
)
_events = Prepared(lambda order: ParcelEvent.objects.filter(parcel__order_id=order).order_by("occurred_at", "pk"))
