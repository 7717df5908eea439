"""Ways of delivery of the demo's cooperatives: by post everywhere, by coach, by themselves near home, and to be fetched."""

from collections.abc import Sequence
from datetime import time

from cooperatives.places.models import AdministrativeUnit
from marketplace.demo import source
from marketplace.demo.source import CooperativeRow
from marketplace.demo.world import CAO_BANG, World
from marketplace.order.models import ShippingAddress
from marketplace.shipping.areas import reach_of
from marketplace.shipping.models import DeliveryMethod, DeliveryZone, OrderingRules, ZoneArea
from marketplace.shipping.rates import Reach, Tariff, Zone

Kind = DeliveryMethod.Kind
Level = AdministrativeUnit.Level

BY_POST = "Giao tận nơi qua bưu điện"
BY_COACH = "Gửi xe khách, nhận tại bến"
BY_OURSELVES = "Hợp tác xã tự giao"
AT_OUR_PLACE = "Nhận tại hợp tác xã"
AT_THE_MARKET = "Nhận ở chợ phiên"
# Under this name the post carries the parcels of the demo's past.
POST = "Bưu điện"
# Where coaches from Cao Bằng go: Thái Nguyên, Hà Nội, Bắc Ninh.
_BY_COACH_TO = ("19", "01", "24")
_KG = 1_000
_EVERY_OTHER_DAY = 0b001_0101
_WORKDAYS = 0b001_1111
_WEEKEND = 0b110_0000


POST_FAR = Zone(
    Reach(is_nationwide=True), Tariff(((2 * _KG, 35_000), (5 * _KG, 50_000), (10 * _KG, 75_000)), 6_000, 700_000), 3, 6
)
POST_NEAR = Zone(Reach(), Tariff(((2 * _KG, 25_000), (10 * _KG, 40_000)), 3_000, 700_000), 2, 3)


def post_zone(address: ShippingAddress | None) -> Zone:
    """The post's zone in which the address lies."""
    province = address.commune.province if address and address.commune else None
    return POST_NEAR if province and province.code == CAO_BANG else POST_FAR


def load_delivery(world: World) -> None:
    """Give every cooperative its ways of delivery, and some of them rules of ordering."""
    provinces = {
        unit.code: unit
        for unit in AdministrativeUnit.objects.in_force(world.today).filter(level=Level.PROVINCE).order_by("code")
    }
    rows = source.cooperatives()
    ways = [way for row in rows for way in _ways(world, row)]
    DeliveryMethod.objects.bulk_create(ways)
    by_key = {(way.cooperative_id, way.name): way for way in ways}
    reaches: dict[tuple[int, ...], dict[str, list[int]]] = {}
    zones, areas = [], []
    for row in rows:
        cooperative = world.cooperatives[row.key]
        for name, units, zone in _zones(world, row, provinces):
            if (cooperative.pk, name) not in by_key:
                continue
            zone.method = by_key[cooperative.pk, name]
            key = tuple(unit.pk for unit in units)
            if key not in reaches:
                reaches[key] = reach_of(units, on=world.today)
            zone.reach, zone.is_nationwide = reaches[key], not units
            zones.append(zone)
            areas += [(zone, unit) for unit in units]
    DeliveryZone.objects.bulk_create(zones)
    ZoneArea.objects.bulk_create(ZoneArea(zone=zone, unit=unit) for zone, unit in areas)
    OrderingRules.objects.bulk_create(rules for row in rows if (rules := _rules(world, row)))


def _ways(world: World, row: CooperativeRow) -> list[DeliveryMethod]:
    rng = world.rng(f"delivery/{row.key}")
    cooperative = world.cooperatives[row.key]
    home = world.successor[row.home]
    found = [DeliveryMethod(cooperative=cooperative, kind=Kind.CARRIER, name=BY_POST)]
    if rng.random() < 0.6:
        found.append(DeliveryMethod(cooperative=cooperative, kind=Kind.CARRIER, name=BY_COACH))
    if rng.random() < 0.7:
        found.append(DeliveryMethod(cooperative=cooperative, kind=Kind.DELIVERY, name=BY_OURSELVES))
    if rng.random() < 0.75:
        found.append(
            DeliveryMethod(
                cooperative=cooperative,
                kind=Kind.PICKUP,
                name=AT_OUR_PLACE,
                address=cooperative.street_address,
                commune=home,
                open_weekdays=rng.choice((0b111_1111, _WORKDAYS, 0b011_1111)),
                opens_at=time(rng.choice((7, 8))),
                closes_at=time(rng.choice((11, 16, 17)), 30),
                ready_days=rng.choice((0, 1, 1, 2)),
                note="Gọi trước khi đến",
            )
        )
    if rng.random() < 0.25:
        found.append(
            DeliveryMethod(
                cooperative=cooperative,
                kind=Kind.PICKUP,
                name=AT_THE_MARKET,
                address="Chợ trung tâm, gian hàng của hợp tác xã",
                commune=home,
                open_weekdays=_WEEKEND,
                opens_at=time(6),
                closes_at=time(11),
            )
        )
    return found


def _zones(
    world: World, row: CooperativeRow, provinces: dict[str, AdministrativeUnit]
) -> list[tuple[str, list[AdministrativeUnit], DeliveryZone]]:
    """The name of the way, the areas and the zone."""
    home, district = world.successor[row.home], world.legacy[row.home].parent
    province = provinces[CAO_BANG]
    coach = [provinces[code] for code in _BY_COACH_TO if code in provinces]
    near = [[5 * _KG, 20_000], [20 * _KG, 35_000]]
    found = [
        (BY_POST, [], _as_row(POST_FAR)),
        (BY_POST, [province], _as_row(POST_NEAR)),
        (BY_COACH, [province], _zone([[10 * _KG, 20_000], [30 * _KG, 40_000]], 1_000, 1, 1)),
        (BY_COACH, coach, _zone([[10 * _KG, 30_000], [30 * _KG, 60_000]], 1_500, 1, 2)),
        (BY_OURSELVES, [home], _zone([[None, 10_000]], None, 0, 1, free_from=200_000)),
    ]
    if district:
        found.append((BY_OURSELVES, [district], _zone(near, None, 1, 2, free_from=500_000)))
    return found


def _zone(
    tiers: Sequence[Sequence[int | None]], further: int | None, first: int, last: int, *, free_from: int | None = None
) -> DeliveryZone:
    return DeliveryZone(
        tiers=[list(tier) for tier in tiers],
        further_kg_charge=further,
        days_min=first,
        days_max=last,
        free_from=free_from,
    )


def _as_row(zone: Zone) -> DeliveryZone:
    tariff = zone.tariff
    return _zone(tariff.tiers, tariff.further_kg_charge, zone.days_min, zone.days_max, free_from=tariff.free_from)


def _rules(world: World, row: CooperativeRow) -> OrderingRules | None:
    rng = world.rng(f"ordering/{row.key}")
    cooperative = world.cooperatives[row.key]
    chance = rng.random()
    if chance < 0.2:
        return OrderingRules(cooperative=cooperative, minimum_order=rng.choice((50_000, 100_000)), lead_days=1)
    if chance < 0.4:
        return OrderingRules(cooperative=cooperative, lead_days=1, send_weekdays=_EVERY_OTHER_DAY)
    return None
