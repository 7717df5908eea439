"""How a cooperative's parcels reach the buyer: ways of delivery with their zones, pick-up points, rules of ordering."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.common.weekdays import EVERY_DAY


class DeliveryMethod(models.Model):
    """A way in which a cooperative hands over its parcels.

    Its own delivery and a carrier charge by zone; a pick-up point has an address, hours and no charge.
    """

    class Kind(models.TextChoices):
        """The values are those of `order.models.Parcel.DeliveryKind`, where the choice is frozen."""

        DELIVERY = "delivery", _("Delivery by the cooperative")
        CARRIER = "carrier", _("Carrier")
        PICKUP = "pickup", _("Pick-up point")

    cooperative = models.ForeignKey("cooperatives.Cooperative", models.CASCADE, related_name="delivery_methods")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.DELIVERY)
    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(_("offered"), default=True)
    address = models.CharField(_("address of the pick-up point"), max_length=160, blank=True)
    commune = models.ForeignKey(
        "places.AdministrativeUnit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("commune of the pick-up point"),
    )
    # Seven bits, Monday the lowest.
    open_weekdays = models.PositiveSmallIntegerField(_("open on"), default=EVERY_DAY)
    opens_at = models.TimeField(_("opens at"), null=True, blank=True)
    closes_at = models.TimeField(_("closes at"), null=True, blank=True)
    ready_days = models.PositiveSmallIntegerField(_("ready after (days)"), default=1)
    note = models.CharField(_("note for the buyer"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("way of delivery")
        verbose_name_plural = _("ways of delivery")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="delivery_pickup_has_address",
                condition=~Q(kind="pickup") | (~Q(address="") & Q(commune__isnull=False)),
            ),
            models.CheckConstraint(
                name="delivery_open_on_some_day", condition=Q(open_weekdays__gte=1, open_weekdays__lte=EVERY_DAY)
            ),
            models.CheckConstraint(
                name="delivery_opens_before_it_closes",
                condition=Q(opens_at__isnull=True, closes_at__isnull=True) | Q(opens_at__lt=F("closes_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryZone(models.Model):
    """Where a way of delivery goes and what it charges there by weight.

    `tiers` are pairs of grams and đồng, [[2000, 25000], [5000, 40000]]; null for grams means any weight. Beyond the last,
    each kilogram begun costs `further_kg_charge`; without one, nothing heavier is taken. `reach` is what the areas that
    the zone names have become today, see `marketplace.shipping.areas`.
    """

    method = models.ForeignKey(DeliveryMethod, models.CASCADE, related_name="zones")
    is_nationwide = models.BooleanField(_("the whole country"), default=False)
    tiers = models.JSONField(_("charge by weight"), default=list)
    further_kg_charge = models.DecimalField(
        _("for each further kilogram (VND)"), max_digits=12, decimal_places=0, null=True, blank=True
    )
    free_from = models.DecimalField(
        _("free for goods of at least (VND)"), max_digits=12, decimal_places=0, null=True, blank=True
    )
    days_min = models.PositiveSmallIntegerField(_("days at least"), default=2)
    days_max = models.PositiveSmallIntegerField(_("days at most"), default=5)
    reach = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("delivery zone")
        verbose_name_plural = _("delivery zones")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="zone_further_charge_not_negative",
                condition=Q(further_kg_charge__isnull=True) | Q(further_kg_charge__gte=0),
            ),
            models.CheckConstraint(name="zone_days_in_order", condition=Q(days_max__gte=F("days_min"))),
            models.UniqueConstraint(name="zone_one_nationwide", fields=["method"], condition=Q(is_nationwide=True)),
        ]

    def __str__(self) -> str:
        return f"{self.method_id}: {self.pk}"


class ZoneArea(models.Model):
    """An area that a zone names: a commune, a district or a province, of today or of before 2025-07-01."""

    zone = models.ForeignKey(DeliveryZone, models.CASCADE, related_name="areas")
    unit = models.ForeignKey("places.AdministrativeUnit", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("area of a delivery zone")
        verbose_name_plural = _("areas of delivery zones")
        constraints = [models.UniqueConstraint(name="zone_area_once", fields=["zone", "unit"])]

    def __str__(self) -> str:
        return f"{self.zone_id}: {self.unit_id}"


class OrderingRules(models.Model):
    """What a cooperative asks of every order. Without a row nothing is asked."""

    cooperative = models.OneToOneField(
        "cooperatives.Cooperative", models.CASCADE, primary_key=True, related_name="ordering_rules"
    )
    minimum_order = models.DecimalField(_("least value of goods (VND)"), max_digits=12, decimal_places=0, default=0)
    lead_days = models.PositiveSmallIntegerField(_("days to prepare"), default=0)
    # Seven bits, Monday the lowest.
    order_weekdays = models.PositiveSmallIntegerField(_("takes orders on"), default=EVERY_DAY)
    order_until = models.TimeField(_("until"), null=True, blank=True)
    send_weekdays = models.PositiveSmallIntegerField(_("hands parcels over on"), default=EVERY_DAY)

    class Meta:
        verbose_name = _("ordering rules")
        verbose_name_plural = _("ordering rules")
        constraints = [
            models.CheckConstraint(name="ordering_minimum_not_negative", condition=Q(minimum_order__gte=0)),
            models.CheckConstraint(
                name="ordering_on_some_day",
                condition=Q(order_weekdays__gte=1, order_weekdays__lte=EVERY_DAY)
                & Q(send_weekdays__gte=1, send_weekdays__lte=EVERY_DAY),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cooperative_id}"


class CarrierWard(models.Model):
    """A carrier's own numbers for a commune of today. A commune without a row is shipped by hand."""

    carrier = models.CharField(_("carrier"), max_length=20)
    commune = models.ForeignKey("places.AdministrativeUnit", models.CASCADE, related_name="+")
    district_id = models.PositiveIntegerField(_("the carrier's district"))
    ward_code = models.CharField(_("the carrier's ward"), max_length=20)
    checked_at = models.DateTimeField(_("checked at"))

    class Meta:
        verbose_name = _("carrier's ward")
        verbose_name_plural = _("carriers' wards")
        constraints = [models.UniqueConstraint(name="carrier_ward_once", fields=["carrier", "commune"])]

    def __str__(self) -> str:
        return f"{self.carrier}: {self.commune_id}"


