"""Small random histories, dense around the days and units where the rules bite."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from hypothesis import strategies as st

from tests.indicators.history import (
    REFORM,
    SINCE,
    Dated,
    History,
    Insider,
    Listing,
    Model,
    Order,
    Person,
    Reduction,
    Sale,
    Status,
    Succession,
    Unit,
)

OLD_UNITS = (
    Unit("CB", "province", "tinh", None),
    Unit("TK", "district", "huyen", "CB"),
    Unit("QH", "district", "huyen", "CB"),
    Unit("A", "commune", "xa", "TK"),
    Unit("B", "commune", "xa", "TK"),
    Unit("C", "commune", "thi-tran", "TK"),
    Unit("E", "commune", "xa", "QH"),
    Unit("HG", "province", "tinh", None),
    Unit("XM", "district", "huyen", "HG"),
    Unit("G", "commune", "xa", "XM"),
)
NEW_UNITS = (
    Unit("CB2", "province", "tinh", None, REFORM, None),
    Unit("N", "commune", "xa", "CB2", REFORM, None),
    Unit("R", "commune", "xa", "CB2", REFORM, None),
    Unit("W", "commune", "phuong", "CB2", REFORM, None),
    Unit("HG2", "province", "tinh", None, REFORM, None),
    Unit("H", "commune", "xa", "HG2", REFORM, None),
)
SCOPES = ("CB", "CB2", "HG", "HG2", "TK", "QH", None)
COMMODITIES = (("nut", None), ("chestnut", "nut"), ("roasted chestnut", "chestnut"), ("tea", None))
COOPERATIVES = ("c", "d")

# Few things and few days, so that facts meet.
COMMUNES = ["A"] * 10 + ["B", "B", "C", "E", "G", "N", "N", "R", "H"]
TRADED = ["chestnut"] * 8 + ["nut", "roasted chestnut", "tea"]
SELLERS = ["c", "c", "c", "d"]
LINKAGES = ["m1", "m1", "m1", "m2"]
EARLY = [SINCE] * 8 + [date(2025, 5, 1), REFORM]
PHONES = ["", *(f"+8491200000{number}" for number in range(9))]
EMAILS = ["", "", "a@example.com", "A@example.com", "b@example.com", "c@example.com"]
STATUSES = ["draft", "verified", "verified", "suspended", "ended"]
TRADE_FROM = date(2025, 4, 1)


class Chance:
    """Draws parts of a history. The random generator is Hypothesis's, so that a failure is found again."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def of(self, rows: list):
        return self.rng.choice(rows)

    def one_in(self, number: int) -> bool:
        return self.rng.randrange(number) == 0

    def several(self, make: Callable[[], object], least: int, most: int) -> tuple:
        return tuple(make() for _number in range(self.rng.randint(least, most)))

    def day(self) -> date:
        if self.one_in(6):
            return REFORM + timedelta(days=self.rng.randint(-1, 1))
        return TRADE_FROM + timedelta(days=self.rng.randint(0, 180))

    def end(self, first: date) -> date | None:
        """The end of an interval, later than its first day; mostly none."""
        end = self.day() if self.one_in(4) else None
        return end if end is None or end > first else None

    def dated(self, ones: list, others: list) -> Dated:
        first = self.day() if self.one_in(4) else self.of(EARLY)
        return Dated(self.of(ones), self.of(others), first, self.end(first))

    def around(self, row: Dated, ones: list, others: list, most: int) -> tuple[Dated, ...]:
        """A row that coverage rests on, nearly always there; and others."""
        spine = () if self.one_in(15) else (row._replace(valid_to=self.end(row.valid_from)),)
        return (*spine, *self.several(lambda: self.dated(ones, others), 0, most))

    def person(self) -> Person:
        return Person(self.of([None, None, None, 1, 2]), self.of(PHONES), self.of(EMAILS))

    def successions(self) -> tuple[Succession, ...]:
        """Each old commune goes to a default successor, and now and then also, or only, elsewhere."""
        rows = [Succession("CB", "CB2"), Succession("HG", "HG2"), Succession("G", "H")]
        for old in ("A", "B", "C", "E"):
            default, other, _last = self.rng.sample(["N", "R", "W"], 3)
            if not self.one_in(10):
                rows.append(Succession(old, default))
            if self.one_in(3):
                rows.append(Succession(old, other, is_default=False))
        if self.one_in(6):
            # A part of another province joins: its area changes.
            rows.append(Succession("G", "N", is_default=False))
        return tuple(rows)

    def models(self) -> tuple[Model, ...]:
        first, other = self.of(EARLY), self.of(EARLY)
        return (
            Model("m1", self.of(["chestnut", "chestnut", self.of(TRADED)]), first, self.end(first)),
            Model("m2", self.of(TRADED), other, self.end(other)),
        )

    def statuses(self) -> tuple[Status, ...]:
        later = self.several(lambda: Status(self.of(LINKAGES), self.day(), self.of(STATUSES)), 0, 2)
        first = (Status("m1", SINCE, "verified"), Status("m2", SINCE, "verified"))
        return (*first, *sorted(later, key=lambda row: row.decided_on))

    def place(self) -> tuple[str, str, str]:
        """Seller, commodity and origin: mostly those that coverage rests on."""
        if not self.one_in(3):
            return ("c", "chestnut", "A")
        return (self.of(SELLERS), self.of(TRADED), self.of(COMMUNES))

    def listings(self) -> tuple[Listing, ...]:
        found = []
        for number in range(self.rng.randint(1, 4)):
            first = min(self.day(), self.day())
            place = self.place()
            found.append(Listing(f"listing-{number}", *place, first, self.end(first)))
        return tuple(found)

    def trade(self) -> tuple[tuple[Order, ...], tuple[Sale, ...], tuple[Reduction, ...]]:
        """Orders with their buyers, lines of them, and what was given back."""
        orders, sales, reductions = [], [], []
        for number in range(self.rng.randint(3, 8)):
            order = Order(f"order-{number}", self.day(), self.person())
            orders.append(order)
            for line in range(self.of([0, 1, 1, 1, 2, 2])):
                sale = self.sale(f"line-{number}-{line}", order)
                sales.append(sale)
                reductions += self.reductions(sale)
        return tuple(orders), tuple(sales), tuple(reductions)

    def sale(self, name: str, order: Order) -> Sale:
        delivered = order.placed_on + timedelta(days=self.rng.randint(0, 30))
        paid = order.placed_on + timedelta(days=self.rng.randint(0, 60))
        place = self.place()
        return Sale(name, order.key, *place, delivered, paid, 100)

    def reductions(self, sale: Sale) -> list[Reduction]:
        first = max(sale.delivered_on, sale.paid_on)
        return [
            Reduction(
                f"{sale.name}-{part}",
                sale.name,
                first + timedelta(days=self.rng.randint(0, 90)),
                self.of([50, 60, 100]),
            )
            for part in range(self.of([0, 0, 0, 0, 1, 2]))
        ]

    def insider(self) -> Insider:
        first = self.of([SINCE, self.day()])
        return Insider(self.of(SELLERS), self.person()._replace(account=None), first, self.end(first))

    def history(self) -> History:
        """Model m1 of cooperative c in commune A, with most of what covers it, and other rows around it."""
        orders, sales, reductions = self.trade()
        areas = self.around(Dated("m1", "A", SINCE), LINKAGES, COMMUNES, 3)
        return History(
            units=(*OLD_UNITS, *NEW_UNITS),
            successions=self.successions(),
            commodities=COMMODITIES,
            cooperatives=COOPERATIVES,
            key_products=self.around(Dated("A", "chestnut", SINCE), COMMUNES, TRADED, 3),
            models=self.models(),
            statuses=self.statuses(),
            participants=self.around(Dated("m1", "c", SINCE), LINKAGES, SELLERS, 3),
            areas=() if self.one_in(4) else areas,
            served=self.around(Dated("c", "A", SINCE), SELLERS, COMMUNES, 3),
            activities=self.around(Dated("c", "", SINCE), SELLERS, [""], 1),
            insiders=self.several(self.insider, 0, 1),
            listings=self.listings(),
            orders=orders,
            sales=sales,
            reductions=reductions,
        )


randoms = st.randoms(use_true_random=True)
histories = randoms.map(lambda rng: Chance(rng).history())
asked = st.one_of(
    st.integers(60, 300).map(lambda days: TRADE_FROM + timedelta(days=days)),
    st.sampled_from([REFORM - timedelta(days=1), REFORM, REFORM + timedelta(days=40), date(2024, 12, 31)]),
    st.integers(300, 600).map(lambda days: TRADE_FROM + timedelta(days=days)),
)
rules = st.tuples(st.sampled_from([30, 365, 365]), st.sampled_from([1, 2, 2, 3, 3]), st.sampled_from([1, 2, 2]))
