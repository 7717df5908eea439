"""What cooperatives owe the marketplace and are paid by it: fees, statements, payouts, bills, tax withheld."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.common.encrypted import EncryptedTextField
from marketplace.common.validity import DatedRow


class FeeRate(DatedRow):
    """The marketplace's fee in percent, from a day on: for everybody, a category with all below it, a cooperative, or one
    cooperative's goods of a category. The most specific row in force is the one that holds.
    """

    cooperative = models.ForeignKey(
        "cooperatives.Cooperative",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="fee_rates",
        verbose_name=_("cooperative"),
    )
    category = models.ForeignKey(
        "catalogue.Category", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    rate = models.DecimalField(_("fee (%)"), max_digits=5, decimal_places=2)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        constraints = [
            *DatedRow.Meta.constraints,
            models.CheckConstraint(
                name="fee_rate_is_percent",
                condition=Q(rate__gte=0) & Q(rate__lte=100),
                violation_error_message=_("A fee is a percentage: from 0 to 100."),
            ),
            # One scope has one rate a day at most: of its rows, one begins on a day and one is open.
            *(
                models.UniqueConstraint(
                    name=f"fee_rate_{name}",
                    fields=[*scope, "valid_from"],
                    condition=Q(
                        cooperative__isnull="cooperative" not in scope, category__isnull="category" not in scope
                    ),
                    violation_error_message=_("Another fee of the same scope begins on that day."),
                )
                for name, scope in (
                    ("once_default", ()),
                    ("once_cooperative", ("cooperative",)),
                    ("once_category", ("category",)),
                    ("once_both", ("cooperative", "category")),
                )
            ),
        ]

    def __str__(self) -> str:
        scope = [str(part) for part in (self.cooperative, self.category) if part]
        whom = " · ".join(scope) or _("Everybody")
        return f"{whom}: {self.rate} %"


class Statement(models.Model):
    """What a cooperative and the marketplace owe each other for the parcels that became final by the end of a period.

    Written once, never changed: what is learned later stands in the next one.
    """

    number = models.CharField(_("number"), max_length=24, unique=True)
    cooperative = models.ForeignKey("cooperatives.Cooperative", models.PROTECT, related_name="statements")
    period_from = models.DateField(_("from day"))
    period_to = models.DateField(_("to day"))
    # What earlier statements left unpaid either way: payouts not yet approved, less bills not yet paid.
    brought_forward = models.DecimalField(_("brought forward"), max_digits=14, decimal_places=0, default=0)
    net = models.DecimalField(_("net of this period"), max_digits=14, decimal_places=0, default=0)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-period_to", "cooperative"]
        constraints = [
            models.UniqueConstraint(name="statement_once_a_period", fields=["cooperative", "period_to"]),
            models.CheckConstraint(name="statement_period_in_order", condition=Q(period_from__lte=F("period_to"))),
        ]
        permissions = [
            ("settle_period", _("Can make the statements of a period")),
            ("approve_payouts", _("Can approve payouts")),
            ("pay_payouts", _("Can export approved payouts and mark them paid")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def balance(self) -> int:
        """What is to be paid out; negative when the cooperative is to pay."""
        return int(self.brought_forward + self.net)


class StatementItem(models.Model):
    """One parcel in a statement, in đồng; without a parcel, what belongs to none.

    `goods` to `delivery` are of the parcel as it stands, less what an earlier statement showed of it; the rest is of the
    ledger's transactions that this statement settles. Refunds, fees and taxes are positive, and reduce the net.
    """

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="items")
    parcel = models.ForeignKey("order.Parcel", models.PROTECT, null=True, blank=True, related_name="statement_items")
    goods = models.DecimalField(_("goods"), max_digits=14, decimal_places=0, default=0)
    seller_discount = models.DecimalField(_("discount of the seller"), max_digits=14, decimal_places=0, default=0)
    marketplace_discount = models.DecimalField(
        _("discount of the marketplace"), max_digits=14, decimal_places=0, default=0
    )
    delivery = models.DecimalField(_("delivery"), max_digits=14, decimal_places=0, default=0)
    received_directly = models.DecimalField(
        _("received by the cooperative"), max_digits=14, decimal_places=0, default=0
    )
    refunded_directly = models.DecimalField(
        _("refunded by the cooperative"), max_digits=14, decimal_places=0, default=0
    )
    collected = models.DecimalField(_("collected by the marketplace"), max_digits=14, decimal_places=0, default=0)
    refunded = models.DecimalField(_("refunded by the marketplace"), max_digits=14, decimal_places=0, default=0)
    voucher_credit = models.DecimalField(
        _("vouchers paid by the marketplace"), max_digits=14, decimal_places=0, default=0
    )
    fee = models.DecimalField(_("fee"), max_digits=14, decimal_places=0, default=0)
    tax = models.DecimalField(_("tax withheld"), max_digits=14, decimal_places=0, default=0)
    net = models.DecimalField(_("net"), max_digits=14, decimal_places=0, default=0)

    class Meta:
        verbose_name = _("parcel of a statement")
        verbose_name_plural = _("parcels of statements")
        constraints = [
            models.UniqueConstraint(name="statement_item_once", fields=["statement", "parcel"]),
            models.CheckConstraint(
                name="statement_item_adds_up",
                condition=Q(net=F("collected") - F("refunded") + F("voucher_credit") - F("fee") - F("tax")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id}: {self.parcel_id} {self.net}"

    @property
    def charged(self) -> int:
        """What the buyer was charged."""
        return int(self.goods - self.seller_discount - self.marketplace_discount + self.delivery)


class StatementLine(models.Model):
    """That a transaction of the ledger is settled, and where. One line for each: nothing is settled twice."""

    item = models.ForeignKey(StatementItem, models.PROTECT, related_name="lines")
    transaction = models.OneToOneField("ledger.Transaction", models.PROTECT, related_name="statement_line")

    class Meta:
        verbose_name = _("settled transaction")
        verbose_name_plural = _("settled transactions")

    def __str__(self) -> str:
        return f"{self.item_id}: {self.transaction_id}"


class ConnectedAccount(models.Model):
    """A cooperative's account at Stripe, to which payouts are transferred instead of by bank."""

    cooperative = models.OneToOneField(
        "cooperatives.Cooperative", models.PROTECT, related_name="connected_account", verbose_name=_("cooperative")
    )
    account = models.CharField(
        _("account at Stripe"), max_length=40, unique=True, validators=[RegexValidator(r"^acct_[0-9A-Za-z]+$")]
    )
    changed_at = models.DateTimeField(_("named at"))

    class Meta:
        verbose_name = _("connected account")
        verbose_name_plural = _("connected accounts")

    def __str__(self) -> str:
        return f"{self.cooperative_id}: {self.account}"


