"""Orders, and the parcels in which each cooperative sends its part of one."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from oscar.apps.address.abstract_models import AbstractShippingAddress
from oscar.apps.order.abstract_models import AbstractLine, AbstractOrder
from phonenumber_field.modelfields import PhoneNumberField

from marketplace.common.encrypted import EncryptedTextField
from marketplace.common.phones import format_phone
from marketplace.common.quantities import SaleUnit, quantity_from_steps


class Order(AbstractOrder):
    """What a buyer placed at once. Its number is unguessable; its status is derived from its parcels."""

    # Sent with the confirming form: the same token again leads to the same order.
    placing_token = models.UUIDField(_("placing token"), unique=True, null=True, editable=False)
    buyer_name = models.CharField(_("buyer's name"), max_length=120, default="")
    buyer_phone = PhoneNumberField(_("buyer's phone number"), default="")
    language = models.CharField(_("language"), max_length=5, default="vi")

    class Meta(AbstractOrder.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                name="order_totals_whole_dong",
                condition=Q(total_incl_tax=Cast("total_incl_tax", models.BigIntegerField()))
                & Q(shipping_incl_tax=Cast("shipping_incl_tax", models.BigIntegerField())),
            )
        ]
        indexes = [models.Index(fields=["user", "-date_placed"], name="order_user_idx")]


class ShippingAddress(AbstractShippingAddress):
    """Where the order goes: a commune of today's units and a line of address."""

    commune = models.ForeignKey("places.AdministrativeUnit", models.PROTECT, null=True, related_name="+")


