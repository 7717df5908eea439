"""The one number that orders listings whose words fit equally well. Its parts are published; nobody can pay for any."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

IN_STOCK = 400
IN_SEASON = 200
# For the first parcel delivered in the last RECENT_DAYS days, and for each doubling of their number after it.
SOLD = 40
SOLD_AT_MOST = 200
HAS_PHOTO = 80
HAS_DESCRIPTION = 60
HAS_CERTIFICATE = 60

RECENT_DAYS = 30
# Characters, without the tags.
DESCRIPTION_LENGTH = 80

# What the help page says, in points of 1000.
PARTS = (
    (IN_STOCK, _("The goods are in stock")),
    (IN_SEASON, _("The goods are in season this month, or have no season")),
    (
        SOLD_AT_MOST,
        _("Parcels delivered in the last 30 days: 40 for the first, 40 more each time their number doubles"),
    ),
    (HAS_PHOTO, _("The listing has a photo")),
    (HAS_DESCRIPTION, _("The listing has a description of at least 80 characters")),
    (HAS_CERTIFICATE, _("A certificate or OCOP stars cover the goods")),
)


@dataclass(frozen=True, slots=True)
class Merits:
    """What counts of a listing today."""

    is_in_stock: bool
    is_in_season: bool
    parcels_delivered: int
    has_photo: bool
    description_length: int
    has_certificate: bool


def quality(merits: Merits) -> int:
    """From 0 to 1000."""
    return (
        IN_STOCK * merits.is_in_stock
        + IN_SEASON * merits.is_in_season
        + min(SOLD * merits.parcels_delivered.bit_length(), SOLD_AT_MOST)
        + HAS_PHOTO * merits.has_photo
        + HAS_DESCRIPTION * (merits.description_length >= DESCRIPTION_LENGTH)
        + HAS_CERTIFICATE * merits.has_certificate
    )