class PayoutFile(models.Model):
    """A file of transfers for the marketplace's bank."""

    number = models.CharField(_("number"), max_length=24, unique=True)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("file for the bank")
        verbose_name_plural = _("files for the bank")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.number


class Payout(models.Model):
    """Money to be paid to a cooperative. Two people approve it; see `marketplace.settlement.payouts`."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for approval")
        APPROVED_ONCE = "approved_once", _("Approved once")
        APPROVED = "approved", _("Approved twice")
        EXPORTED = "exported", _("Sent to the bank")
        PAID = "paid", _("Paid")
        CARRIED = "carried", _("Carried into a later statement")

    class Method(models.TextChoices):
        BANK = "bank", _("Bank transfer")
        STRIPE = "stripe", _("Transfer at Stripe")

    statement = models.OneToOneField(Statement, models.PROTECT, related_name="payout")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)
    status = models.CharField(_("status"), max_length=14, choices=Status, default=Status.PENDING)
    method = models.CharField(_("way"), max_length=6, choices=Method, default=Method.BANK)
    # Grows with each failure: approvals and postings of an earlier round do not count for a later one.
    turn = models.PositiveSmallIntegerField(_("turn"), default=1)
    bank_account = models.ForeignKey("payment.BankAccount", models.PROTECT, null=True, blank=True, related_name="+")
    file = models.ForeignKey(PayoutFile, models.PROTECT, null=True, blank=True, related_name="payouts")
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    carried_into = models.ForeignKey(Statement, models.PROTECT, null=True, blank=True, related_name="carried_payouts")

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            models.CheckConstraint(name="payout_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="payout_carried_somewhere",
                condition=Q(status="carried", carried_into__isnull=False)
                | (~Q(status="carried") & Q(carried_into__isnull=True)),
            ),
            models.CheckConstraint(name="payout_paid_has_day", condition=~Q(status="paid") | Q(paid_at__isnull=False)),
        ]
        indexes = [models.Index(fields=["status"], name="payout_status_idx")]

    def __str__(self) -> str:
        return f"{self.statement_id}: {self.amount}"


class PayoutApproval(models.Model):
    """One person's approval of a payout, to the account that it was approved for."""

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="approvals")
    turn = models.PositiveSmallIntegerField(_("turn"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    # Of the bank account or of the account at Stripe: approved for one account, a payout does not go to another.
    destination = models.CharField(_("account"), max_length=60)

    class Meta:
        verbose_name = _("approval of a payout")
        verbose_name_plural = _("approvals of payouts")
        constraints = [models.UniqueConstraint(name="payout_approval_once", fields=["payout", "turn", "by"])]

    def __str__(self) -> str:
        return f"{self.payout_id}: {self.by_id}"


class PayoutEvent(models.Model):
    """A recorded change of a payout; never changed and never deleted. `by` is empty for the clock."""

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="events")
    from_status = models.CharField(_("from"), max_length=14, choices=Payout.Status, blank=True)
    to_status = models.CharField(_("to"), max_length=14, choices=Payout.Status)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("change of a payout")
        verbose_name_plural = _("changes of payouts")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.payout_id}: {self.from_status} → {self.to_status}"


