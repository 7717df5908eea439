"""Setting up how a cooperative delivers. Every function runs in one transaction and returns what it wrote."""

import logging
from collections.abc import Collection, Iterable
from datetime import date, time

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Cooperative
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.errors import DomainError
from marketplace.common.locks import locked
from marketplace.common.text import clean_text
from marketplace.common.weekdays import EVERY_DAY
from marketplace.shipping.areas import reach_of
from marketplace.shipping.models import DeliveryMethod, DeliveryZone, OrderingRules, ZoneArea
from marketplace.shipping.rates import DaysOrderError, Tariff, TierChargeError
from marketplace.users.models import User

Kind = DeliveryMethod.Kind

MAXIMUM_DAYS = 90
MAXIMUM_AREAS = 200

_log = logging.getLogger(__name__)


class DeliveryError(DomainError):
    code = "delivery"


class NameMissingError(DeliveryError):
    code = "name_missing"
    message = _("Enter a name that buyers understand.")


class AreaMissingError(DeliveryError):
    code = "area_missing"
    message = _("Name at least one commune, district or province, or choose the whole country.")


class AreaTakenError(DeliveryError):
    code = "area_taken"
    message = _("%(area)s already has a charge in this way of delivery. Change that one instead.")


class AreaNotValidError(DeliveryError):
    code = "area_not_valid"
    message = _("%(area)s is no commune of today.")


class PickupPlaceError(DeliveryError):
    code = "pickup_place"
    message = _("Enter the address, and a commune of today.")


class HoursOrderError(DeliveryError):
    code = "hours_order"
    message = _("Enter both hours, the opening one first; or neither.")


class WeekdayMissingError(DeliveryError):
    code = "weekday_missing"
    message = _("Choose at least one day.")


class DaysTooManyError(DeliveryError):
    code = "days_too_many"
    message = _("At most %(maximum)s days.")


@transaction.atomic
def save_method(
    *, cooperative: Cooperative, method: DeliveryMethod | None, kind: str, name: str, is_active: bool, by: User | None
) -> DeliveryMethod:
    """A way of delivery that goes by zones, new where `method` is None and none has the name. Raises NameMissingError."""
    if kind not in {Kind.DELIVERY, Kind.CARRIER}:
        raise ValueError(kind)
    method = _own(cooperative, method, kind, _named(name))
    method.is_active = is_active
    method.save()
    _log_change(method, "saved", by)
    return method


@transaction.atomic
def save_pickup_point(
    *,
    cooperative: Cooperative,
    method: DeliveryMethod | None,
    name: str,
    address: str,
    commune: AdministrativeUnit | None,
    open_weekdays: int,
    opens_at: time | None,
    closes_at: time | None,
    ready_days: int,
    note: str,
    is_active: bool,
    by: User | None,
    on: date,
) -> DeliveryMethod:
    """New where `method` is None and none has the name. Raises NameMissingError, PickupPlaceError, HoursOrderError, WeekdayMissingError or DaysTooManyError."""
    method = _own(cooperative, method, Kind.PICKUP, _named(name))
    address = clean_text(address)
    if not address or commune is None or not _is_commune_of(commune, on):
        raise PickupPlaceError
    if (opens_at is None) != (closes_at is None) or (opens_at and closes_at and opens_at >= closes_at):
        raise HoursOrderError
    _require_weekdays(open_weekdays)
    _require_days(ready_days)
    method.is_active = is_active
    method.address, method.commune, method.note = address, commune, clean_text(note)
    method.open_weekdays, method.opens_at, method.closes_at = open_weekdays, opens_at, closes_at
    method.ready_days = ready_days
    method.save()
    _log_change(method, "saved", by)
    return method


