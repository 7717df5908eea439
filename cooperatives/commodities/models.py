"""The tree of farm products that key products, linkage models and listings share."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from marketplace.common.quantities import SaleUnit

ALL_YEAR = 0b1111_1111_1111


def mask_of_months(months: Iterable[int]) -> int:
    """Twelve bits, January the lowest. Raises ValueError for a month outside 1-12."""
    mask = 0
    for month in months:
        if not 1 <= month <= 12:
            raise ValueError(month)
        mask |= 1 << (month - 1)
    return mask


class Commodity(MP_Node):
    """A farm product. "Of commodity x" means x or a descendant of x."""

    class Category(models.TextChoices):
        FRUIT = "fruit", _("Fruit and nuts")
        GRAIN = "grain", _("Rice and grains")
        VEGETABLE = "vegetable", _("Vegetables, roots and mushrooms")
        LIVESTOCK = "livestock", _("Livestock and poultry")
        MEAT = "meat", _("Meat and sausages")
        PROCESSED = "processed", _("Noodles and processed food")
        HONEY = "honey", _("Honey, sugar and spices")
        DRINK = "drink", _("Tea and drinks")
        MEDICINAL = "medicinal", _("Medicinal and industrial plants")
        CRAFT = "craft", _("Crafts")

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    category = models.CharField(_("category"), max_length=12, choices=Category)
    default_unit = models.CharField(
        _("usual unit of sale"),
        max_length=8,
        choices=SaleUnit,
        default=SaleUnit.KILOGRAM,
    )
    season_months = models.PositiveSmallIntegerField(_("months of the season"), default=ALL_YEAR)
    # Local, southern and misspelt names, one a line: found by search, not printed.
    aliases = models.TextField(_("other names"), blank=True)

    class Meta:
        verbose_name = _("commodity")
        verbose_name_plural = _("commodities")
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(
                name="commodities_season_is_twelve_bits",
                condition=Q(season_months__gte=1) & Q(season_months__lte=ALL_YEAR),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if not 1 <= self.season_months <= ALL_YEAR:
            raise ValidationError({"season_months": _("Choose at least one month.")})

    @property
    def months(self) -> list[int]:
        """Months of the season, 1-12 in order; all twelve for goods without a season."""
        return [month for month in range(1, 13) if self.season_months >> (month - 1) & 1]

    @property
    def is_seasonal(self) -> bool:
        return self.season_months != ALL_YEAR

    def is_in_season(self, month: int) -> bool:
        return bool(self.season_months >> (month - 1) & 1)

    @property
    def alias_list(self) -> list[str]:
        return [line.strip() for line in self.aliases.splitlines() if line.strip()]
