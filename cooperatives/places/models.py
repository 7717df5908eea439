"""Administrative units, valid in time.

Codes are reused: a unit's identity is (code, valid_from), and nothing refers to a unit by its code.
"""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.common.text import fold, slugify_vi
from marketplace.common.validity import DatedRow


class AdministrativeUnit(DatedRow):
    """A province, a district (until 2025-06-30) or a commune-level unit, in one generation.

    `name` is the unit's latest name; names that it had before stand in `names`, with their dates.
    """

    class Level(models.TextChoices):
        PROVINCE = "province", _("Province level")
        DISTRICT = "district", _("District level")
        COMMUNE = "commune", _("Commune level")

    class Kind(models.TextChoices):
        TINH = "tinh", _("Province")
        THANH_PHO = "thanh-pho", _("City under central authority")
        QUAN = "quan", _("Urban district")
        HUYEN = "huyen", _("Rural district")
        THI_XA = "thi-xa", _("Town")
        THANH_PHO_THUOC_TINH = "thanh-pho-thuoc-tinh", _("Provincial city")
        XA = "xa", _("Commune")
        PHUONG = "phuong", _("Ward")
        THI_TRAN = "thi-tran", _("Township")
        DAC_KHU = "dac-khu", _("Special zone")

    code = models.CharField(_("code"), max_length=5)
    level = models.CharField(_("level"), max_length=8, choices=Level)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=80)
    short_name = models.CharField(_("short name"), max_length=60)
    folded_name = models.CharField(_("name without marks"), max_length=80, db_index=True, editable=False)
    # A commune's district until 2025-06-30, then its province; a district's province.
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("belongs to"),
    )
    province = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="units_within",
        verbose_name=_("province"),
    )
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    area_km2 = models.DecimalField(_("area (km²)"), max_digits=9, decimal_places=2, null=True, blank=True)

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("administrative unit")
        verbose_name_plural = _("administrative units")
        ordering = ["code", "valid_from"]
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(fields=["code", "valid_from"], name="places_unit_identity"),
            models.CheckConstraint(
                name="places_unit_below_province_has_parents",
                condition=Q(level="province", parent__isnull=True, province__isnull=True)
                | (~Q(level="province") & Q(parent__isnull=False, province__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["level", "province", "valid_from"], name="places_unit_scope_idx")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.folded_name = fold(self.name)
        super().save(*args, **kwargs)

    @property
    def slug(self) -> str:
        """Ends in the identity; the name before it is for people: "xa-dam-thuy-01501-20250701"."""
        return f"{slugify_vi(self.name)}-{self.code}-{self.valid_from:%Y%m%d}"

    def get_absolute_url(self) -> str:
        return reverse(f"places:{self.level}", kwargs={"slug": self.slug})

    def name_on(self, on: date) -> str:
        """The name on that day. Reads `names`, which a list prefetches."""
        for former in self.names.all():
            if former.is_in_force(on):
                return former.name
        return self.name


class DatedName(DatedRow):
    """A name of a unit for an interval. Only units that were renamed without a change of area have any."""

    unit = models.ForeignKey(
        AdministrativeUnit, models.CASCADE, related_name="names", verbose_name=_("administrative unit")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=AdministrativeUnit.Kind)
    name = models.CharField(_("name"), max_length=80)
    short_name = models.CharField(_("short name"), max_length=60)
    legal_source = models.CharField(_("legal source"), max_length=120, blank=True)

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("dated name")
        verbose_name_plural = _("dated names")
        ordering = ["unit", "valid_from"]
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(fields=["unit", "valid_from"], name="places_name_once_a_day"),
        ]

    def __str__(self) -> str:
        return self.name


class Succession(models.Model):
    """The predecessor's area went, wholly or in part, to the successor on a date.

    A divided unit has several rows; the default one is where facts about the unit are placed. A single fact is
    re-assigned by hand with no other record: its dated row is closed on that date, and one that names the right
    successor is appended.
    """

    predecessor = models.ForeignKey(
        AdministrativeUnit,
        models.PROTECT,
        related_name="successions",
        verbose_name=_("predecessor"),
    )
    successor = models.ForeignKey(
        AdministrativeUnit,
        models.PROTECT,
        related_name="origins",
        verbose_name=_("successor"),
    )
    on = models.DateField(_("on"))
    is_default = models.BooleanField(_("default successor"), default=True)

    class Meta:
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        ordering = ["on", "predecessor", "successor"]
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="places_succession_once"),
            models.UniqueConstraint(
                fields=["predecessor"],
                condition=Q(is_default=True),
                name="places_succession_one_default",
            ),
            models.CheckConstraint(
                name="places_succession_not_itself",
                condition=~Q(predecessor=F("successor")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"
