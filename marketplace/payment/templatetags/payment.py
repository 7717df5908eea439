"""What an order's page shows of paying it."""

from typing import Any

from django import template
from django.utils import timezone

from marketplace.order.models import Order
from marketplace.payment.card import card_is_offered, is_payable_by_card

register = template.Library()


@register.inclusion_tag("payment/pay_by_card.html")
def pay_by_card(order: Order) -> dict[str, Any]:
    """The button "Pay now", while goods are held for a payment by card. The order's parcels are loaded."""
    now = timezone.now()
    held = [parcel for parcel in order.parcels.all() if is_payable_by_card(parcel, now)] if card_is_offered() else []
    return {
        "order": order,
        "amount": sum(int(parcel.total) for parcel in held),
        "held_until": min((parcel.hold_expires_at for parcel in held if parcel.hold_expires_at), default=None),
    }
