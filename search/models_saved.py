"""Searches that buyers keep."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedSearch(models.Model):
    """A question that a buyer keeps, and may be told of by e-mail when something new fits."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches", verbose_name=_("buyer")
    )
    # The canonical address of the results behind its question mark, on the first page.
    address = models.CharField(_("question"), max_length=1000)
    # In the words and the language of the day it was saved.
    label = models.CharField(_("label"), max_length=200)
    language = models.CharField(_("language"), max_length=5)
    is_told = models.BooleanField(_("told by e-mail"), default=True)
    created_at = models.DateTimeField(_("saved at"))
    # What was first on sale until then is known to the buyer.
    seen_until = models.DateTimeField(_("known until"))
    # Once a day.
    checked_on = models.DateField(_("looked for on"), db_index=True)

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "address"], name="search_saved_once")]

    def __str__(self) -> str:
        return self.label
