"""Targets and the rule's parameters, as dated data with their legal source."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.common.validity import DatedRow


class Indicator(models.TextChoices):
    """The three official indicators of the province's plan."""

    L1 = "L1", _("Communes with a cooperative in a linkage model")
    L2 = "L2", _("Districts with a linkage model")
    L3 = "L3", _("Linkage models with a raw-material area on digital technology")


class IndicatorTarget(DatedRow):
    """What share of an indicator is aimed at, in per cent, and by which decision."""

    class Comparison(models.TextChoices):
        MORE_THAN = "gt", _("more than")
        AT_LEAST = "gte", _("at least")

    indicator = models.CharField(_("indicator"), max_length=2, choices=Indicator)
    comparison = models.CharField(_("comparison"), max_length=3, choices=Comparison)
    percentage = models.DecimalField(
        _("percentage"), max_digits=4, decimal_places=1, validators=[MaxValueValidator(100)]
    )
    legal_source = models.CharField(_("legal source"), max_length=200)

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("target")
        verbose_name_plural = _("targets")


class CoverageRule(DatedRow):
    """The parameters of the evidence ladder in one version."""

    version = models.CharField(_("version"), max_length=20, unique=True)
    window_days = models.PositiveSmallIntegerField(_("window (days)"), default=365)
    minimum_buyers = models.PositiveSmallIntegerField(_("buyers at least"), default=3)
    required_level = models.PositiveSmallIntegerField(_("required level"), default=2)
    legal_source = models.CharField(_("legal source"), max_length=200)

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("coverage rule")
        verbose_name_plural = _("coverage rules")

    def __str__(self) -> str:
        return self.version
