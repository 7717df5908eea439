"""What the portal's pages of delivery print: ready words, no decisions left."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.common.money import format_vnd
from marketplace.common.quantities import format_number
from marketplace.common.weekdays import EVERY_DAY, weekday_words
from marketplace.shipping.models import DeliveryMethod, DeliveryZone
from marketplace.shipping.ordering import ordering_times
from marketplace.shipping.rates import GRAMS_IN_KG, Rules
from marketplace.shipping.selectors import tariff_from

AREAS_SHOWN = 6


@dataclass(frozen=True)
class ZoneRow:
    pk: int
    areas: str
    charges: list[str]
    days: str


@dataclass(frozen=True)
class MethodRow:
    """`warning` says why buyers do not see it; `place` and `hours` are a pick-up point's."""

    pk: int
    name: str
    kind: str
    is_pickup: bool
    is_active: bool
    zones: list[ZoneRow]
    place: str = ""
    hours: str = ""
    note: str = ""
    warning: str = ""


def method_row(method: DeliveryMethod) -> MethodRow:
    zones = [zone_row(zone) for zone in method.zones.all()]
    is_pickup = method.kind == DeliveryMethod.Kind.PICKUP
    warning = ""
    if not is_pickup and not zones:
        warning = _("Buyers do not see it yet: say where it goes and what it costs.")
    return MethodRow(
        pk=method.pk,
        name=method.name,
        kind=method.get_kind_display(),
        is_pickup=is_pickup,
        is_active=method.is_active,
        zones=zones,
        place=", ".join(part for part in (method.address, method.commune.name if method.commune else "") if part),
        hours=_hours(method) if is_pickup else "",
        note=method.note,
        warning=warning,
    )


def zone_row(zone: DeliveryZone) -> ZoneRow:
    """The zone's areas and prefetched units in words."""
    names = [area.unit.name for area in zone.areas.all()]
    areas = _("The whole country") if zone.is_nationwide else ", ".join(names[:AREAS_SHOWN])
    if len(names) > AREAS_SHOWN:
        more = len(names) - AREAS_SHOWN
        areas += " " + ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more}
    days = _("%(least)s–%(most)s days") % {"least": zone.days_min, "most": zone.days_max}
    return ZoneRow(zone.pk, areas, _charges(zone), days)


def rules_row(rules: Rules) -> list[tuple[str, str]]:
    """Pairs of what is asked and how much."""
    rows = [
        (_("Least order"), format_vnd(rules.minimum_order) if rules.minimum_order else _("none")),
        (_("Orders are taken on"), ordering_times(rules)),
    ]
    if rules.lead_days:
        rows.append((_("Days to prepare an order"), str(rules.lead_days)))
    if rules.send_weekdays != EVERY_DAY:
        rows.append((_("Parcels leave on"), weekday_words(rules.send_weekdays)))
    return rows


def _charges(zone: DeliveryZone) -> list[str]:
    tariff = tariff_from(zone.tiers, zone.further_kg_charge, zone.free_from)
    found = []
    for up_to, charge in tariff.tiers:
        said = {"charge": format_vnd(charge) if charge else _("free")}
        if up_to is None:
            found.append(_("any weight: %(charge)s") % said)
        else:
            found.append(_("up to %(kg)s kg: %(charge)s") % {**said, "kg": format_number(Decimal(up_to) / GRAMS_IN_KG)})
    if tariff.further_kg_charge is not None:
        found.append(_("each further kg: %(charge)s") % {"charge": format_vnd(tariff.further_kg_charge)})
    if tariff.free_from is not None:
        found.append(_("free from %(amount)s on") % {"amount": format_vnd(tariff.free_from)})
    return found


def _hours(method: DeliveryMethod) -> str:
    words = weekday_words(method.open_weekdays)
    if method.opens_at and method.closes_at:
        words += f" {method.opens_at:%H:%M}–{method.closes_at:%H:%M}"
    return words
