"""Ways of delivery and rules of ordering, ready to be reckoned with. One query for a whole basket."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch

from cooperatives.models import Cooperative
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.prepared import Prepared
from marketplace.shipping.areas import reach_from
from marketplace.shipping.models import DeliveryMethod, DeliveryZone, OrderingRules, ZoneArea
from marketplace.shipping.rates import NO_RULES, Destination, Method, PickupPoint, Rules, Tariff, Zone

Kind = DeliveryMethod.Kind

_METHOD = ("pk", "cooperative_id", "kind", "name")
_PICKUP = ("address", "commune__name", "open_weekdays", "opens_at", "closes_at", "ready_days", "note")
_ZONE = tuple(
    f"zones__{name}"
    for name in ("pk", "is_nationwide", "tiers", "further_kg_charge", "free_from", "days_min", "days_max", "reach")
)
_RULES = tuple(
    f"cooperative__ordering_rules__{name}"
    for name in ("minimum_order", "lead_days", "order_weekdays", "order_until", "send_weekdays")
)


@dataclass
class Offered:
    """What one cooperative offers and asks."""

    methods: list[Method] = field(default_factory=list)
    rules: Rules = NO_RULES


def offers_of(cooperative_ids: Iterable[int]) -> dict[int, Offered]:
    """For each cooperative its active ways of delivery, the oldest first, and its rules. One query, none for none.

    A way of delivery that goes by zones and has none is left out. The rules of a cooperative without a way of delivery
    do not matter and are not read.
    """
    offered: dict[int, Offered] = {pk: Offered() for pk in cooperative_ids}
    if not offered:
        return {}
    by_method: dict[int, list[dict[str, Any]]] = {}
    for row in _rows(tuple(offered)):
        by_method.setdefault(row["pk"], []).append(row)
    for found in by_method.values():
        method = _method(found)
        offer = offered[found[0]["cooperative_id"]]
        offer.rules = _rules(found[0])
        if method.pickup is not None or method.zones:
            offer.methods.append(method)
    return offered


def has_delivery(cooperative_id: int) -> bool:
    """Whether the cooperative can hand over anything: without it nothing of it may be published."""
    active = DeliveryMethod.objects.filter(cooperative_id=cooperative_id, is_active=True)
    return active.filter(kind=Kind.PICKUP).exists() or active.filter(zones__isnull=False).exists()


def cooperatives_reaching(destination: Destination) -> frozenset[int]:
    """Keys of the cooperatives of which a parcel can be sent to the commune; fetching it oneself does not count. One query."""
    return frozenset(
        cooperative
        for cooperative, is_nationwide, reach in _zones()
        if is_nationwide or reach_from(reach, is_nationwide=False).precision(destination) is not None
    )


# Each zone once, whatever it charges: a parcel of some weight can go there.
_zones = Prepared(
    lambda: (
        DeliveryZone.objects.filter(method__is_active=True)
        .exclude(method__kind=Kind.PICKUP)
        .order_by()
        .values_list("method__cooperative_id", "is_nationwide", "reach")
    )
)
_rows = Prepared(
    lambda cooperatives: (
        DeliveryMethod.objects.filter(cooperative_id__in=cooperatives, is_active=True)
        .order_by("pk", "zones__pk")
        .values(*_METHOD, *_PICKUP, *_ZONE, *_RULES)
    )
)


def _method(rows: Sequence[dict[str, Any]]) -> Method:
    first = rows[0]
    if first["kind"] == Kind.PICKUP:
        place = ", ".join(part for part in (first["address"], first["commune__name"]) if part)
        pickup = PickupPoint(
            place=place,
            open_weekdays=first["open_weekdays"],
            opens_at=first["opens_at"],
            closes_at=first["closes_at"],
            ready_days=first["ready_days"],
            note=first["note"],
        )
        return Method(first["pk"], first["kind"], first["name"], pickup=pickup)
    zones = tuple(_zone(row) for row in rows if row["zones__pk"] is not None)
    return Method(first["pk"], first["kind"], first["name"], zones=zones)


def _zone(row: dict[str, Any]) -> Zone:
    return Zone(
        reach=reach_from(row["zones__reach"], is_nationwide=row["zones__is_nationwide"]),
        tariff=tariff_from(row["zones__tiers"], row["zones__further_kg_charge"], row["zones__free_from"]),
        days_min=row["zones__days_min"],
        days_max=row["zones__days_max"],
    )


def tariff_from(tiers: Iterable[Sequence[int | None]], further_kg_charge: Any, free_from: Any) -> Tariff:
    """The charge by weight as it is stored."""
    return Tariff(
        tiers=tuple((up_to, charge or 0) for up_to, charge in tiers),
        further_kg_charge=None if further_kg_charge is None else int(further_kg_charge),
        free_from=None if free_from is None else int(free_from),
    )


def _rules(row: dict[str, Any]) -> Rules:
    prefix = "cooperative__ordering_rules__"
    if row[f"{prefix}lead_days"] is None:
        return NO_RULES
    return Rules(
        minimum_order=int(row[f"{prefix}minimum_order"]),
        lead_days=row[f"{prefix}lead_days"],
        order_weekdays=row[f"{prefix}order_weekdays"],
        order_until=row[f"{prefix}order_until"],
        send_weekdays=row[f"{prefix}send_weekdays"],
    )


def methods_of(cooperative: Cooperative) -> list[DeliveryMethod]:
    """All ways of delivery of a cooperative with their zones and areas, those offered first. Three queries."""
    areas = ZoneArea.objects.select_related("unit").order_by("unit__level", "unit__code")
    zones = DeliveryZone.objects.order_by("-is_nationwide", "pk").prefetch_related(Prefetch("areas", areas))
    methods = DeliveryMethod.objects.filter(cooperative=cooperative).select_related("commune")
    return list(methods.prefetch_related(Prefetch("zones", zones)).order_by("-is_active", "pk"))


def method_detail(pk: int) -> DeliveryMethod | None:
    """A way of delivery with its cooperative; whoever asks checks that it is theirs."""
    return DeliveryMethod.objects.select_related("cooperative", "commune__province").filter(pk=pk).first()


def zone_detail(pk: int) -> DeliveryZone | None:
    """A zone with its way of delivery and cooperative; whoever asks checks that it is theirs."""
    return DeliveryZone.objects.select_related("method__cooperative").filter(pk=pk).first()


def units_of(zone: DeliveryZone) -> list[AdministrativeUnit]:
    """The units that the zone names, with their provinces. One query."""
    named = AdministrativeUnit.objects.filter(pk__in=zone.areas.values("unit")).select_related("province")
    return list(named.order_by("code", "pk"))


def rules_of(cooperative: Cooperative) -> Rules:
    """What the cooperative asks of an order. One query."""
    row = OrderingRules.objects.filter(cooperative=cooperative).first()
    if row is None:
        return NO_RULES
    return Rules(
        minimum_order=int(row.minimum_order),
        lead_days=row.lead_days,
        order_weekdays=row.order_weekdays,
        order_until=row.order_until,
        send_weekdays=row.send_weekdays,
    )
