"""What is known of money: attempts to be paid, what providers told, and the facts that were applied, each stored once."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.common.encrypted import EncryptedTextField


class PaymentTerms(models.Model):
    """How a cooperative lets itself be paid. Without a row: cash on delivery, without a maximum."""

    cooperative = models.OneToOneField("cooperatives.Cooperative", models.CASCADE, related_name="payment_terms")
    accepts_cash = models.BooleanField(_("cash on delivery"), default=True)
    cash_maximum = models.DecimalField(
        _("cash for parcels of at most (VND)"), max_digits=12, decimal_places=0, null=True, blank=True
    )
    calls_before_packing = models.BooleanField(_("call the buyer before packing"), default=False)
    accepts_transfer = models.BooleanField(_("bank transfer (VietQR)"), default=True)
    accepts_card = models.BooleanField(_("card"), default=True)

    class Meta:
        verbose_name = _("payment terms")
        verbose_name_plural = _("payment terms")

    def __str__(self) -> str:
        return f"{self.cooperative_id}"


class PaymentAttempt(models.Model):
    """One try to be paid: for one parcel by transfer, or for all parcels of an order by card.

    It is written before the provider is called; `idempotency_key` goes with every call that creates something, so that
    a call whose answer was lost may be made again.
    """

    class Status(models.TextChoices):
        CREATED = "created", _("Created")
        PENDING = "pending", _("Waiting for the buyer")
        SUCCEEDED = "succeeded", _("Paid")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")

    order = models.ForeignKey("order.Order", models.PROTECT, related_name="payment_attempts")
    provider = models.CharField(_("provider"), max_length=12)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)
    currency = models.CharField(_("currency"), max_length=3, default="VND")
    # What each parcel's part of the amount is: {parcel's id: đồng}. Frozen, whatever becomes of the parcels.
    shares = models.JSONField(_("shares"))
    idempotency_key = models.CharField(_("idempotency key"), max_length=64, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.CREATED)
    # The provider's names: of the page where the buyer pays, and of the payment made there.
    external_id = models.CharField(_("number at the provider"), max_length=120, blank=True)
    payment_id = models.CharField(_("payment at the provider"), max_length=120, blank=True)
    url = models.URLField(_("page to pay on"), max_length=1000, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last read from the provider"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("payment attempt")
        verbose_name_plural = _("payment attempts")
        constraints = [
            models.UniqueConstraint(
                name="attempt_external_id_once", fields=["provider", "external_id"], condition=~Q(external_id="")
            ),
            models.CheckConstraint(name="attempt_amount_positive", condition=Q(amount__gt=0)),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(status__in=["created", "pending"]), name="attempt_open_idx"
            ),
            models.Index(fields=["provider", "payment_id"], name="attempt_payment_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.order_id}: {self.amount}"

    @property
    def share_of(self) -> dict[int, int]:
        """Đồng by the parcel's id."""
        return {int(parcel_id): int(amount) for parcel_id, amount in self.shares.items()}


class ProviderEvent(models.Model):
    """What a provider told, stored once before it is answered, and applied afterwards."""

    provider = models.CharField(_("provider"), max_length=12)
    event_id = models.CharField(_("event"), max_length=120)
    kind = models.CharField(_("kind"), max_length=80)
    payload = models.JSONField(_("content"))
    received_at = models.DateTimeField(_("received at"))
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)
    failures = models.PositiveSmallIntegerField(_("failures"), default=0)

    class Meta:
        verbose_name = _("event of a provider")
        verbose_name_plural = _("events of providers")
        constraints = [models.UniqueConstraint(name="provider_event_once", fields=["provider", "event_id"])]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(applied_at__isnull=True), name="provider_event_open_idx")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"


class ProviderCursor(models.Model):
    """Up to when a provider's list of events was read: what was never posted to us is found there."""

    provider = models.CharField(_("provider"), max_length=12, unique=True)
    events_read_until = models.DateTimeField(_("events read until"))

    class Meta:
        verbose_name = _("events read until")
        verbose_name_plural = _("events read until")

    def __str__(self) -> str:
        return self.provider


