"""Cooperatives by name, beside the listings that catalog finds and the communes that cooperatives.places finds."""

from collections.abc import Sequence
from datetime import date

from cooperatives.models import Cooperative
from marketplace.common.text import fold
from marketplace.common.validity import in_force_q


def cooperatives_named(words: Sequence[str], *, on: date, count: int) -> list[Cooperative]:
    """Cooperatives active on the day whose name has every word, marks aside. One statement.

    A province has some hundreds of cooperatives: their names are folded here, since no engine folds đ.
    """
    active = Cooperative.objects.filter(in_force_q(on, "activities__")).distinct().order_by("short_name")
    found = [
        cooperative
        for cooperative in active.only("name", "short_name", "slug")
        if all(word in fold(f"{cooperative.name} {cooperative.short_name}") for word in words)
    ]
    return found[:count]
