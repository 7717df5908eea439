"""What a buyer's account remembers."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class SavedAddress(models.Model):
    """An address that the account has sent goods to, offered again at the next order."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_addresses")
    name = models.CharField(_("name"), max_length=120)
    phone = PhoneNumberField(_("phone number"))
    commune = models.ForeignKey("places.AdministrativeUnit", models.PROTECT, related_name="+")
    street = models.CharField(_("house number, street, hamlet"), max_length=200)
    directions = models.CharField(_("directions for the courier"), max_length=300, blank=True)
    used_at = models.DateTimeField(_("last used at"))

    class Meta:
        verbose_name = _("saved address")
        verbose_name_plural = _("saved addresses")
        ordering = ["-used_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="saved_address_once", fields=["user", "name", "phone", "commune", "street"])
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.street}"


from oscar.apps.customer.models import *  # type: ignore[assignment]  # noqa: E402, F403 - Oscar's other models, after ours