class PaymentFact(models.Model):
    """Money that moved for one parcel. (provider, reference, kind, parcel) is unique: a fact told twice counts once."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("Received")
        REFUNDED = "refunded", _("Refunded")
        CHARGED_BACK = "charged_back", _("Taken back in a dispute")
        SENT_BACK = "sent_back", _("A refund that the card's bank sent back")

    provider = models.CharField(_("provider"), max_length=12)
    reference = models.CharField(_("reference"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    parcel = models.ForeignKey("order.Parcel", models.PROTECT, related_name="payment_facts")
    attempt = models.ForeignKey(PaymentAttempt, models.PROTECT, null=True, blank=True, related_name="facts")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)
    currency = models.CharField(_("currency"), max_length=3, default="VND")
    occurred_at = models.DateTimeField(_("occurred at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("payment fact")
        verbose_name_plural = _("payment facts")
        constraints = [
            models.UniqueConstraint(
                name="payment_fact_once_a_parcel", fields=["provider", "reference", "kind", "parcel"]
            ),
            models.CheckConstraint(name="payment_fact_amount_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.reference}: {self.amount}"


class UnmatchedMoney(models.Model):
    """Money that arrived and fits no parcel as it stands. It waits for a person, who applies it or gives it back."""

    class Reason(models.TextChoices):
        WRONG_AMOUNT = "wrong_amount", _("Another amount")
        WRONG_CURRENCY = "wrong_currency", _("Another currency")
        PAID_TWICE = "paid_twice", _("Paid already")
        TOO_LATE = "too_late", _("The parcel is cancelled")
        NO_REFERENCE = "no_reference", _("No reference")
        SEVERAL_REFERENCES = "several_references", _("Several references")
        UNKNOWN_PAYMENT = "unknown_payment", _("An unknown payment")

    class Status(models.TextChoices):
        OPEN = "open", _("To be settled")
        APPLIED = "applied", _("Applied to a parcel")
        REFUNDED = "refunded", _("Given back")
        DISMISSED = "dismissed", _("Not for us")

    provider = models.CharField(_("provider"), max_length=12)
    reference = models.CharField(_("reference"), max_length=120)
    # Whose account holds it; empty where it is the marketplace's.
    cooperative = models.ForeignKey(
        "cooperatives.Cooperative", models.PROTECT, null=True, blank=True, related_name="unmatched_money"
    )
    attempt = models.ForeignKey(PaymentAttempt, models.PROTECT, null=True, blank=True, related_name="unmatched_money")
    parcel = models.ForeignKey(
        "order.Parcel",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="unmatched_money",
        verbose_name=_("suggested parcel"),
    )
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)
    currency = models.CharField(_("currency"), max_length=3, default="VND")
    memo = models.CharField(_("memo"), max_length=500, blank=True)
    payer = models.CharField(_("payer"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    occurred_at = models.DateTimeField(_("occurred at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    resolved_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("unmatched money")
        verbose_name_plural = _("unmatched money")
        constraints = [models.UniqueConstraint(name="unmatched_money_once", fields=["provider", "reference"])]
        indexes = [models.Index(fields=["status", "cooperative", "occurred_at"], name="unmatched_money_queue_idx")]

    def __str__(self) -> str:
        return f"{self.provider} {self.reference}: {self.amount}"


class Refund(models.Model):
    """Money to be given back for a parcel. It counts once the fact of it is known."""

    class Reason(models.TextChoices):
        CANCELLED = "cancelled", _("The parcel was cancelled")
        RETURNED = "returned", _("The goods were returned")
        SHORT = "short", _("Less was packed than ordered")
        LIGHTER = "lighter", _("The goods weighed less")
        DAMAGED = "damaged", _("The goods were damaged or bad")
        MISSING = "missing", _("Something was missing")
        LATE = "late", _("It came too late")
        OVERPAID = "overpaid", _("Paid too much or twice")
        DISPUTED = "disputed", _("Taken back in a dispute")
        OTHER = "other", _("Another reason")

    class Status(models.TextChoices):
        REQUESTED = "requested", _("To be refunded")
        PENDING = "pending", _("On its way")
        SUCCEEDED = "succeeded", _("Refunded")
        FAILED = "failed", _("Failed")
        CONTESTED = "contested", _("Contested by the buyer")

    # The form's token, or what caused the refund: pressing twice makes one.
    key = models.CharField(_("key"), max_length=120, unique=True)
    provider = models.CharField(_("provider"), max_length=12)
    parcel = models.ForeignKey("order.Parcel", models.PROTECT, null=True, blank=True, related_name="refunds")
    unmatched = models.OneToOneField(UnmatchedMoney, models.PROTECT, null=True, blank=True, related_name="refund")
    attempt = models.ForeignKey(PaymentAttempt, models.PROTECT, null=True, blank=True, related_name="refunds")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    note = models.CharField(_("note"), max_length=300, blank=True)
    contest_note = models.CharField(_("what the buyer says"), max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.REQUESTED)
    # The provider's number, or what the cooperative noted of its own transfer.
    external_id = models.CharField(_("reference"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(name="refund_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="refund_of_parcel_or_unmatched",
                condition=Q(parcel__isnull=False, unmatched__isnull=True)
                | Q(parcel__isnull=True, unmatched__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(status__in=["requested", "pending"]), name="refund_open_idx"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.amount}"


class RefundLine(models.Model):
    """How much of a refund falls on one line's charge as it now is; what is left of its amount falls on the delivery.

    What packing took off a line's charge is refunded without lines: the charge has shrunk already.
    """

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="lines")
    line = models.ForeignKey("order.Line", models.PROTECT, related_name="refund_lines")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)

    class Meta:
        verbose_name = _("refund of a line")
        verbose_name_plural = _("refunds of lines")
        constraints = [
            models.UniqueConstraint(name="refund_line_once", fields=["refund", "line"]),
            models.CheckConstraint(name="refund_line_amount_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.refund_id}: {self.amount}"


class Dispute(models.Model):
    """A card holder's bank asks the money back. While it is open, its parcels are not paid out."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    provider = models.CharField(_("provider"), max_length=12)
    external_id = models.CharField(_("number at the provider"), max_length=120)
    attempt = models.ForeignKey(PaymentAttempt, models.PROTECT, related_name="disputes")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    status = models.CharField(_("status"), max_length=6, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [models.UniqueConstraint(name="dispute_once", fields=["provider", "external_id"])]

    def __str__(self) -> str:
        return f"{self.provider} {self.external_id}"


class BankAccount(models.Model):
    """Where transfers to a cooperative go, and its payouts. A change is a new row: what was before stays readable."""

    cooperative = models.ForeignKey("cooperatives.Cooperative", models.PROTECT, related_name="bank_accounts")
    bank_bin = models.CharField(_("bank"), max_length=6)
    account_number = EncryptedTextField(_("account number"))
    holder = models.CharField(_("account holder"), max_length=100)
    changed_at = models.DateTimeField(_("named at"))
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    replaced_at = models.DateTimeField(_("replaced at"), null=True, blank=True)

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="bank_account_one_in_use", fields=["cooperative"], condition=Q(replaced_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.cooperative_id}: {self.bank_bin}"

    @property
    def masked_number(self) -> str:
        """The last four characters, for people who need not know the rest."""
        return f"•••{self.account_number[-4:]}"


class StatementUpload(models.Model):
    """A bank's statement between its preview and its import. Its content is then deleted: it names payers."""

    cooperative = models.ForeignKey("cooperatives.Cooperative", models.CASCADE, related_name="statement_uploads")
    name = models.CharField(_("file"), max_length=120)
    content = models.BinaryField(_("content"))
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("uploaded statement")
        verbose_name_plural = _("uploaded statements")

    def __str__(self) -> str:
        return self.name


from oscar.apps.payment.models import *  # type: ignore[assignment]  # noqa: E402, F403 - Oscar's other models, after ours
