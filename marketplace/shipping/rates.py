"""What delivery costs and when it comes: arithmetic on what was loaded, without a query and without a clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import IntEnum
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.common.money import MAXIMUM_VND
from marketplace.common.weekdays import EVERY_DAY

GRAMS_IN_KG = 1_000
# Ten tonnes: more is no parcel.
MAXIMUM_WEIGHT = 10_000_000


class TariffError(DomainError):
    """A charge by weight that makes no sense."""

    code = "tariff"


class TierMissingError(TariffError):
    code = "tier_missing"
    message = _("Enter at least one charge.")


class TierOrderError(TariffError):
    code = "tier_order"
    message = _("Enter the weights from the lightest to the heaviest, each once, more than 0 and at most 10.000 kg.")


class TierChargeError(TariffError):
    code = "tier_charge"
    message = _("A heavier parcel cannot cost less than a lighter one, and no charge is negative.")


class TierEndlessError(TariffError):
    code = "tier_endless"
    message = _(
        "A charge for any weight is the last one: no further weight and no charge for a further kilogram follow it."
    )


class DaysOrderError(TariffError):
    code = "days_order"
    message = _("The longest time cannot be shorter than the shortest.")


class Precision(IntEnum):
    """How exactly a zone names a place; the highest wins."""

    NATIONWIDE = 1
    PROVINCE = 2
    DISTRICT = 3
    COMMUNE = 4


@dataclass(frozen=True)
class Tariff:
    """`tiers`: up to so many grams, so many đồng; None for any weight. `free_from`: in đồng of goods, None for never."""

    tiers: tuple[tuple[int | None, int], ...]
    further_kg_charge: int | None = None
    free_from: int | None = None

    def charge(self, *, weight_g: int, goods_total: int) -> int | None:
        """In đồng; None for a parcel that is too heavy. Never less for a heavier one."""
        charge = self._by_weight(weight_g)
        if charge is not None and self.free_from is not None and goods_total >= self.free_from:
            return 0
        return charge

    def _by_weight(self, weight_g: int) -> int | None:
        for up_to, charge in self.tiers:
            if up_to is None or weight_g <= up_to:
                return charge
        last, charge = self.tiers[-1]
        if last is None or self.further_kg_charge is None or weight_g > MAXIMUM_WEIGHT:
            return None
        return charge + -(-(weight_g - last) // GRAMS_IN_KG) * self.further_kg_charge

    @property
    def least(self) -> int:
        return 0 if self.free_from == 0 else self.tiers[0][1]

    def require_sense(self) -> None:
        """Raises TariffError."""
        if not self.tiers:
            raise TierMissingError
        weights = [up_to for up_to, _charge in self.tiers]
        if None in weights[:-1] or (weights[-1] is None and self.further_kg_charge is not None):
            raise TierEndlessError
        bounds = [up_to for up_to in weights if up_to is not None]
        if any(not 0 < up_to <= MAXIMUM_WEIGHT for up_to in bounds) or any(a >= b for a, b in pairwise(bounds)):
            raise TierOrderError
        charges = [charge for _up_to, charge in self.tiers]
        amounts = [*charges, self.further_kg_charge or 0, self.free_from or 0]
        if any(a > b for a, b in pairwise(charges)) or any(not 0 <= amount <= MAXIMUM_VND for amount in amounts):
            raise TierChargeError


@dataclass(frozen=True)
class Destination:
    """A commune of today. `province_id` is None only for a unit that stands outside every province."""

    commune_id: int
    province_id: int | None
    name: str = ""


@dataclass(frozen=True)
class Reach:
    """Keys of today's units, by how exactly a zone names them. Provinces of before 2025-07-01 stand there by commune."""

    communes: frozenset[int] = frozenset()
    districts: frozenset[int] = frozenset()
    provinces: frozenset[int] = frozenset()
    is_nationwide: bool = False

    def precision(self, destination: Destination) -> Precision | None:
        """None for a place that is not reached."""
        if destination.commune_id in self.communes:
            return Precision.COMMUNE
        if destination.commune_id in self.districts:
            return Precision.DISTRICT
        if destination.commune_id in self.provinces or destination.province_id in self.provinces:
            return Precision.PROVINCE
        return Precision.NATIONWIDE if self.is_nationwide else None


@dataclass(frozen=True)
class Zone:
    reach: Reach
    tariff: Tariff
    days_min: int
    days_max: int


@dataclass(frozen=True)
class PickupPoint:
    """`place` is its address with the commune's name."""

    place: str
    open_weekdays: int = EVERY_DAY
    opens_at: time | None = None
    closes_at: time | None = None
    ready_days: int = 1
    note: str = ""


@dataclass(frozen=True)
class Method:
    """A way of delivery with everything that its charge depends on. A pick-up point has `pickup` and no zones."""

    pk: int
    kind: str
    name: str
    zones: Sequence[Zone] = ()
    pickup: PickupPoint | None = None


@dataclass(frozen=True)
class Charge:
    """`zone` is None for a pick-up point."""

    amount: int
    zone: Zone | None = None


@dataclass(frozen=True)
class Rules:
    """What a cooperative asks of an order; see `ordering`."""

    minimum_order: int = 0
    lead_days: int = 0
    order_weekdays: int = EVERY_DAY
    order_until: time | None = None
    send_weekdays: int = EVERY_DAY


NO_RULES = Rules()


def charge_of(method: Method, *, destination: Destination | None, weight_g: int, goods_total: int) -> Charge | None:
    """What a parcel costs; None where the method does not go, or for what is too heavy for it.

    The zone that names the place most exactly decides; of equal ones the cheaper. Without a destination, the least that
    it can cost anywhere.
    """
    if method.pickup is not None:
        return Charge(0)
    zones: Iterable[Zone] = method.zones
    if destination is not None:
        zones = _most_exact(method.zones, destination)
    charges = [
        Charge(amount, zone)
        for zone in zones
        if (amount := zone.tariff.charge(weight_g=weight_g, goods_total=goods_total)) is not None
    ]
    return min(charges, key=lambda charge: (charge.amount, _days(charge)), default=None)


def _most_exact(zones: Sequence[Zone], destination: Destination) -> list[Zone]:
    found = [(precision, zone) for zone in zones if (precision := zone.reach.precision(destination)) is not None]
    best = max((precision for precision, _zone in found), default=None)
    return [zone for precision, zone in found if precision == best]


def _days(charge: Charge) -> int:
    return charge.zone.days_max if charge.zone else 0


@dataclass(frozen=True)
class Promise:
    """The first and the last day on which a parcel should arrive, or can be fetched from on."""

    earliest: date
    latest: date
