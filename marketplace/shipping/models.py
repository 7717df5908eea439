"""How a cooperative's parcels reach the buyer, and what that costs."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class DeliveryOption(models.Model):
    """A way of delivery that a cooperative offers to every buyer in the country, at one charge in đồng."""

    cooperative = models.ForeignKey("cooperatives.Cooperative", models.CASCADE, related_name="delivery_options")
    name = models.CharField(_("name"), max_length=80)
    charge = models.DecimalField(_("charge (VND)"), max_digits=12, decimal_places=0)
    free_from = models.DecimalField(
        _("free for goods of at least (VND)"), max_digits=12, decimal_places=0, null=True, blank=True
    )
    days_min = models.PositiveSmallIntegerField(_("days at least"), default=2)
    days_max = models.PositiveSmallIntegerField(_("days at most"), default=5)
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("delivery option")
        verbose_name_plural = _("delivery options")
        ordering = ["charge", "id"]
        constraints = [
            models.CheckConstraint(name="delivery_charge_not_negative", condition=Q(charge__gte=0)),
            models.CheckConstraint(name="delivery_days_in_order", condition=Q(days_max__gte=F("days_min"))),
        ]

    def __str__(self) -> str:
        return self.name


from oscar.apps.shipping.models import *  # type: ignore[assignment]  # noqa: E402, F403 - Oscar's other models, after ours
