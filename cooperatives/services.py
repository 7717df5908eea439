"""The dated rows of a cooperative: where it serves, when it is active, and who belongs to it.

A row is never rewritten: `row_close` ends it, and a change is a row that is closed and another that follows.
"""

from datetime import date
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Cooperative, CooperativeActivity, CooperativeCommune, Membership
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.errors import DomainError
from marketplace.common.validity import DatedRow
from marketplace.users.models import User

Row = TypeVar("Row", bound=DatedRow)


class EndsBeforeStartError(DomainError):
    code = "ends_before_start"
    message = _("The end, %(end)s, must be later than the start, %(start)s.")


class RowAlreadyClosedError(DomainError):
    code = "row_already_closed"
    message = _("This row was already closed on %(end)s.")


class UnitIsNoCommuneError(DomainError):
    code = "unit_is_no_commune"
    message = _("%(unit)s is not a commune, ward or township.")


class UnitNotValidOnDayError(DomainError):
    code = "unit_not_valid_on_day"
    message = _("%(unit)s is not a valid administrative unit on %(day)s.")


class AlreadyActiveError(DomainError):
    code = "already_active"
    message = _("The cooperative is already active on %(day)s.")


class NotActiveError(DomainError):
    code = "not_active"
    message = _("The cooperative is not active on %(day)s.")


class PersonUnknownError(DomainError):
    code = "person_unknown"
    message = _("Enter an account, a phone number or an e-mail address of the person.")


def require_period(valid_from: date, valid_to: date | None) -> None:
    """Raises EndsBeforeStartError unless the end, if any, is later than the start."""
    if valid_to is not None and valid_to <= valid_from:
        raise EndsBeforeStartError(start=f"{valid_from:%d/%m/%Y}", end=f"{valid_to:%d/%m/%Y}")


def require_commune(unit: AdministrativeUnit, on: date) -> None:
    """Raises UnitIsNoCommuneError, or UnitNotValidOnDayError when the unit does not exist on the day."""
    if unit.level != AdministrativeUnit.Level.COMMUNE:
        raise UnitIsNoCommuneError(unit=unit.name)
    if not unit.is_in_force(on):
        raise UnitNotValidOnDayError(unit=unit.name, day=f"{on:%d/%m/%Y}")


def row_close(*, row: Row, valid_to: date) -> Row:
    """Ends an open row; `valid_to` is the first day on which it no longer holds.

    Raises RowAlreadyClosedError or EndsBeforeStartError.
    """
    if row.valid_to is not None:
        raise RowAlreadyClosedError(end=f"{row.valid_to:%d/%m/%Y}")
    require_period(row.valid_from, valid_to)
    row.valid_to = valid_to
    row.save(update_fields=["valid_to"])
    return row


@transaction.atomic
def serve_commune(
    *,
    cooperative: Cooperative,
    unit: AdministrativeUnit,
    role: CooperativeCommune.Role,
    valid_from: date,
    valid_to: date | None = None,
) -> CooperativeCommune:
    """The cooperative has its home in the commune, or operates there; a new home closes the one before.

    Raises the errors of `require_commune`, `require_period` and, for a home that is not later, `row_close`.
    """
    require_commune(unit, valid_from)
    require_period(valid_from, valid_to)
    if role == CooperativeCommune.Role.HOME:
        for former in cooperative.communes.filter(role=role, valid_to__isnull=True):
            row_close(row=former, valid_to=valid_from)
    return CooperativeCommune.objects.create(
        cooperative=cooperative, unit=unit, role=role, valid_from=valid_from, valid_to=valid_to
    )


def activity_resume(*, cooperative: Cooperative, on: date) -> CooperativeActivity:
    """The cooperative is active from the day on. Raises AlreadyActiveError."""
    if cooperative.activities.in_force(on).exists():
        raise AlreadyActiveError(day=f"{on:%d/%m/%Y}")
    return CooperativeActivity.objects.create(cooperative=cooperative, valid_from=on)


def activity_suspend(*, cooperative: Cooperative, on: date) -> CooperativeActivity:
    """The cooperative is not active from the day on. Raises NotActiveError, or the errors of `row_close`."""
    row = cooperative.activities.in_force(on).order_by("valid_from").last()
    if row is None:
        raise NotActiveError(day=f"{on:%d/%m/%Y}")
    return row_close(row=row, valid_to=on)


def person_add(
    *,
    cooperative: Cooperative,
    role: Membership.Role,
    valid_from: date,
    user: User | None = None,
    full_name: str = "",
    phone: str = "",
    email: str = "",
) -> Membership:
    """A member or one of the staff; without an account known by phone (E.164) or e-mail. Raises PersonUnknownError.

    Purchases already recorded are marked as the seller's own by the next rebuild of the evidence.
    """
    if user is None and not phone and not email:
        raise PersonUnknownError
    return Membership.objects.create(
        cooperative=cooperative,
        user=user,
        full_name=full_name,
        phone=phone,
        email=email.strip().lower(),
        role=role,
        valid_from=valid_from,
    )
