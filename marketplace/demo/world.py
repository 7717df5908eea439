"""What the parts of the demo share while they load: the seed, the day, and what was already made."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from catalog.models import Product
from cooperatives.commodities.models import Commodity
from cooperatives.models import Cooperative
from cooperatives.partner.models import Partner
from cooperatives.places.models import AdministrativeUnit, Succession
from marketplace.demo.source import RESTRUCTURED_ON
from marketplace.users.models import User

ICT = ZoneInfo("Asia/Ho_Chi_Minh")
CAO_BANG = "04"
FIRST_DAY = date(2023, 1, 5)


@dataclass
class World:
    """One demo in the making."""

    seed: int
    today: date
    orders: int = 1500
    legacy: dict[str, AdministrativeUnit] = field(default_factory=dict)
    current: dict[str, AdministrativeUnit] = field(default_factory=dict)
    successor: dict[str, AdministrativeUnit] = field(default_factory=dict)
    commodities: dict[str, Commodity] = field(default_factory=dict)
    cooperatives: dict[str, Cooperative] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    clerks: dict[str, User] = field(default_factory=dict)
    official: User | None = None
    editor: User | None = None
    listings: list[Product] = field(default_factory=list)

    def rng(self, part: str) -> Random:
        """Return a source of chance of its own for a part, so that parts do not disturb each other."""
        return Random(f"{self.seed}/{part}")

    @property
    def now(self) -> datetime:
        """The moment at which the demo's past ends."""
        return self.moment(self.today, 0, 30)

    @staticmethod
    def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), ICT)

    def unit_on(self, legacy_code: str, on: date) -> AdministrativeUnit:
        """Return the unit, valid on the day, that the legacy commune is or has become."""
        return self.legacy[legacy_code] if on < RESTRUCTURED_ON else self.successor[legacy_code]

    def days_ago(self, days: int) -> date:
        return self.today - timedelta(days=days)


def read_places(world: World) -> None:
    """Fill in the communes of Cao Bằng of both generations and who succeeds whom."""
    communes = AdministrativeUnit.objects.filter(
        level=AdministrativeUnit.Level.COMMUNE, province__code=CAO_BANG
    ).select_related("parent", "province")
    for unit in communes:
        (world.legacy if unit.valid_to else world.current)[unit.code] = unit
    by_key = {unit.pk: unit for unit in world.current.values()}
    pairs = Succession.objects.filter(predecessor__in=world.legacy.values(), is_default=True)
    codes = {unit.pk: code for code, unit in world.legacy.items()}
    for predecessor, successor in pairs.values_list("predecessor_id", "successor_id"):
        world.successor[codes[predecessor]] = by_key[successor]
