"""Orders of the demo, from 2023 to today: who bought what when, and what became of each parcel.

Written in bulk; the rebuild of the evidence proves that these rows say what the services would have said.
"""

from bisect import bisect
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from catalog.models import Product
from cooperatives.partner.models import StockRecord
from marketplace.common.identifiers import new_identifier
from marketplace.demo import names, source
from marketplace.demo.accounts import CLERK_OF
from marketplace.demo.listings import Offer, intervals_of, offers
from marketplace.demo.parcels import Course, course_of
from marketplace.demo.world import FIRST_DAY, World

# Trade by month, January first: Tết, and the harvests of autumn.
_MONTHS = (1.5, 0.8, 0.75, 0.8, 0.85, 0.9, 0.85, 0.95, 1.15, 1.25, 1.3, 1.5)
_WEEKDAYS = (1.05, 1.0, 0.95, 1.0, 1.1, 1.15, 0.9)
_LINES = ((1, 0.52), (2, 0.3), (3, 0.13), (4, 0.05))
_BUYERS = 430
# Of a hundred orders this many come from somebody who bought before.
_REPEAT = 0.58
# How many days ago the last orders were placed.
_RECENT = (1, 2, 1, 3, 1, 1, 4, 2)


@dataclass(frozen=True)
class Buyer:
    name: str
    phone: str
    email: str
    address: str
    home: int  # rank of the commune in the list of where buyers live


@dataclass(frozen=True)
class Item:
    product: Product
    steps: int

    @property
    def step_price(self) -> int:
        return int(self.product.price_per_unit * self.product.step)

    @property
    def amount(self) -> int:
        return self.step_price * self.steps


@dataclass
class Package:
    """One cooperative's part of an order, with what became of it."""

    cooperative: str
    items: list[Item]
    course: Course
    number: str


@dataclass
class Purchase:
    number: str
    placed_at: datetime
    buyer: Buyer
    packages: list[Package] = field(default_factory=list)


@dataclass
class _Shelf:
    """A listing as a buyer of a day meets it."""

    offer: Offer
    product: Product
    intervals: list[tuple[date, date | None]]
    popularity: float

    def weight(self, day: date) -> float:
        if not any(begin <= day and (end is None or day < end) for begin, end in self.intervals):
            return 0.0
        months = self.product.season_months
        in_season = months >> (day.month - 1) & 1
        return self.popularity * (3.2 if in_season and months != 0b1111_1111_1111 else 1.0)


