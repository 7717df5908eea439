"""How often what was asked for and opened, by day. Nothing says by whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchTally(models.Model):
    """The searches of one text on one day. The text without marks; empty for all that are not kept by their text."""

    day = models.DateField(_("day"))
    text = models.CharField(_("searched for"), max_length=60, blank=True)
    searches = models.PositiveIntegerField(_("searches"), default=0)
    without_result = models.PositiveIntegerField(_("without result"), default=0)

    class Meta:
        verbose_name = _("count of searches")
        verbose_name_plural = _("counts of searches")
        constraints = [models.UniqueConstraint(fields=["day", "text"], name="search_tally_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.text}: {self.searches}"


class ClickTally(models.Model):
    """How often a listing was opened from the results of a text on one day."""

    day = models.DateField(_("day"))
    text = models.CharField(_("searched for"), max_length=60, blank=True)
    # No foreign key: a count outlives its listing, and a browser may name what there is not.
    listing_id = models.BigIntegerField(_("listing"))
    clicks = models.PositiveIntegerField(_("clicks"), default=0)

    class Meta:
        verbose_name = _("count of clicks")
        verbose_name_plural = _("counts of clicks")
        constraints = [models.UniqueConstraint(fields=["day", "text", "listing_id"], name="search_click_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.text} → {self.listing_id}: {self.clicks}"
