"""Carriers that take bookings by their own interface. Without settings there is none, and every parcel goes by hand."""

from datetime import date

from django.conf import settings

from cooperatives.models import Cooperative, CooperativeCommune
from cooperatives.places.selectors import translation_map
from marketplace.shipping.carriers.base import Carrier, Ward
from marketplace.shipping.carriers.ghn import GhnCarrier
from marketplace.shipping.models import CarrierWard


def carriers() -> list[Carrier]:
    """Those that are switched on by the settings."""
    return [GhnCarrier()] if settings.GHN_TOKEN and settings.GHN_SHOP_ID else []


def carrier_by_slug(slug: str) -> Carrier | None:
    """None for one that is not switched on."""
    return next((carrier for carrier in carriers() if carrier.slug == slug), None)


def ward_of(carrier: Carrier, commune_id: int | None) -> Ward | None:
    """None where the carrier's numbers of the commune are not known. One query."""
    row = CarrierWard.objects.filter(carrier=carrier.slug, commune_id=commune_id).first()
    return Ward(row.district_id, row.ward_code) if row else None


def home_commune_of(cooperative: Cooperative, *, on: date) -> int | None:
    """The key of the unit of the day that its home commune is or has become."""
    home = cooperative.communes.in_force(on).filter(role=CooperativeCommune.Role.HOME).order_by("pk").first()
    return translation_map(unit_ids=[home.unit_id], on=on)[home.unit_id] if home else None
