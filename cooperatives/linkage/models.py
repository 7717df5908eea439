"""The registry: key products, linkage models with everything that dates them, and the evidence of their trade.

The rules are those of docs/coverage.md. Intervals are half-open, [valid_from, valid_to).
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.common.validity import DatedRow


class KeyProduct(DatedRow):
    """A commodity decided to be a commune's key farm product (nông sản chủ lực)."""

    unit = models.ForeignKey(
        "places.AdministrativeUnit", models.PROTECT, related_name="key_products", verbose_name=_("commune")
    )
    commodity = models.ForeignKey(
        "commodities.Commodity", models.PROTECT, related_name="key_products", verbose_name=_("commodity")
    )
    decision_number = models.CharField(_("decision number"), max_length=60)

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("key product")
        verbose_name_plural = _("key products")
        indexes = [models.Index(fields=["unit", "valid_from"], name="key_product_unit_idx")]

    def __str__(self) -> str:
        return f"{self.commodity} · {self.unit}"


class LinkageModel(models.Model):
    """A linkage of production and sale (mô hình liên kết) under Decree 98/2018/NĐ-CP."""

    class Form(models.TextChoices):
        # The seven forms of article 4, in its order.
        LK1 = "LK1", _("Inputs, production, harvest, processing and sale")
        LK2 = "LK2", _("Inputs and sale")
        LK3 = "LK3", _("Production, harvest and sale")
        LK4 = "LK4", _("Inputs, production, harvest and sale")
        LK5 = "LK5", _("Production, harvest, processing and sale")
        LK6 = "LK6", _("Inputs, processing and sale")
        LK7 = "LK7", _("Processing and sale")

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=200)
    commodity = models.ForeignKey(
        "commodities.Commodity", models.PROTECT, related_name="linkage_models", verbose_name=_("commodity")
    )
    form = models.CharField(_("form of linkage"), max_length=3, choices=Form)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to (that day excluded)"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    is_demo = models.BooleanField(_("demo data"), default=False)

    class Meta:
        verbose_name = _("linkage model")
        verbose_name_plural = _("linkage models")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="linkage_ends_after_start", condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.name}"


class LinkageParticipant(DatedRow):
    """A cooperative that takes part in a linkage model; it may leave and come back."""

    linkage = models.ForeignKey(LinkageModel, models.CASCADE, related_name="participants")
    cooperative = models.ForeignKey(
        "cooperatives.Cooperative", models.PROTECT, related_name="participations", verbose_name=_("cooperative")
    )

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        indexes = [models.Index(fields=["cooperative", "valid_from"], name="participant_coop_idx")]


class LinkageCounterparty(DatedRow):
    """Who buys, supplies or processes: the other side of the linkage."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        HOUSEHOLD_BUSINESS = "household", _("Household business")
        FARMERS = "farmers", _("Farmers, farm owners, cooperative groups")
        OTHER = "other", _("Other")

    linkage = models.ForeignKey(LinkageModel, models.CASCADE, related_name="counterparties")
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    tax_code = models.CharField(_("tax code"), max_length=14, blank=True)

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("counterparty")
        verbose_name_plural = _("counterparties")


class LinkageArea(DatedRow):
    """A commune of the model's raw-material area (vùng nguyên liệu)."""

    linkage = models.ForeignKey(LinkageModel, models.CASCADE, related_name="areas")
    unit = models.ForeignKey("places.AdministrativeUnit", models.PROTECT, related_name="+", verbose_name=_("commune"))
    hectares = models.DecimalField(_("hectares"), max_digits=9, decimal_places=2, null=True, blank=True)
    households = models.PositiveIntegerField(_("households"), null=True, blank=True)

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("raw-material area")
        verbose_name_plural = _("raw-material areas")
        indexes = [models.Index(fields=["unit", "valid_from"], name="linkage_area_unit_idx")]


