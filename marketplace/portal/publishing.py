"""Putting goods on sale, once it is known that they can reach a buyer. The catalogue knows nothing of delivery."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from catalog import services
from catalog.models import Product
from catalog.publications import ListingError
from marketplace.shipping.selectors import has_delivery
from marketplace.users.models import User


class NoWayOfDeliveryError(ListingError):
    code = "no_way_of_delivery"
    message = _(
        "This cannot be put on sale: the cooperative offers no way of delivery yet. Enter one under “How we deliver”."
    )


def put_on_sale(*, listing: Product, by: User, now: datetime) -> Product:
    """Raises NoWayOfDeliveryError, and what `catalog.services.publish_listing` raises."""
    if listing.cooperative_id is None or not has_delivery(listing.cooperative_id):
        raise NoWayOfDeliveryError
    return services.publish_listing(listing=listing, by=by, now=now)
