"""How far communes are from a place: the one distance that every engine sorts and narrows by."""

from datetime import date
from math import asin, ceil, cos, floor, radians, sin, sqrt

from cooperatives.places.models import AdministrativeUnit
from marketplace.common.prepared import Prepared

EARTH_KM = 6371.0088
# Of one degree of latitude.
_DEGREE_KM = 111.19


def whole_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> int:
    """The great-circle distance by haversine, rounded to whole kilometres."""
    first, second = radians(latitude), radians(other_latitude)
    across, along = sin((second - first) / 2), sin(radians(other_longitude - longitude) / 2)
    return round(2 * EARTH_KM * asin(sqrt(min(1.0, across**2 + cos(first) * cos(second) * along**2))))


def distances(latitude: float, longitude: float, *, km: int, on: date) -> dict[int, int]:
    """Kilometres from the place to the middle of each commune of the day within reach, by its key. One query."""
    north = km / _DEGREE_KM + 0.01
    # A box in whole degrees around the circle; no place of ours is near a pole.
    east = north / cos(radians(min(abs(latitude) + north, 80)))
    rows = _communes(
        on,
        floor(latitude - north),
        ceil(latitude + north),
        floor(longitude - east),
        ceil(longitude + east),
    )
    reached = ((pk, whole_km(latitude, longitude, *middle)) for pk, *middle in rows)
    return {pk: away for pk, away in reached if away <= km}


_communes = Prepared(
    lambda on, south, north, west, east: (
        AdministrativeUnit.objects.in_force(on)
        .filter(
            level=AdministrativeUnit.Level.COMMUNE,
            latitude__gte=south,
            latitude__lte=north,
            longitude__gte=west,
            longitude__lte=east,
        )
        .order_by()
        .values_list("pk", "latitude", "longitude")
    )
)