class LinkageContract(models.Model):
    """A contract signed within the linkage."""

    linkage = models.ForeignKey(LinkageModel, models.CASCADE, related_name="contracts")
    number = models.CharField(_("contract number"), max_length=60)
    signed_on = models.DateField(_("signed on"))
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to (that day excluded)"))
    volume_kg = models.DecimalField(_("volume (kg)"), max_digits=12, decimal_places=3, null=True, blank=True)
    price_rule = models.CharField(_("price rule"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        constraints = [
            models.CheckConstraint(name="contract_ends_after_start", condition=Q(valid_to__gt=F("valid_from")))
        ]

    def __str__(self) -> str:
        return self.number


class LinkageStatus(models.Model):
    """A decision about the model's status. Rows are appended, never edited: a correction is a later row.

    The date of a status is the date of its decision; when it was recorded is kept beside it.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        VERIFIED = "verified", _("Verified")
        SUSPENDED = "suspended", _("Suspended")
        ENDED = "ended", _("Ended")

    linkage = models.ForeignKey(LinkageModel, models.CASCADE, related_name="statuses")
    status = models.CharField(_("status"), max_length=10, choices=Status)
    decided_on = models.DateField(_("decided on"))
    decision_number = models.CharField(_("decision number"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("status of a linkage model")
        verbose_name_plural = _("statuses of linkage models")
        ordering = ["decided_on", "id"]
        indexes = [models.Index(fields=["linkage", "-decided_on", "-id"], name="linkage_status_idx")]

    def __str__(self) -> str:
        return f"{self.get_status_display()} · {self.decided_on:%d/%m/%Y}"


class ListingEvidence(models.Model):
    """Days on which a listing was public, with the cooperative, commodity and origin of those days."""

    source = models.CharField(_("source"), max_length=40, unique=True)
    cooperative = models.ForeignKey("cooperatives.Cooperative", models.PROTECT, related_name="+")
    commodity = models.ForeignKey("commodities.Commodity", models.PROTECT, related_name="+")
    unit = models.ForeignKey("places.AdministrativeUnit", models.PROTECT, related_name="+")
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"), null=True)

    class Meta:
        verbose_name = _("evidence of a listing")
        verbose_name_plural = _("evidence of listings")
        indexes = [
            models.Index(fields=["cooperative", "commodity", "first_on"], name="listing_evidence_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                name="listing_evidence_ends_after_start",
                condition=Q(last_on__isnull=True) | Q(last_on__gte=F("first_on")),
            )
        ]

    def __str__(self) -> str:
        return self.source


class SaleEvidence(models.Model):
    """An order line that was delivered and paid, with the cooperative, commodity and origin of its own day.

    `amount` is what was charged for it in đồng; reductions are dated rows, so what was kept on any day can be told.
    """

    source = models.CharField(_("source"), max_length=40, unique=True)
    order_key = models.CharField(_("order"), max_length=40)
    cooperative = models.ForeignKey("cooperatives.Cooperative", models.PROTECT, related_name="+")
    commodity = models.ForeignKey("commodities.Commodity", models.PROTECT, related_name="+")
    unit = models.ForeignKey("places.AdministrativeUnit", models.PROTECT, related_name="+")
    delivered_on = models.DateField(_("delivered on"))
    paid_on = models.DateField(_("paid on"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)
    # Bought by a member or staff of the seller on the day of delivery: kept for the record, never counted.
    by_insider = models.BooleanField(_("bought by the seller's own people"), default=False)

    class Meta:
        verbose_name = _("evidence of a sale")
        verbose_name_plural = _("evidence of sales")
        indexes = [
            models.Index(fields=["cooperative", "commodity", "delivered_on"], name="sale_evidence_idx"),
            models.Index(fields=["order_key"], name="sale_evidence_order_idx"),
        ]

    def __str__(self) -> str:
        return self.source


class SaleReduction(models.Model):
    """A part of a sale's amount that was given back (returned, refunded, cancelled) on a day."""

    source = models.CharField(_("source"), max_length=60, unique=True)
    sale = models.ForeignKey(SaleEvidence, models.CASCADE, related_name="reductions")
    reduced_on = models.DateField(_("on"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)

    class Meta:
        verbose_name = _("reduction of a sale")
        verbose_name_plural = _("reductions of sales")
        constraints = [models.CheckConstraint(name="sale_reduction_positive", condition=Q(amount__gt=0))]

    def __str__(self) -> str:
        return self.source


class BuyerContact(models.Model):
    """Keyed hashes of who placed an order: they stay when the person is erased.

    `component` joins the orders that share an account, a phone or an e-mail over all time; what was joined by a day
    is a finer division of it, so counting buyers on a day looks only inside components.
    """

    order_key = models.CharField(_("order"), max_length=40, unique=True)
    placed_on = models.DateField(_("placed on"))
    account = models.CharField(max_length=32, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    email = models.CharField(max_length=32, blank=True)
    component = models.BigIntegerField(db_index=True)

    class Meta:
        verbose_name = _("buyer's contact")
        verbose_name_plural = _("buyers' contacts")
        indexes = [
            # Whole, not partial: SQLite uses a partial index only where the query repeats its condition.
            models.Index(fields=["account"], name="buyer_account_hash_idx"),
            models.Index(fields=["phone"], name="buyer_phone_hash_idx"),
            models.Index(fields=["email"], name="buyer_email_hash_idx"),
            models.Index(fields=["placed_on", "component"], name="buyer_placed_idx"),
        ]

    def __str__(self) -> str:
        return self.order_key
