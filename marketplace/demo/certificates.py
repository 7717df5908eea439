"""Certificates and OCOP recognitions of the demo, all of them fictional and marked as such."""

from datetime import date, timedelta

from catalog.models import Product
from cooperatives.certificates.models import Certificate, OcopRecognition
from cooperatives.certificates.ocop import DISTRICTS_ENDED_ON, VALID_MONTHS
from marketplace.demo import source
from marketplace.demo.world import World

_NOTE = "Dữ liệu mẫu"
Issuer = OcopRecognition.Issuer


def load_certificates(world: World) -> None:
    """Make the recognitions, give them to their listings, and make the certificates; their ends lie around today."""
    listings = {listing.title: listing for listing in world.listings}
    recognised = []
    for row in source.recognitions():
        if listing := listings.get(row.listing):
            listing.recognition = _recognition(world, row, listing)
            recognised.append(listing)
    Product.objects.bulk_update(recognised, ["recognition"])
    Certificate.objects.bulk_create(
        _certificate(world, row, listings[row.listing]) for row in source.certificates() if row.listing in listings
    )


def _recognition(world: World, row: source.RecognitionRow, listing: Product) -> OcopRecognition:
    decided_on = _years_before(world.today + timedelta(days=row.days_left), VALID_MONTHS // 12)
    by_district = row.stars == 3 and decided_on < DISTRICTS_ENDED_ON
    recognition = OcopRecognition(
        cooperative=listing.cooperative,
        product_name=row.product,
        commodity=listing.commodity,
        stars=row.stars,
        score=row.score,
        group=row.group,
        decision_number=row.number,
        decided_on=decided_on,
        issuer=Issuer.DISTRICT if by_district else Issuer.PROVINCE,
        note=_NOTE,
    )
    recognition.save()
    return recognition


def _certificate(world: World, row: source.CertificateRow, listing: Product) -> Certificate:
    ends_on = world.today + timedelta(days=row.days_left)
    began_on = _years_before(ends_on, row.years)
    return Certificate(
        cooperative=listing.cooperative,
        scheme=row.scheme,
        number=row.number,
        issuer=row.issuer,
        commodity=world.commodities[row.scope] if row.scope else None,
        issued_on=began_on,
        valid_from=began_on,
        valid_to=ends_on,
        note=_NOTE,
    )


def _years_before(day: date, years: int) -> date:
    """The same day of that year; of a 29 February the 28th."""
    return day.replace(year=day.year - years, day=min(day.day, 28) if day.month == 2 else day.day)
