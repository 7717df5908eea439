"""Naming an administrative unit in a form: by its code, valid on the day that the row begins."""

import re
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.permissions import units_answered_for
from cooperatives.linkage.models import KeyProduct
from cooperatives.models import CooperativeCommune
from cooperatives.places.models import AdministrativeUnit
from cooperatives.places.selectors import unit_by_code
from marketplace.common.errors import DomainError
from marketplace.common.text import clean_text, fold
from marketplace.users.models import User

_CODED = re.compile(r"^(\d{2,5})\b\W*(.*)$")
_INTERVAL = re.compile(r"\s*\(.*\)$")


class UnitUnclearError(DomainError):
    code = "unit_unclear"
    message = _("Choose a commune from the list: its code, then its name.")


class UnitNamedOtherwiseError(DomainError):
    code = "unit_named_otherwise"
    message = _("On %(day)s the code %(unit_code)s belonged to %(name)s, not to “%(given)s”.")


class UnitNotOursError(DomainError):
    code = "unit_not_ours"
    message = _("%(name)s is not among the units that you answer for.")


def parse_unit(
    text: str,
    *,
    on: date,
    allowed: frozenset[int] | None,
    level: AdministrativeUnit.Level | None = AdministrativeUnit.Level.COMMUNE,
) -> AdministrativeUnit:
    """The unit that the text names on the day: "01501", "01501 Xã Đàm Thủy" or a name that only one unit has.

    `allowed` are the keys that the person answers for; None allows all. Raises UnitNotValidError for a code that no
    unit carries on the day, UnitNamedOtherwiseError, UnitUnclearError, UnitNotOursError.
    """
    text = _INTERVAL.sub("", clean_text(text))
    coded = _CODED.match(text)
    unit = _by_code(coded[1], coded[2], on) if coded else _by_name(text, on, allowed)
    if level is not None and unit.level != level:
        raise UnitUnclearError
    if allowed is not None and unit.pk not in allowed:
        raise UnitNotOursError(name=unit.name)
    return unit


def _by_code(code: str, given: str, on: date) -> AdministrativeUnit:
    unit = unit_by_code(code=code, on=on)
    names = {fold(unit.name_on(on)), fold(unit.name), fold(unit.short_name)}
    if given and fold(given) not in names:
        raise UnitNamedOtherwiseError(day=f"{on:%d/%m/%Y}", unit_code=code, name=unit.name_on(on), given=given)
    return unit


def _by_name(text: str, on: date, allowed: frozenset[int] | None) -> AdministrativeUnit:
    named = AdministrativeUnit.objects.in_force(on).filter(
        level=AdministrativeUnit.Level.COMMUNE, folded_name=fold(text)
    )
    if allowed is not None:
        named = named.filter(pk__in=allowed)
    units = list(named[:2])
    if len(units) != 1:
        raise UnitUnclearError
    return units[0]


def unit_text(unit: AdministrativeUnit) -> str:
    """What `parse_unit` reads back: "01501 Xã Đàm Thủy"."""
    return f"{unit.code} {unit.name}"


def unit_options(user: User | AnonymousUser, on: date) -> list[str]:
    """Communes to suggest, of both generations, with their dates; those of the provinces at work for who sees all."""
    communes = AdministrativeUnit.objects.filter(level=AdministrativeUnit.Level.COMMUNE)
    allowed = units_answered_for(user, on)
    if allowed is None:
        at_work = AdministrativeUnit.objects.filter(
            Q(pk__in=CooperativeCommune.objects.values("unit")) | Q(pk__in=KeyProduct.objects.values("unit"))
        )
        communes = communes.filter(province__in=at_work.values("province"))
    else:
        communes = communes.filter(pk__in=allowed)
    return [f"{unit_text(unit)} ({_interval(unit)})" for unit in communes.order_by("-valid_from", "code")]


def _interval(unit: AdministrativeUnit) -> str:
    until = f"{unit.valid_to:%d/%m/%Y}" if unit.valid_to else ""
    return f"{unit.valid_from:%d/%m/%Y} → {until}".strip()
