"""An order's rows, locked in the order that marketplace.common.locks lays down."""

from marketplace.common.locks import locked
from marketplace.order.models import Order, Parcel


def lock_order_of(parcel: Parcel) -> tuple[Order, Parcel, list[Parcel]]:
    """The order, the parcel as it now is, and all parcels of the order (the parcel among them). Two queries.

    Raises Parcel.DoesNotExist when the parcel is gone.
    """
    orders = locked(Order.objects.filter(pk=parcel.order_id))
    parcels = locked(Parcel.objects.filter(order_id=parcel.order_id))
    for current in parcels:
        if current.pk == parcel.pk:
            current.order = orders[0]
            return orders[0], current, parcels
    raise Parcel.DoesNotExist