class Parcel(models.Model):
    """One cooperative's part of an order: its own number, delivery, charge, status and payment. Amounts in đồng."""

    class Status(models.TextChoices):
        PLACED = "placed", _("Placed")
        CONFIRMED = "confirmed", _("Confirmed")
        PACKED = "packed", _("Packed")
        READY = "ready", _("Ready for pick-up")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        DELIVERY_FAILED = "delivery_failed", _("Delivery failed")
        RETURNING = "returning", _("On the way back")
        RETURNED = "returned", _("Returned")
        CANCELLED = "cancelled", _("Cancelled")

    class PaymentMethod(models.TextChoices):
        CASH_ON_DELIVERY = "cod", _("Cash on delivery")
        TRANSFER = "transfer", _("Bank transfer (VietQR)")
        CARD = "card", _("Card")

    class PaymentStatus(models.TextChoices):
        """Derived from the facts of payment; see `marketplace.order.states.payment_status_of`."""

        UNPAID = "unpaid", _("Unpaid")
        AWAITING = "awaiting", _("Awaiting payment")
        PART_PAID = "part_paid", _("Part paid")
        PAID = "paid", _("Paid")
        PART_REFUNDED = "part_refunded", _("Part refunded")
        REFUNDED = "refunded", _("Refunded")

    class DeliveryKind(models.TextChoices):
        DELIVERY = "delivery", _("Delivery by the cooperative")
        PICKUP = "pickup", _("Pick-up")
        CARRIER = "carrier", _("Carrier")

    number = models.CharField(_("parcel number"), max_length=16, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="parcels")
    cooperative = models.ForeignKey("cooperatives.Cooperative", models.PROTECT, related_name="parcels")
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.PLACED)
    payment_method = models.CharField(_("payment method"), max_length=8, choices=PaymentMethod)
    payment_status = models.CharField(_("payment"), max_length=14, choices=PaymentStatus, default=PaymentStatus.UNPAID)
    # What a transfer names, so that a line of a bank's statement finds its parcel; letters and digits only.
    payment_reference = models.CharField(_("payment reference"), max_length=25, unique=True, null=True, blank=True)
    # Unpaid by then, a parcel to be paid in advance is cancelled.
    hold_expires_at = models.DateTimeField(_("held until"), null=True, blank=True)
    amount_received = models.DecimalField(_("received"), max_digits=14, decimal_places=0, default=0)
    amount_refunded = models.DecimalField(_("refunded"), max_digits=14, decimal_places=0, default=0)
    goods_total = models.DecimalField(_("goods"), max_digits=14, decimal_places=0)
    delivery_kind = models.CharField(
        _("kind of delivery"), max_length=10, choices=DeliveryKind, default=DeliveryKind.DELIVERY
    )
    delivery_name = models.CharField(_("delivery"), max_length=80)
    delivery_charge = models.DecimalField(_("delivery charge"), max_digits=12, decimal_places=0)
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=0)
    # The point's address and hours as they were when the parcel was placed.
    pickup_note = models.CharField(_("pick-up point"), max_length=300, blank=True)
    expected_from = models.DateField(_("expected from"), null=True, blank=True)
    expected_until = models.DateField(_("expected until"), null=True, blank=True)
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    note = models.CharField(_("note to the cooperative"), max_length=300, blank=True)
    placed_at = models.DateTimeField(_("placed at"))
    # How often the cooperative was told that the parcel still waits to be confirmed.
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="parcel_one_per_cooperative", fields=["order", "cooperative"]),
            models.CheckConstraint(
                name="parcel_total_adds_up", condition=Q(total=F("goods_total") + F("delivery_charge"))
            ),
            models.CheckConstraint(
                name="parcel_delivered_has_day", condition=~Q(status="delivered") | Q(delivered_at__isnull=False)
            ),
            models.CheckConstraint(
                name="parcel_paid_has_day", condition=~Q(payment_status="paid") | Q(paid_at__isnull=False)
            ),
            models.CheckConstraint(
                name="parcel_refunds_within_receipts",
                condition=Q(amount_refunded__gte=0) & Q(amount_refunded__lte=F("amount_received")),
            ),
        ]
        indexes = [
            models.Index(fields=["cooperative", "status", "-placed_at"], name="parcel_coop_status_idx"),
            models.Index(fields=["cooperative", "-placed_at"], name="parcel_coop_placed_idx"),
            models.Index(
                fields=["hold_expires_at"], condition=Q(hold_expires_at__isnull=False), name="parcel_hold_idx"
            ),
            models.Index(fields=["placed_at"], condition=Q(status="placed"), name="parcel_unconfirmed_idx"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderInvoice(models.Model):
    """The company or person to whom the cooperatives of the order make out their invoices."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="invoice")
    name = models.CharField(_("company's name"), max_length=200)
    # A household's code is its holder's personal number.
    tax_code = EncryptedTextField(_("tax code"))
    address = models.CharField(_("company's address"), max_length=300)
    email = models.EmailField(_("e-mail for the invoice"))

    class Meta:
        verbose_name = _("invoice data")
        verbose_name_plural = _("invoice data")

    def __str__(self) -> str:
        return self.name


class ParcelEvent(models.Model):
    """A recorded change of a parcel's status; never changed and never deleted."""

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="events")
    from_status = models.CharField(_("from"), max_length=16, choices=Parcel.Status, blank=True)
    to_status = models.CharField(_("to"), max_length=16, choices=Parcel.Status)
    occurred_at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("change of a parcel")
        verbose_name_plural = _("changes of parcels")
        ordering = ["occurred_at", "id"]
        indexes = [
            models.Index(fields=["parcel", "occurred_at"], name="parcel_event_idx"),
            # Few parcels are refused at the door; each checkout asks whether the buyer's were.
            models.Index(fields=["parcel"], condition=Q(reason="refused"), name="parcel_event_refused_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.parcel_id}: {self.from_status} → {self.to_status}"


class OrderChange(models.Model):
    """What the buyer changed of where an order goes, after placing it; never changed and never deleted but with the person."""

    class Field(models.TextChoices):
        NAME = "name", _("Name")
        PHONE = "phone", _("Phone number")
        COMMUNE = "commune", _("Commune or ward")
        STREET = "street", _("House number, street, hamlet")
        DIRECTIONS = "directions", _("Directions for the courier")
        INVOICE = "invoice", _("Invoice data")

    order = models.ForeignKey(Order, models.PROTECT, related_name="changes")
    field = models.CharField(_("what"), max_length=10, choices=Field)
    was = models.CharField(_("from"), max_length=300, blank=True)
    became = models.CharField(_("to"), max_length=300, blank=True)
    changed_at = models.DateTimeField(_("at"))
    # Empty for a guest.
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("change of an order")
        verbose_name_plural = _("changes of orders")
        ordering = ["changed_at", "id"]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.field}"

    @property
    def words(self) -> tuple[str, str]:
        """What it was and what it became, as people write it."""
        is_phone = self.field == self.Field.PHONE
        return (format_phone(self.was), format_phone(self.became)) if is_phone else (self.was, self.became)


class ParcelProblem(models.Model):
    """What a buyer says is wrong with a parcel, and what its cooperative answered."""

    class Kind(models.TextChoices):
        DAMAGED = "damaged", _("It is damaged or spoilt")
        MISSING = "missing", _("Something is missing")
        WRONG = "wrong", _("It is not what I ordered")
        LATE = "late", _("It is late or did not come")
        OTHER = "other", _("Something else")

    # The form's token: sent twice, it is one problem.
    key = models.UUIDField(_("key"), unique=True, editable=False)
    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="problems")
    kind = models.CharField(_("what is wrong"), max_length=8, choices=Kind)
    text = models.TextField(_("in the buyer's words"), max_length=2000)
    reported_at = models.DateTimeField(_("reported at"))
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("problem with a parcel")
        verbose_name_plural = _("problems with parcels")
        ordering = ["reported_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="problem_answer_has_moment",
                condition=Q(answered_at__isnull=True, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
            )
        ]
        indexes = [
            models.Index(fields=["parcel"], condition=Q(answered_at__isnull=True), name="parcel_problem_open_idx")
        ]

    def __str__(self) -> str:
        return f"{self.parcel_id}: {self.kind}"


class ProblemPhoto(models.Model):
    """A photo with a problem. It lies in the database, not among the media: those are for everybody to see."""

    problem = models.ForeignKey(ParcelProblem, models.CASCADE, related_name="photos")
    # WebP, without what a camera tells of place and owner.
    content = models.BinaryField(_("content"))
    width = models.PositiveSmallIntegerField(_("width"))
    height = models.PositiveSmallIntegerField(_("height"))

    class Meta:
        verbose_name = _("photo of a problem")
        verbose_name_plural = _("photos of problems")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.problem_id}: {self.width} x {self.height}"


