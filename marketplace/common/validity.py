"""Facts with dates: rows valid on the half-open interval [valid_from, valid_to)."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


def in_force_q(on: date, prefix: str = "") -> Q:
    """The condition that a row is valid on the day; `prefix` reaches it through a relation ("unit__")."""
    return Q(**{f"{prefix}valid_from__lte": on}) & (
        Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gt": on})
    )


class DatedQuerySet(models.QuerySet):
    def in_force(self, on: date) -> Self:
        """Rows valid on the day; `valid_to` itself is the first day on which the row no longer holds."""
        return self.filter(in_force_q(on))


class DatedRow(models.Model):
    """A fact with dates. An edit closes the row and appends another; a row is not rewritten.

    A subclass with constraints of its own writes `constraints = [*DatedRow.Meta.constraints, ...]`.
    """

    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until (this day excluded)"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_ends_after_start",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                violation_error_message=_("The end must be later than the start."),
            )
        ]

    def is_in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def clean(self) -> None:
        super().clean()
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise ValidationError({"valid_to": _("The end must be later than the start.")})