class Shipment(models.Model):
    """A parcel that was booked with a carrier through its adapter. `reference` is our key of idempotency there."""

    class Status(models.TextChoices):
        BOOKED = "booked", _("Booked")
        PICKED_UP = "picked_up", _("Picked up")
        UNDERWAY = "underway", _("On the way")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Delivery failed")
        RETURNING = "returning", _("On the way back")
        RETURNED = "returned", _("Returned")
        CANCELLED = "cancelled", _("Cancelled")
        LOST = "lost", _("Lost or damaged")

    FINAL: ClassVar = frozenset({Status.DELIVERED, Status.RETURNED, Status.CANCELLED, Status.LOST})

    parcel = models.ForeignKey("order.Parcel", models.PROTECT, related_name="shipments")
    carrier = models.CharField(_("carrier"), max_length=20)
    reference = models.CharField(_("reference"), max_length=50, unique=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.BOOKED)
    fee = models.DecimalField(_("the carrier's fee (VND)"), max_digits=12, decimal_places=0, null=True, blank=True)
    booked_at = models.DateTimeField(_("booked at"))
    checked_at = models.DateTimeField(_("last asked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ["-booked_at", "-id"]
        indexes = [models.Index(fields=["status", "checked_at"], name="shipment_open_idx")]

    def __str__(self) -> str:
        return self.reference


from oscar.apps.shipping.models import *  # type: ignore[assignment]  # noqa: E402, F403 - Oscar's other models, after ours
