"""Quantities of goods: people read and type units ("1,5 kg"); baskets and stock count whole steps.

A listing is sold by a unit in steps. Oscar's integer quantity counts steps and Oscar's price is the price of a step.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SaleUnit(models.TextChoices):
    """Units that goods are sold by. The label is printed after the number: "1,5 kg"."""

    KILOGRAM = "kg", _("kg")
    GRAM = "g", _("g")
    TONNE = "tonne", _("tonne")
    LITRE = "litre", _("litre")
    MILLILITRE = "ml", _("ml")
    PIECE = "piece", _("piece")
    FRUIT = "fruit", _("fruit")
    BOX = "box", _("box")
    BUNDLE = "bundle", _("bundle")
    PACK = "pack", _("pack")
    BAG = "bag", _("bag")
    BOTTLE = "bottle", _("bottle")
    JAR = "jar", _("jar")
    ANIMAL = "animal", _("animal")
    TREE = "tree", _("tree")

    @property
    def is_divisible(self) -> bool:
        """Whether half of the unit can be sold."""
        return self in _DIVISIBLE


_DIVISIBLE = frozenset(
    {
        SaleUnit.KILOGRAM,
        SaleUnit.GRAM,
        SaleUnit.TONNE,
        SaleUnit.LITRE,
        SaleUnit.MILLILITRE,
    }
)
