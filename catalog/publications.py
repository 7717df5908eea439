"""When a listing is public: while its state is published and its cooperative is active.

Each such interval, with one commodity and one origin, is a ListingPublication; what it proves is told to the evidence
of linkages in the same transaction.
"""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from catalog.evidence import record_closed, record_opened
from catalog.models import ListingPublication, Product
from cooperatives.commodities.models import Commodity
from cooperatives.models import Cooperative
from cooperatives.places.models import AdministrativeUnit
from cooperatives.selectors import is_active
from marketplace.common.errors import DomainError
from marketplace.common.locks import locked


class ListingError(DomainError):
    code = "listing"


class OriginMissingError(ListingError):
    code = "origin_missing"
    message = _("Choose the commune that the goods come from before putting the listing on sale.")


class CommodityMissingError(ListingError):
    code = "commodity_missing"
    message = _("Choose the farm product before putting the listing on sale.")


class CooperativeNotActiveError(ListingError):
    code = "cooperative_not_active"
    message = _("%(cooperative)s is not active on %(day)s.")


def begin_publication(listing: Product, now: datetime) -> None:
    """Makes a locked listing public, with the state that it has. Raises what `require_publishable` does."""
    listing.is_public = True
    listing.published_at = listing.published_at or now
    listing.save(update_fields=["state", "is_public", "published_at", "date_updated"])
    begin_interval(listing, now)


def end_publication(listing: Product, now: datetime) -> None:
    """Hides a locked listing, with the state that it has."""
    listing.is_public = False
    listing.save(update_fields=["state", "is_public", "date_updated"])
    end_interval(listing, now)


def begin_interval(listing: Product, now: datetime) -> None:
    """Opens an interval with the listing's commodity and origin, and its evidence."""
    commodity, unit = require_publishable(listing)
    record_opened(ListingPublication.objects.create(product=listing, commodity=commodity, unit=unit, public_from=now))


def end_interval(listing: Product, now: datetime) -> None:
    """Closes the open interval, if there is one, and its evidence."""
    for publication in ListingPublication.objects.select_related("product").filter(product=listing, public_to=None):
        publication.public_to = now
        publication.save(update_fields=["public_to"])
        record_closed(publication)


def require_publishable(listing: Product) -> tuple[Commodity, AdministrativeUnit]:
    """What is sold and where it comes from. Raises CommodityMissingError or OriginMissingError."""
    if listing.commodity is None:
        raise CommodityMissingError
    if listing.origin_unit is None or listing.commune is None:
        raise OriginMissingError
    return listing.commodity, listing.origin_unit


def require_active(cooperative: Cooperative | None, today: date) -> None:
    """Raises CooperativeNotActiveError."""
    if cooperative is None or not is_active(cooperative=cooperative, on=today):
        raise CooperativeNotActiveError(cooperative=cooperative or "—", day=f"{today:%d/%m/%Y}")


def locked_listing(listing: Product) -> Product:
    """The listing as it now is, locked until the transaction ends."""
    return locked(Product.objects.filter(pk=listing.pk))[0]