@transaction.atomic
def save_zone(
    *,
    method: DeliveryMethod,
    zone: DeliveryZone | None,
    is_nationwide: bool,
    units: Collection[AdministrativeUnit],
    tariff: Tariff,
    days_min: int,
    days_max: int,
    by: User | None,
    on: date,
) -> DeliveryZone:
    """Where the way of delivery goes and what it charges there; new where `zone` is None. A nationwide zone has no units.

    A commune must be valid on the day; a district or a province may be a former one. Raises TariffError,
    AreaMissingError, AreaTakenError, AreaNotValidError, DaysOrderError or DaysTooManyError.
    """
    tariff.require_sense()
    _require_days(days_max)
    if not 0 <= days_min <= days_max:
        raise DaysOrderError
    (method,) = locked(DeliveryMethod.objects.filter(pk=method.pk))
    if zone is not None and zone.method_id != method.pk:
        raise ValueError(zone.pk)
    named = [] if is_nationwide else list(units)[:MAXIMUM_AREAS]
    _require_areas(method, zone, is_nationwide=is_nationwide, units=named, on=on)
    zone = zone or DeliveryZone(method=method)
    zone.is_nationwide, zone.reach = is_nationwide, reach_of(named, on=on)
    zone.tiers = [[up_to, charge] for up_to, charge in tariff.tiers]
    zone.further_kg_charge, zone.free_from = tariff.further_kg_charge, tariff.free_from  # type: ignore[assignment]
    zone.days_min, zone.days_max = days_min, days_max
    zone.save()
    zone.areas.all().delete()
    ZoneArea.objects.bulk_create(ZoneArea(zone=zone, unit=unit) for unit in named)
    _log_change(method, "zone saved", by)
    return zone


@transaction.atomic
def remove_zone(*, zone: DeliveryZone, by: User | None) -> None:
    """Removed twice, it is gone once."""
    DeliveryZone.objects.filter(pk=zone.pk).delete()
    _log_change(zone.method, "zone removed", by)


@transaction.atomic
def set_ordering_rules(
    *,
    cooperative: Cooperative,
    minimum_order: int,
    lead_days: int,
    order_weekdays: int,
    order_until: time | None,
    send_weekdays: int,
    by: User | None,
) -> OrderingRules:
    """What the cooperative asks of every order from now on. Raises TierChargeError, WeekdayMissingError or DaysTooManyError."""
    if minimum_order < 0:
        raise TierChargeError
    _require_days(lead_days)
    for mask in (order_weekdays, send_weekdays):
        _require_weekdays(mask)
    rules, _created = OrderingRules.objects.update_or_create(
        cooperative=cooperative,
        defaults={
            "minimum_order": minimum_order,
            "lead_days": lead_days,
            "order_weekdays": order_weekdays,
            "order_until": order_until,
            "send_weekdays": send_weekdays,
        },
    )
    _log.info("ordering rules of cooperative %s set by user %s", cooperative.pk, by.pk if by else None)
    return rules


def _own(cooperative: Cooperative, method: DeliveryMethod | None, kind: str, name: str) -> DeliveryMethod:
    """The method with its kind and name set; for a new one, that of the same name: a form sent twice makes one."""
    if method is None:
        locked(Cooperative.objects.filter(pk=cooperative.pk))
        known = DeliveryMethod.objects.filter(cooperative=cooperative, kind=kind, name=name)
        method = known.first() or DeliveryMethod(cooperative=cooperative)
    if method.cooperative_id != cooperative.pk:
        raise ValueError(method.pk)
    method.kind, method.name = kind, name
    return method


def _named(name: str) -> str:
    name = clean_text(name)
    if not name:
        raise NameMissingError
    return name


def _require_days(days: int) -> None:
    if not 0 <= days <= MAXIMUM_DAYS:
        raise DaysTooManyError(maximum=MAXIMUM_DAYS)


def _require_weekdays(mask: int) -> None:
    if not 1 <= mask <= EVERY_DAY:
        raise WeekdayMissingError


def _require_areas(
    method: DeliveryMethod,
    zone: DeliveryZone | None,
    *,
    is_nationwide: bool,
    units: Iterable[AdministrativeUnit],
    on: date,
) -> None:
    units = list(units)
    others = DeliveryZone.objects.filter(method=method)
    if zone is not None:
        others = others.exclude(pk=zone.pk)
    if is_nationwide:
        if others.filter(is_nationwide=True).exists():
            raise AreaTakenError(area=_("The whole country"))
        return
    if not units:
        raise AreaMissingError
    for unit in units:
        if unit.level == AdministrativeUnit.Level.COMMUNE and not unit.is_in_force(on):
            raise AreaNotValidError(area=unit.name)
    taken = ZoneArea.objects.filter(zone__in=others, unit__in=units).select_related("unit").first()
    if taken:
        raise AreaTakenError(area=taken.unit.name)


def _is_commune_of(unit: AdministrativeUnit, on: date) -> bool:
    return unit.level == AdministrativeUnit.Level.COMMUNE and unit.is_in_force(on)


def _log_change(method: DeliveryMethod, change: str, by: User | None) -> None:
    _log.info("way of delivery %s %s by user %s", method.pk, change, by.pk if by else None)
