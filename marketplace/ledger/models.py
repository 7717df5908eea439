"""Double entry: who holds whose money. Entries are never changed and never deleted; a balance is a sum of entries."""

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LedgerIsFinalError(Exception):
    """What was posted is never changed and never deleted: post the opposite."""


class AppendOnlyQuerySet(models.QuerySet):
    """Rows can be added and read. The database refuses the rest too: see migration 0002."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise LedgerIsFinalError

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsFinalError

    def delete(self) -> NoReturn:
        raise LedgerIsFinalError


class AppendOnly(models.Model):
    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise LedgerIsFinalError
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsFinalError


class Account(models.Model):
    """One account of a cooperative, or of the marketplace where `cooperative` is empty."""

    class Kind(models.TextChoices):
        # Of a cooperative.
        RECEIVED_DIRECTLY = "received_directly", _("Received directly")
        DIRECT_SALES = "direct_sales", _("Sales paid directly")
        COLLECTED = "collected", _("Collected by the marketplace")
        VOUCHER_CREDIT = "voucher_credit", _("Vouchers funded by the marketplace")
        FEE_OWED = "fee_owed", _("Fees")
        REFUNDS_PAID = "refunds_paid", _("Refunds paid from marketplace money")
        TAX_WITHHELD = "tax_withheld", _("Tax withheld")
        PAID_OUT = "paid_out", _("Paid out")
        # Of the marketplace.
        CARD_CLEARING = "card_clearing", _("Card clearing")
        BANK = "bank", _("Bank")
        FEES = "fees", _("Fee income")
        PROVIDER_FEES = "provider_fees", _("Providers' fees")
        VOUCHERS_FUNDED = "vouchers_funded", _("Cost of vouchers")
        TAX_PAYABLE = "tax_payable", _("Tax to be paid on")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    cooperative = models.ForeignKey("cooperatives.Cooperative", models.PROTECT, null=True, related_name="accounts")

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(name="account_one_of_kind", fields=["kind", "cooperative"]),
            models.UniqueConstraint(
                name="account_one_of_marketplace", fields=["kind"], condition=Q(cooperative__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.cooperative_id or ''}".strip()


class Transaction(AppendOnly):
    """Entries that belong together and sum to zero. `key` names the fact, so a fact told twice is posted once."""

    key = models.CharField(_("key"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=20)
    # Whose statement it belongs to, and for which parcel; empty for the marketplace's own.
    cooperative = models.ForeignKey(
        "cooperatives.Cooperative", models.PROTECT, null=True, related_name="ledger_transactions"
    )
    parcel = models.ForeignKey("order.Parcel", models.PROTECT, null=True, related_name="ledger_transactions")
    occurred_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("ledger transaction")
        verbose_name_plural = _("ledger transactions")
        indexes = [models.Index(fields=["cooperative", "occurred_at"], name="ledger_coop_idx")]

    def __str__(self) -> str:
        return self.key


class Entry(AppendOnly):
    """One side of a transaction, in đồng: a debit is positive, a credit negative."""

    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, models.PROTECT, related_name="entries")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [models.CheckConstraint(name="entry_amount_not_zero", condition=~Q(amount=0))]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount}"