def purchases(world: World) -> list[Purchase]:
    """Return the orders in order of time."""
    rng = world.rng("orders")
    shelves = _shelves(world, rng)
    buyers = [_buyer(rng, rank) for rank in range(_BUYERS)]
    met = 12
    made = []
    for number, moment in enumerate(_moments(world, rng)):
        if rng.random() > _REPEAT and met < len(buyers):
            met += 1
            buyer = buyers[met - 1]
        else:
            buyer = buyers[int(met * rng.random() ** 1.6)]
        is_last = number >= world.orders - max(4, world.orders // 60)
        wanted = CLERK_OF if is_last and rng.random() < 0.6 else None
        purchase = _purchase(world, rng, moment, buyer, shelves, wanted)
        if purchase:
            made.append(purchase)
    return made


def _shelves(world: World, rng: Random) -> list[_Shelf]:
    by_title = {product.title: product for product in world.listings}
    shelves = []
    for offer in offers():
        if offer.row.title not in by_title:
            continue
        dear = 0.12 if offer.row.price > 1_000_000 else 0.6 if offer.row.price > 400_000 else 1.0
        # Some listings hardly sell: their communes stay on the rung "listed".
        quiet = 0.06 if rng.random() < 0.13 else 1.0
        popularity = dear * quiet * (0.45 + rng.random() * 1.1)
        shelves.append(_Shelf(offer, by_title[offer.row.title], list(intervals_of(world, offer)), popularity))
    return shelves


def _buyer(rng: Random, rank: int) -> Buyer:
    name = names.person(rng)
    has_email = rng.random() < 0.45
    email = f"khach{rank:03d}@mail.example" if has_email else ""
    return Buyer(name, names.phone(100 + rank), email, names.address(rng), rng.randrange(10_000))


def _moments(world: World, rng: Random) -> list[datetime]:
    """Return when the orders were placed: more each year, more at harvest and before Tết."""
    days = [FIRST_DAY + timedelta(days=i) for i in range((world.today - FIRST_DAY).days)]
    weights = [
        (0.42 + 0.62 * (day - FIRST_DAY).days / 730) * _MONTHS[day.month - 1] * _WEEKDAYS[day.weekday()] for day in days
    ]
    chosen = sorted(rng.choices(days, weights, k=world.orders))
    # The last days are busy, so that the clerk finds parcels in every state.
    recent = max(4, world.orders // 60)
    chosen[-recent:] = sorted(world.days_ago(_RECENT[i % len(_RECENT)]) for i in range(recent))
    yesterday = world.days_ago(1)
    # Yesterday's orders come late in the day: those that nobody has confirmed yet are the clerk's morning.
    return [world.moment(day, rng.randint(15 if day == yesterday else 6, 22), rng.randint(0, 59)) for day in chosen]


def _purchase(
    world: World, rng: Random, moment: datetime, buyer: Buyer, shelves: list[_Shelf], wanted: str | None
) -> Purchase | None:
    day = moment.date()
    open_shelves = [(shelf, weight) for shelf in shelves if (weight := shelf.weight(day))]
    if not open_shelves:
        return None
    count = _pick([lines for lines, _ in _LINES], [share for _, share in _LINES], rng)
    chosen: list[_Shelf] = []
    for _ in range(count):
        weights = [
            0.0 if shelf in chosen else weight * _attraction(shelf, chosen, wanted) for shelf, weight in open_shelves
        ]
        if any(weights):
            chosen.append(_pick([shelf for shelf, _ in open_shelves], weights, rng))
    purchase = Purchase(new_identifier(10, rng), moment, buyer)
    for cooperative in dict.fromkeys(shelf.offer.cooperative for shelf in chosen):
        items = [Item(s.product, _steps(s.product, rng)) for s in chosen if s.offer.cooperative == cooperative]
        course = course_of(moment, world.now, rng)
        purchase.packages.append(Package(cooperative, items, course, new_identifier(10, rng)))
    return purchase


def _attraction(shelf: _Shelf, chosen: list[_Shelf], wanted: str | None) -> float:
    """Return how much likelier a listing is beside those chosen: most baskets hold one cooperative's goods."""
    if not chosen:
        return 200.0 if shelf.offer.cooperative == wanted else 1.0
    return 30.0 if shelf.offer.cooperative == chosen[0].offer.cooperative else 1.0


def _pick(choices: list, weights: list[float], rng: Random):
    totals = list(accumulate(weights))
    return choices[bisect(totals, rng.random() * totals[-1], 0, len(choices) - 1)]


def _steps(product: Product, rng: Random) -> int:
    price = int(product.price_per_unit * product.step)
    most = 1 if price > 600_000 else 2 if price > 250_000 else 4 if price > 90_000 else 6
    return rng.randint(1, most)


def insiders(world: World) -> list[Purchase]:
    """Return a few orders in which clerks buy from their own cooperative: kept, and never evidence."""
    rng = world.rng("insiders")
    ranks = {row.key: rank for rank, row in enumerate(source.cooperatives(), start=1)}
    made = []
    for shelf in _shelves(world, rng)[:: max(1, len(world.listings) // 8)]:
        begin = shelf.intervals[0][0] if shelf.intervals else None
        if begin is None or begin >= world.days_ago(30):
            continue
        key = shelf.offer.cooperative
        moment = world.moment(begin + timedelta(days=2), 11)
        clerk = world.clerks[key]
        buyer = Buyer(clerk.full_name, names.phone(ranks[key]), "", names.address(rng), rng.randrange(10_000))
        package = Package(key, [Item(shelf.product, 1)], course_of(moment, world.now, rng), new_identifier(10, rng))
        made.append(Purchase(new_identifier(10, rng), moment, buyer, [package]))
    return made


def stock_of(world: World) -> dict[int, StockRecord]:
    """Return the stock record of each listing by its key."""
    return {record.product_id: record for record in StockRecord.objects.filter(product__in=world.listings)}
