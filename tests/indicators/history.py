"""A history as plain rows with names for keys: what the tests write, the reference reads and both loaders take."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

SINCE = date(2020, 3, 1)
REFORM = date(2025, 7, 1)


class Unit(NamedTuple):
    name: str
    level: str
    kind: str
    parent: str | None
    valid_from: date = SINCE
    valid_to: date | None = REFORM


class Succession(NamedTuple):
    old: str
    new: str
    is_default: bool = True


class Dated(NamedTuple):
    """A fact about two things (a unit and a commodity, a model and a cooperative ...) on [valid_from, valid_to)."""

    one: str
    other: str
    valid_from: date
    valid_to: date | None = None


class Model(NamedTuple):
    name: str
    commodity: str
    valid_from: date
    valid_to: date | None


class Status(NamedTuple):
    model: str
    decided_on: date
    status: str


class Listing(NamedTuple):
    name: str
    cooperative: str
    commodity: str
    unit: str
    first_on: date
    last_on: date | None


class Person(NamedTuple):
    """Contacts: an account number, a phone, an e-mail; empty for what is not known."""

    account: int | None = None
    phone: str = ""
    email: str = ""


class Order(NamedTuple):
    key: str
    placed_on: date
    by: Person


class Sale(NamedTuple):
    name: str
    order: str
    cooperative: str
    commodity: str
    unit: str
    delivered_on: date
    paid_on: date
    amount: int = 100_000


class Reduction(NamedTuple):
    name: str
    sale: str
    reduced_on: date
    amount: int


class Insider(NamedTuple):
    cooperative: str
    person: Person
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True)
class History:
    units: tuple[Unit, ...]
    successions: tuple[Succession, ...]
    # A commodity and its parent.
    commodities: tuple[tuple[str, str | None], ...]
    cooperatives: tuple[str, ...]
    key_products: tuple[Dated, ...] = ()
    models: tuple[Model, ...] = ()
    statuses: tuple[Status, ...] = ()
    participants: tuple[Dated, ...] = ()
    areas: tuple[Dated, ...] = ()
    served: tuple[Dated, ...] = ()
    # (cooperative, "", from, to)
    activities: tuple[Dated, ...] = ()
    insiders: tuple[Insider, ...] = ()
    listings: tuple[Listing, ...] = ()
    orders: tuple[Order, ...] = ()
    sales: tuple[Sale, ...] = ()
    reductions: tuple[Reduction, ...] = field(default=())

    def but(self, **changes) -> "History":
        return replace(self, **changes)


UNITS = (
    Unit("CB", "province", "tinh", None),
    Unit("TK", "district", "huyen", "CB"),
    Unit("QH", "district", "huyen", "CB"),
    Unit("A", "commune", "xa", "TK"),
    Unit("B", "commune", "xa", "TK"),
    Unit("C", "commune", "thi-tran", "TK"),
    Unit("E", "commune", "xa", "QH"),
    Unit("CB2", "province", "tinh", None, REFORM, None),
    Unit("N", "commune", "xa", "CB2", REFORM, None),
    Unit("R", "commune", "xa", "CB2", REFORM, None),
)
SUCCESSIONS = (
    Succession("CB", "CB2"),
    Succession("A", "N"),
    Succession("B", "N"),
    Succession("C", "R"),
    Succession("E", "R"),
)
DELIVERED = date(2024, 9, 10)
CLERK = Person(phone="+84912000099")


def _order(key: str) -> Order:
    return Order(key, date(2024, 9, 8), Person(email=f"{key}@example.com"))


def _sale(key: str) -> Sale:
    return Sale(f"line-{key}", key, "c", "chestnut", "A", DELIVERED, DELIVERED)


# The base of the worked histories of the design's section 8.
BASE = History(
    units=UNITS,
    successions=SUCCESSIONS,
    commodities=(("chestnut", None), ("roasted chestnut", "chestnut")),
    cooperatives=("c",),
    key_products=(Dated("A", "chestnut", date(2022, 1, 1)),),
    models=(Model("m", "chestnut", date(2024, 1, 1), date(2027, 1, 1)),),
    statuses=(Status("m", date(2024, 1, 5), "verified"),),
    participants=(Dated("m", "c", date(2024, 1, 1)),),
    areas=(Dated("m", "A", date(2024, 1, 1)), Dated("m", "B", date(2024, 1, 1))),
    served=(Dated("c", "A", SINCE),),
    activities=(Dated("c", "", SINCE),),
    listings=(Listing("listing", "c", "chestnut", "A", date(2024, 9, 1), date(2024, 11, 30)),),
    orders=(_order("x"), _order("y"), _order("z")),
    sales=(_sale("x"), _sale("y"), _sale("z")),
)


def everything_from(unit: str, history: History = BASE) -> History:
    """The history with its key product, area, cooperative, listing and sales all of one unit."""
    return history.but(
        key_products=(Dated(unit, "chestnut", date(2022, 1, 1)),),
        areas=(Dated("m", unit, date(2024, 1, 1)),),
        served=(Dated("c", unit, SINCE),),
        listings=tuple(listing._replace(unit=unit) for listing in history.listings),
        sales=tuple(sale._replace(unit=unit) for sale in history.sales),
    )


def traded_in(commodity: str, history: History = BASE) -> History:
    return history.but(
        listings=tuple(listing._replace(commodity=commodity) for listing in history.listings),
        sales=tuple(sale._replace(commodity=commodity) for sale in history.sales),
    )
