"""Listings: Oscar's products with what a farm market needs, their photos, origins and public days."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from oscar.apps.catalogue.abstract_models import AbstractProduct, AbstractProductImage

from cooperatives.commodities.models import ALL_YEAR
from cooperatives.models import Cooperative
from marketplace.common.quantities import SaleUnit
from marketplace.common.validity import DatedRow


class Product(AbstractProduct):
    """A listing: one good of one cooperative, from one commune, sold by a unit in steps.

    Oscar's quantity counts steps and Oscar's price (on the stock record) is the price of a step; people read units.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("On sale")
        PAUSED = "paused", _("Paused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    cooperative = models.ForeignKey(
        Cooperative, models.PROTECT, null=True, related_name="listings", verbose_name=_("cooperative")
    )
    commodity = models.ForeignKey(
        "commodities.Commodity", models.PROTECT, null=True, related_name="listings", verbose_name=_("commodity")
    )
    # The unit of the origin row in force, and the unit that it has become today: what lists filter by.
    origin_unit = models.ForeignKey("places.AdministrativeUnit", models.PROTECT, null=True, related_name="+")
    commune = models.ForeignKey("places.AdministrativeUnit", models.PROTECT, null=True, related_name="+")
    category = models.ForeignKey(
        "catalogue.Category", models.PROTECT, null=True, related_name="listings", verbose_name=_("category")
    )
    # The recognition of this very good, of the same cooperative; its stars show only while it is in force.
    recognition = models.ForeignKey(
        "certificates.OcopRecognition",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="listings",
        verbose_name=_("OCOP recognition"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    sale_unit = models.CharField(_("unit"), max_length=10, choices=SaleUnit, default=SaleUnit.KILOGRAM)
    step = models.DecimalField(_("step"), max_digits=8, decimal_places=3, default=Decimal(1))
    price_per_unit = models.DecimalField(_("price per unit (VND)"), max_digits=12, decimal_places=0, default=0)
    # Twelve bits, January the lowest; all set means all year round.
    season_months = models.PositiveSmallIntegerField(_("season"), default=ALL_YEAR)
    # What one unit weighs, packing included, where the unit is none of weight: the charge of delivery goes by it.
    unit_weight_kg = models.DecimalField(
        _("weight of one unit (kg)"), max_digits=8, decimal_places=3, null=True, blank=True
    )
    # Weighed when packed, and charged on the true weight; so many percent more need nobody's consent.
    is_weighed = models.BooleanField(_("weighed when packed"), default=False)
    tolerance_percent = models.PositiveSmallIntegerField(_("tolerance (%)"), default=5)
    # Ordered before that day, the goods are sent from it on.
    harvest_on = models.DateField(_("to be had from"), null=True, blank=True)
    cover_stem = models.CharField(max_length=120, editable=False, default="")
    cover_colour = models.CharField(max_length=7, editable=False, default="#dfe3dc")
    published_at = models.DateTimeField(_("first on sale at"), null=True, editable=False)

    class Meta(AbstractProduct.Meta):
        abstract = False
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        constraints = [
            models.CheckConstraint(name="listing_step_positive", condition=Q(step__gt=0)),
            models.CheckConstraint(
                name="listing_unit_weight_positive", condition=Q(unit_weight_kg__isnull=True) | Q(unit_weight_kg__gt=0)
            ),
            models.CheckConstraint(name="listing_tolerance_is_percent", condition=Q(tolerance_percent__lte=100)),
            models.CheckConstraint(name="listing_price_not_negative", condition=Q(price_per_unit__gte=0)),
            models.CheckConstraint(
                name="listing_public_only_with_origin",
                condition=~Q(state="published")
                | Q(
                    origin_unit__isnull=False,
                    commune__isnull=False,
                    commodity__isnull=False,
                    cooperative__isnull=False,
                    price_per_unit__gt=0,
                ),
            ),
            models.CheckConstraint(
                name="listing_public_means_published", condition=~Q(is_public=True) | Q(state="published")
            ),
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id"], condition=Q(is_public=True), name="listing_newest_idx"),
            models.Index(fields=["price_per_unit", "id"], condition=Q(is_public=True), name="listing_price_idx"),
            models.Index(
                fields=["category", "-published_at", "-id"], condition=Q(is_public=True), name="listing_category_idx"
            ),
            models.Index(
                fields=["commune", "-published_at", "-id"], condition=Q(is_public=True), name="listing_commune_idx"
            ),
            models.Index(
                fields=["cooperative", "-published_at", "-id"], condition=Q(is_public=True), name="listing_coop_idx"
            ),
            models.Index(fields=["commodity"], condition=Q(is_public=True), name="listing_commodity_idx"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("catalogue:detail", kwargs={"product_slug": self.slug, "pk": self.pk})


class ProductImage(AbstractProductImage):
    """A photo, re-encoded when it was uploaded: `<stem>-<width>.avif` and `.webp` lie beside the original."""

    stem = models.CharField(max_length=120, default="", editable=False)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    colour = models.CharField(max_length=7, default="#dfe3dc", editable=False)


class ListingOrigin(DatedRow):
    """The commune that a listing's goods come from, named by the unit valid when the row was made."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="origins")
    unit = models.ForeignKey("places.AdministrativeUnit", models.PROTECT, related_name="+")

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("origin of a listing")
        verbose_name_plural = _("origins of listings")
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(
                name="listing_one_open_origin", fields=["product"], condition=Q(valid_to__isnull=True)
            ),
        ]


class ListingPublication(models.Model):
    """An interval in which anyone could see the listing with this commodity and origin; an open one has no end.

    Another commodity or origin ends the interval and begins one at the same moment.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="publications")
    commodity = models.ForeignKey("commodities.Commodity", models.PROTECT, related_name="+")
    unit = models.ForeignKey("places.AdministrativeUnit", models.PROTECT, related_name="+")
    public_from = models.DateTimeField(_("public from"))
    public_to = models.DateTimeField(_("public to"), null=True)

    class Meta:
        verbose_name = _("interval of publication")
        verbose_name_plural = _("intervals of publication")
        constraints = [
            models.UniqueConstraint(
                name="listing_one_open_publication", fields=["product"], condition=Q(public_to__isnull=True)
            ),
            models.CheckConstraint(
                name="publication_ends_after_start",
                condition=Q(public_to__isnull=True) | Q(public_to__gte=models.F("public_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.public_from:%Y-%m-%d}"


from oscar.apps.catalogue.models import *  # type: ignore[assignment]  # noqa: E402, F403 - Oscar's other models, after ours