class Line(AbstractLine):
    """Oscar's line, counted in steps, with what the listing was on the day of the order frozen beside it."""

    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, related_name="lines")
    sale_unit = models.CharField(_("unit"), max_length=10, choices=SaleUnit, default=SaleUnit.KILOGRAM)
    step = models.DecimalField(_("step"), max_digits=8, decimal_places=3, default=1)
    price_per_unit = models.DecimalField(_("price per unit (VND)"), max_digits=12, decimal_places=0, default=0)
    commodity = models.ForeignKey("commodities.Commodity", models.PROTECT, null=True, related_name="+")
    origin_unit = models.ForeignKey("places.AdministrativeUnit", models.PROTECT, null=True, related_name="+")
    # line_price_incl_tax is what is charged for the line as it stands: after these discounts, weighing and short packing.
    seller_discount = models.DecimalField(_("discount of the seller"), max_digits=12, decimal_places=0, default=0)
    marketplace_discount = models.DecimalField(
        _("discount of the marketplace"), max_digits=12, decimal_places=0, default=0
    )
    fee_rate = models.DecimalField(_("fee (%)"), max_digits=5, decimal_places=2, default=0)
    is_weighed = models.BooleanField(_("weighed when packed"), default=False)
    tolerance_percent = models.PositiveSmallIntegerField(_("tolerance (%)"), default=5)
    packed_units = models.DecimalField(_("packed"), max_digits=10, decimal_places=3, null=True, blank=True)

    class Meta(AbstractLine.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                name="line_discounts_not_negative", condition=Q(seller_discount__gte=0) & Q(marketplace_discount__gte=0)
            ),
            models.CheckConstraint(
                name="line_fee_rate_is_percent", condition=Q(fee_rate__gte=0) & Q(fee_rate__lte=100)
            ),
            models.CheckConstraint(
                name="line_price_whole_dong",
                condition=Q(line_price_incl_tax=Cast("line_price_incl_tax", models.BigIntegerField())),
            ),
        ]

    @property
    def units(self) -> Decimal:
        """The quantity as people read it, in units of sale."""
        return quantity_from_steps(self.quantity, self.step)

    @property
    def sent_units(self) -> Decimal:
        """What leaves the shelf, in units. Weighed goods leave it by the steps that were ordered."""
        if self.packed_units is None or (self.is_weighed and self.packed_units):
            return self.units
        return self.packed_units


class WeightConsent(models.Model):
    """The buyer is asked whether goods that weigh much more than was ordered are wanted; once for a line."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", _("Wanted")
        DECLINED = "declined", _("Not wanted")
        EXPIRED = "expired", _("No answer in time")

    line = models.OneToOneField(Line, models.PROTECT, related_name="weight_consent")
    weight = models.DecimalField(_("weight"), max_digits=10, decimal_places=3)
    # What the line costs if the buyer agrees.
    charge = models.DecimalField(_("price"), max_digits=12, decimal_places=0)
    requested_at = models.DateTimeField(_("asked at"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField(_("answer by"))
    answer = models.CharField(_("answer"), max_length=8, choices=Answer, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent to a weight")
        verbose_name_plural = _("consents to weights")
        indexes = [models.Index(fields=["expires_at"], condition=Q(answer=""), name="weight_consent_open_idx")]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.weight}"


from oscar.apps.order.models import *  # type: ignore[assignment]  # noqa: E402, F403 - Oscar's other models, after ours
