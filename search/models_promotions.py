"""Answers that editors place above the results of common questions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from search.addresses import written_address


class PromotedResult(models.Model):
    """A link that stands above the results when one of its questions is asked. Nobody pays for it."""

    title = models.CharField(_("title"), max_length=80)
    description = models.CharField(_("description"), max_length=200, blank=True)
    # A path of this site, or an https address.
    link = models.CharField(_("leads to"), max_length=300)
    # One a line, as people type them.
    questions = models.TextField(_("questions"))
    is_shown = models.BooleanField(_("shown"), default=True)

    class Meta:
        verbose_name = _("promoted result")
        verbose_name_plural = _("promoted results")
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def url(self) -> str:
        return written_address(self.link)

    @property
    def question_list(self) -> list[str]:
        return [line.strip() for line in self.questions.splitlines() if line.strip()]


class PromotedQuestion(models.Model):
    """A question of a promoted result as search compares it: words without marks."""

    result = models.ForeignKey(PromotedResult, models.CASCADE, related_name="asked", verbose_name=_("promoted result"))
    key = models.CharField(_("words"), max_length=200, db_index=True)

    class Meta:
        verbose_name = _("promoted question")
        verbose_name_plural = _("promoted questions")
        constraints = [models.UniqueConstraint(fields=["result", "key"], name="search_promoted_question_once")]

    def __str__(self) -> str:
        return self.key
