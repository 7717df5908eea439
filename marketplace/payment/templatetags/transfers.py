"""What an order's page shows of paying its parcels by transfer."""

from typing import Any

from django import template

from marketplace.order.models import Order, Parcel
from marketplace.payment.transfer_page import transfer_blocks

register = template.Library()


@register.inclusion_tag("payment/transfers.html")
def pay_by_transfer(order: Order) -> dict[str, Any]:
    """A VietQR code for each parcel that waits for a transfer. The order's parcels and their cooperatives are loaded."""
    return {"blocks": list(transfer_blocks(order.parcels.all()).values())}


@register.inclusion_tag("payment/transfers.html")
def pay_parcel_by_transfer(parcel: Parcel) -> dict[str, Any]:
    """The same for one parcel."""
    return {"blocks": list(transfer_blocks([parcel]).values())}
