"""What the registry's dated rows may not say twice. A model's status is decided by `services`.

Rows are closed and appended, never rewritten: a cooperative that left and came back has two rows that do not overlap.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cooperatives.linkage.models import KeyProduct, LinkageArea, LinkageParticipant
from cooperatives.models import CooperativeActivity, CooperativeCommune
from marketplace.common.errors import DomainError
from marketplace.common.validity import DatedRow


class OverlapError(DomainError):
    code = "rows_overlap"


@dataclass(frozen=True)
class OncePerDay:
    """Of rows that agree in these fields, at most one is in force on any day."""

    fields: tuple[str, ...]
    refusal: Promise


ONCE_PER_DAY: Mapping[type[DatedRow], OncePerDay] = {
    LinkageParticipant: OncePerDay(
        ("linkage_id", "cooperative_id"), _("This cooperative already takes part on those days.")
    ),
    LinkageArea: OncePerDay(
        ("linkage_id", "unit_id"), _("This commune already belongs to the raw-material area on those days.")
    ),
    CooperativeCommune: OncePerDay(
        ("cooperative_id", "unit_id", "role"), _("The cooperative already has this commune in this role on those days.")
    ),
    CooperativeActivity: OncePerDay(("cooperative_id",), _("The cooperative already is active on those days.")),
    KeyProduct: OncePerDay(
        ("unit_id", "commodity_id"), _("This already is a key product of the commune on those days.")
    ),
}


def require_once_per_day(row: DatedRow) -> None:
    """Raises OverlapError when another stored row says the same of a day of this one."""
    rule = ONCE_PER_DAY.get(type(row))
    if rule is None:
        return
    same = {field: getattr(row, field) for field in rule.fields}
    if None in same.values() or row.valid_from is None:
        return
    others = type(row).objects.filter(**same).exclude(pk=row.pk)
    others = others.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=row.valid_from))
    if row.valid_to is not None:
        others = others.filter(valid_from__lt=row.valid_to)
    if others.exists():
        raise OverlapError(rule.refusal)
