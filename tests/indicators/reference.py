"""Coverage a second time: slow, day by day, straight from the text of the rules, sharing nothing with the program.

Reads the plain rows of a `History`. Every function says which sentence of docs/coverage.md it is.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.indicators.history import Dated, History, Model, Order, Sale


@dataclass(frozen=True)
class Answer:
    l1: tuple[int, int, int]
    l2: tuple[int, int, int]
    l3: tuple[int, int]
    rungs: dict[str, int | None]
    covering: dict[str, dict[str, int]]
    models: dict[str, int]
    unplaced: set[tuple[str, str]]


def in_force(row, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day < row.valid_to)


class Reference:
    def __init__(self, history: History, day: date, *, window: int = 365, buyers: int = 3, required: int = 2) -> None:
        self.history = history
        self.day = day
        self.window = window
        self.minimum = buyers
        self.required = required
        self.unit = {unit.name: unit for unit in history.units}
        self.parent_of = dict(history.commodities)

    # -- Section 2 -----------------------------------------------------------------------------------------------

    def translate(self, name: str) -> str | None:
        """Forward by default successors to the unit valid on the day; never backward."""
        if self.unit[name].valid_from > self.day:
            return None
        while not in_force(self.unit[name], self.day):
            following = [row.new for row in self.history.successions if row.old == name and row.is_default]
            if not following:
                return None
            name = following[0]
        return name

    def province_of(self, name: str) -> str:
        unit = self.unit[name]
        return name if unit.level == "province" else self.province_of(unit.parent)

    def ancestors(self, name: str) -> set[str]:
        """All predecessors, of every generation."""
        found: set[str] = set()
        for row in self.history.successions:
            if row.new == name:
                found |= {row.old} | self.ancestors(row.old)
        return found

    def communes_in(self, scope: str | None) -> set[str] | None:
        """Commune-level units valid on the day in the scope; None is "no value"."""
        valid = {unit.name for unit in self.history.units if unit.level == "commune" and in_force(unit, self.day)}
        if scope is None:
            first_provinces = [
                unit for unit in self.history.units
                if unit.level == "province" and not any(row.new == unit.name for row in self.history.successions)
            ]  # fmt: skip
            return valid if all(unit.valid_from <= self.day for unit in first_provinces) else None
        unit = self.unit[scope]
        if unit.level == "district":
            if self.day < unit.valid_from:
                return None
            if in_force(unit, self.day):
                return {name for name in valid if self.unit[name].parent == scope}
            return {name for name in valid if scope in self.districts_of(name)}
        if not in_force(unit, self.day):
            same = self.same_area(scope)
            if same is None or not in_force(self.unit[same], self.day):
                return None
            scope = same
        return {name for name in valid if self.province_of(name) == scope}

    def same_area(self, province: str) -> str | None:
        """The province before or after this one, if every commune of each went into, or came from, the other."""

        def goes_to(name: str) -> set[str]:
            return {self.province_of(row.new) for row in self.history.successions if self.province_of(row.old) == name}

        def came_from(name: str) -> set[str]:
            return {self.province_of(row.old) for row in self.history.successions if self.province_of(row.new) == name}

        for other in (unit.name for unit in self.history.units if unit.level == "province"):
            if goes_to(province) == {other} and came_from(other) == {province}:
                return other
            if came_from(province) == {other} and goes_to(other) == {province}:
                return other
        return None

    def districts_of(self, commune: str) -> set[str]:
        """Its district; after the reform the districts that any of its predecessors lay in."""
        return {
            self.unit[name].parent
            for name in {commune} | self.ancestors(commune)
            if self.unit[self.unit[name].parent].level == "district"
        }

    def districts_in(self, scope: str | None, communes: set[str]) -> set[str]:
        if scope is not None and self.unit[scope].level == "district":
            # A former district of which no commune went anywhere is none.
            return {scope} if communes or in_force(self.unit[scope], self.day) else set()
        standing = {
            unit.name for unit in self.history.units
            if unit.level == "district" and in_force(unit, self.day)
            and (scope is None or self.province_of(unit.name) in {scope, self.same_area(scope)})
        }  # fmt: skip
        return standing or {district for commune in communes for district in self.districts_of(commune)}

    # -- Section 3 -----------------------------------------------------------------------------------------------

    def is_of(self, commodity: str | None, ancestor: str) -> bool:
        """Of commodity x means x or a descendant."""
        return commodity is not None and (commodity == ancestor or self.is_of(self.parent_of[commodity], ancestor))

    def rows(self, rows: tuple[Dated, ...], one: str) -> list[str]:
        return [row.other for row in rows if row.one == one and in_force(row, self.day)]

    def serves(self, cooperative: str) -> set[str]:
        return {self.translate(unit) for unit in self.rows(self.history.served, cooperative)} - {None}

    def is_active(self, model: Model) -> bool:
        decided = [row for row in self.history.statuses if row.model == model.name and row.decided_on <= self.day]
        # Rows are in the order of recording, and sorting keeps it within a day.
        decided.sort(key=lambda row: row.decided_on)
        return bool(decided) and decided[-1].status == "verified" and in_force(model, self.day)

    def had_area(self, model: Model) -> bool:
        return any(row.one == model.name and row.valid_from <= self.day for row in self.history.areas)

    def communes_of(self, model: Model) -> set[str]:
        if self.had_area(model):
            return {self.translate(unit) for unit in self.rows(self.history.areas, model.name)} - {None}
        return set().union(*(self.serves(who) for who in self.rows(self.history.participants, model.name)))

    # -- Section 4 -----------------------------------------------------------------------------------------------

    def covers(self, model: Model, commune: str) -> bool:
        if not self.is_active(model) or commune not in self.communes_of(model):
            return False
        key_products = {
            row.other for row in self.history.key_products
            if in_force(row, self.day) and self.translate(row.one) == commune
        }  # fmt: skip
        return any(self.is_of(model.commodity, key) for key in key_products) and any(
            commune in self.serves(cooperative) and self.rows(self.history.activities, cooperative)
            for cooperative in self.rows(self.history.participants, model.name)
        )

    # -- Section 5 -----------------------------------------------------------------------------------------------

    def takes_part(self, model: Model, cooperative: str, day: date) -> bool:
        return in_force(model, day) and any(
            (row.one, row.other) == (model.name, cooperative) and in_force(row, day)
            for row in self.history.participants
        )

    def level(self, model: Model, communes: set[str]) -> int:
        days = {self.day - timedelta(days=back) for back in range(self.window)}
        if not any(self.is_listed(model, communes, day) for day in days):
            return 0
        orders = {
            sale.order
            for sale in self.history.sales
            if sale.delivered_on in days
            and self.takes_part(model, sale.cooperative, sale.delivered_on)
            and self.is_of(sale.commodity, model.commodity)
            and self.translate(sale.unit) in communes
            and self.counts(sale)
        }
        return 2 if self.number_of_buyers(orders) >= self.minimum else 1

    def is_listed(self, model: Model, communes: set[str], day: date) -> bool:
        return any(
            listing.first_on <= day
            and (listing.last_on is None or day <= listing.last_on)
            and self.takes_part(model, listing.cooperative, day)
            and self.is_of(listing.commodity, model.commodity)
            and self.translate(listing.unit) in communes
            for listing in self.history.listings
        )

    def counts(self, sale: Sale) -> bool:
        given_back = sum(
            row.amount for row in self.history.reductions if row.sale == sale.name and row.reduced_on <= self.day
        )
        return sale.paid_on <= self.day and sale.amount - given_back > 0 and not self.is_by_insider(sale)

    def is_by_insider(self, sale: Sale) -> bool:
        buyer = self.order(sale.order).by
        return any(
            row.cooperative == sale.cooperative and in_force(row, sale.delivered_on) and share(row.person, buyer)
            for row in self.history.insiders
        )

    def order(self, key: str) -> Order:
        return next(order for order in self.history.orders if order.key == key)

    def number_of_buyers(self, orders: set[str]) -> int:
        """Connected components over all orders placed by the day, counted where they hold one of the orders."""
        groups = [{order.key} for order in self.history.orders if order.placed_on <= self.day]
        merged = True
        while merged:
            merged = False
            for first in groups:
                for second in groups:
                    if first is not second and any(
                        share(self.order(one).by, self.order(other).by) for one in first for other in second
                    ):
                        first |= second
                        groups.remove(second)
                        merged = True
                        break
                if merged:
                    break
        return sum(bool(group & orders) for group in groups)

    # -- Section 6 -----------------------------------------------------------------------------------------------

    def answer(self, scope: str | None) -> Answer | None:
        communes = self.communes_in(scope)
        if communes is None:
            return None
        covering = {
            commune: {
                model.name: self.level(model, {commune}) for model in self.history.models if self.covers(model, commune)
            }
            for commune in communes
        }
        rungs = {commune: max(levels.values(), default=None) for commune, levels in covering.items()}
        covered = {commune for commune in communes if covering[commune]}
        traded = {commune for commune in covered if rungs[commune] >= self.required}
        counted = {commune for commune in communes if self.unit[commune].kind == "xa"}
        districts = self.districts_in(scope, communes)
        standing = {
            model.name: self.level(model, self.communes_of(model))
            for model in self.history.models
            if self.is_active(model) and self.had_area(model) and self.communes_of(model) & communes
        }

        def with_one_of(units: set[str]) -> int:
            return sum(any(district in self.districts_of(unit) for unit in units) for district in districts)

        return Answer(
            l1=(len(counted & covered), len(counted & traded), len(counted)),
            l2=(with_one_of(covered), with_one_of(traded), len(districts)),
            l3=(sum(level >= self.required for level in standing.values()), len(standing)),
            rungs=rungs,
            covering={commune: levels for commune, levels in covering.items() if levels},
            models=standing,
            unplaced=self.unplaced(scope, communes),
        )

    def related(self, scope: str | None, communes: set[str]) -> set[str]:
        """Units that have to do with the scope: its own, a former district's too, what they were and what they became."""
        return {
            unit.name
            for unit in self.history.units
            if scope is None
            or unit.name in communes
            or communes & self.ancestors(unit.name)
            or any(unit.name in self.ancestors(commune) for commune in communes)
            or (unit.parent == scope and self.unit[unit.parent].level == "district" if unit.parent else False)
        }

    def unplaced(self, scope: str | None, communes: set[str]) -> set[tuple[str, str]]:
        """Area rows and key products in force whose unit cannot be placed; units that have to do with the scope."""
        related = self.related(scope, communes)
        models = {model.name for model in self.history.models if in_force(model, self.day)}
        areas = {("area", row.other) for row in self.history.areas if in_force(row, self.day) and row.one in models}
        keys = {("key_product", row.one) for row in self.history.key_products if in_force(row, self.day)}
        return {(kind, unit) for kind, unit in areas | keys if unit in related and self.translate(unit) is None}


def share(one, other) -> bool:
    """The same account, phone or e-mail address."""
    return (
        (one.account is not None and one.account == other.account)
        or bool(one.phone and one.phone == other.phone)
        or bool(one.email and one.email.lower() == other.email.lower())
    )
