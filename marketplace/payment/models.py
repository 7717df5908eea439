"""What is known of money: facts told by a provider or by a clerk, stored once."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PaymentFact(models.Model):
    """Money that moved for one parcel. (provider, reference, kind) is unique, so a fact told twice counts once."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("Received")

    provider = models.CharField(_("provider"), max_length=12)
    reference = models.CharField(_("reference"), max_length=64)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    parcel = models.ForeignKey("order.Parcel", models.PROTECT, related_name="payment_facts")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=0)
    currency = models.CharField(_("currency"), max_length=3, default="VND")
    occurred_at = models.DateTimeField(_("occurred at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("payment fact")
        verbose_name_plural = _("payment facts")
        constraints = [
            models.UniqueConstraint(name="payment_fact_once", fields=["provider", "reference", "kind"]),
            models.CheckConstraint(name="payment_fact_amount_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.reference}: {self.amount}"


from oscar.apps.payment.models import *  # type: ignore[assignment]  # noqa: E402, F403 - Oscar's other models, after ours
