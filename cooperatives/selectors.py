"""What holds of a cooperative on a day."""

from datetime import date

from cooperatives.models import Cooperative
from cooperatives.places.models import AdministrativeUnit
from cooperatives.places.selectors import translation_map


def is_active(*, cooperative: Cooperative, on: date) -> bool:
    return cooperative.activities.in_force(on).exists()


def communes_served(*, cooperative: Cooperative, on: date) -> list[AdministrativeUnit]:
    """The units of the day that its home and operating rows in force have become, in order of code.

    Three queries, and two more for each reform between the rows and the day. What cannot be placed is left out.
    """
    rows = cooperative.communes.in_force(on).order_by().values_list("unit", flat=True)
    placed = translation_map(unit_ids=set(rows), on=on)
    return list(AdministrativeUnit.objects.filter(pk__in=[pk for pk in placed.values() if pk]).order_by("code"))