class Bill(models.Model):
    """What a cooperative is to pay the marketplace; unpaid, it is carried into the next statement."""

    class Status(models.TextChoices):
        OPEN = "open", _("To be paid")
        PAID = "paid", _("Paid")
        CARRIED = "carried", _("Carried into a later statement")

    statement = models.OneToOneField(Statement, models.PROTECT, related_name="bill")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded at"), null=True, blank=True)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    carried_into = models.ForeignKey(Statement, models.PROTECT, null=True, blank=True, related_name="carried_bills")

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        constraints = [
            models.CheckConstraint(name="bill_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="bill_carried_somewhere",
                condition=Q(status="carried", carried_into__isnull=False)
                | (~Q(status="carried") & Q(carried_into__isnull=True)),
            ),
            models.CheckConstraint(name="bill_paid_has_day", condition=~Q(status="paid") | Q(paid_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id}: {self.amount}"


class SellerTaxStatus(DatedRow):
    """That a seller is a household or a person, for whom the marketplace withholds tax. Without a row in force the seller
    is an organisation, and declares itself. Decree 117/2025/NĐ-CP.
    """

    class Kind(models.TextChoices):
        RESIDENT = "resident", _("Household or person, resident")
        NON_RESIDENT = "non_resident", _("Household or person, not resident")

    cooperative = models.ForeignKey(
        "cooperatives.Cooperative", models.PROTECT, related_name="tax_statuses", verbose_name=_("seller")
    )
    kind = models.CharField(_("kind of seller"), max_length=12, choices=Kind)
    identity_number = EncryptedTextField(
        _("identity number (12 digits)"), validators=[RegexValidator(r"^[0-9]{12}$", _("Enter the 12 digits."))]
    )

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("seller's tax status")
        verbose_name_plural = _("sellers' tax statuses")

    def __str__(self) -> str:
        return f"{self.cooperative_id}: {self.kind}"


class WithholdingRate(DatedRow):
    """What is withheld of a household's revenue, in percent."""

    class Nature(models.TextChoices):
        GOODS = "goods", _("Goods")
        SERVICES = "services", _("Services")
        TRANSPORT = "transport", _("Transport and services tied to goods")

    seller_kind = models.CharField(_("kind of seller"), max_length=12, choices=SellerTaxStatus.Kind)
    nature = models.CharField(_("kind of revenue"), max_length=10, choices=Nature)
    vat_rate = models.DecimalField(_("value added tax (%)"), max_digits=5, decimal_places=2)
    income_rate = models.DecimalField(_("personal income tax (%)"), max_digits=5, decimal_places=2)
    legal_source = models.CharField(_("legal source"), max_length=120)

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("withholding rate")
        verbose_name_plural = _("withholding rates")
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(name="withholding_rate_once_a_day", fields=["seller_kind", "nature", "valid_from"]),
            models.CheckConstraint(
                name="withholding_rate_is_percent",
                condition=Q(vat_rate__gte=0, vat_rate__lte=100, income_rate__gte=0, income_rate__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller_kind} {self.nature}: {self.vat_rate} + {self.income_rate} %"


class Withholding(models.Model):
    """Tax withheld of a line, or of a parcel's delivery where `line` is empty; negative where goods came back."""

    parcel = models.ForeignKey("order.Parcel", models.PROTECT, related_name="withholdings")
    line = models.ForeignKey("order.Line", models.PROTECT, null=True, blank=True, related_name="withholdings")
    cooperative = models.ForeignKey("cooperatives.Cooperative", models.PROTECT, related_name="withholdings")
    nature = models.CharField(_("kind of revenue"), max_length=10, choices=WithholdingRate.Nature)
    seller = models.ForeignKey(SellerTaxStatus, models.PROTECT, related_name="+", verbose_name=_("seller"))
    base = models.DecimalField(_("revenue"), max_digits=14, decimal_places=0)
    vat_rate = models.DecimalField(_("value added tax (%)"), max_digits=5, decimal_places=2)
    income_rate = models.DecimalField(_("personal income tax (%)"), max_digits=5, decimal_places=2)
    vat = models.DecimalField(_("value added tax"), max_digits=14, decimal_places=0)
    income_tax = models.DecimalField(_("personal income tax"), max_digits=14, decimal_places=0)
    accrued_on = models.DateField(_("day"))
    transaction = models.ForeignKey("ledger.Transaction", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("tax withheld")
        verbose_name_plural = _("taxes withheld")
        indexes = [models.Index(fields=["accrued_on"], name="withholding_day_idx")]

    def __str__(self) -> str:
        return f"{self.parcel_id}: {self.vat} + {self.income_tax}"
