"""Words that mean the same, as editors know them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Synonym(models.Model):
    """Whoever asks for an equivalent also finds what is called by the phrase; two-way, the other way round as well."""

    phrase = models.CharField(_("word or phrase"), max_length=80, unique=True)
    # One a line.
    equivalents = models.TextField(_("means the same"))
    is_two_way = models.BooleanField(_("both ways"), default=True)

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        ordering = ["phrase"]

    def __str__(self) -> str:
        return self.phrase

    @property
    def equivalent_list(self) -> list[str]:
        return [line.strip() for line in self.equivalents.splitlines() if line.strip()]
