"""Coverage over plain facts: no database, no clock, no names. The rules are those of docs/coverage.md, 2 to 5."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from cooperatives.indicators.buyers import Buyers
from cooperatives.indicators.facts import Facts, Listing, Model, Participation, Sale

VERIFIED = "verified"
COUNTED_KIND = "xa"
_ONE_DAY = timedelta(days=1)


class RuleParameters(NamedTuple):
    window_days: int
    minimum_buyers: int
    required_level: int


class Share(NamedTuple):
    numerator: int
    traded: int
    denominator: int


class Unplaceable(NamedTuple):
    kind: str
    row: int
    unit: int
    model: int | None
    cooperative: int | None


class PublicDays(NamedTuple):
    """Days [first, end) on which a listing was evidence for a model, from a unit."""

    first: date
    end: date
    unit: int
    row: Listing


@dataclass(frozen=True)
class ModelEvidence:
    """A model's evidence of the window: the units it was listed from, and the buyers by unit, placed on the day."""

    listed: frozenset[int]
    buyers: dict[int, set[object]]

    def level(self, communes: Collection[int], minimum_buyers: int) -> int:
        if self.listed.isdisjoint(communes):
            return 0
        distinct: set[object] = set()
        for unit in communes:
            distinct |= self.buyers.get(unit, set())
        return 2 if len(distinct) >= minimum_buyers else 1


@dataclass(frozen=True)
class Evaluation:
    """Coverage at a day, by keys. `covering` holds the covered units alone, each with (model, level in that unit)."""

    as_of: date
    kinds: dict[int, str]
    covering: dict[int, tuple[tuple[int, int], ...]]
    rungs: dict[int, int | None]
    districts: dict[int, tuple[int, ...]]
    are_districts_former: bool
    models: tuple[tuple[int, int], ...]
    l1: Share
    l2: Share
    l3: Share
    unplaceable: tuple[Unplaceable, ...]


class Calculator:
    """Evaluates the same facts at any number of days; what does not depend on the day is prepared once."""

    def __init__(self, facts: Facts, rule: RuleParameters) -> None:
        self.facts = facts
        self.rule = rule
        self.buyers = Buyers(facts.contacts)
        self._gone_on = {sale: gone for sale in facts.reductions if (gone := self._gone(sale))}
        self._kinds_of = _descendants(facts.lineage)
        self.statuses = _grouped(facts.statuses, "model")
        self.participations = _grouped(facts.participations, "model")
        self.areas = _grouped(facts.areas, "model")
        self._listings = _grouped(facts.listings, "cooperative", "commodity")
        self._sales = _grouped(facts.sales, "cooperative", "commodity")
        self._sales_of: dict[int, tuple[list[date], list[Sale]]] = {}
        self._listings_of: dict[int, list[PublicDays]] = {}

    def at(self, day: date) -> Evaluation:
        return Day(self, day).evaluate()

    def on(self, day: date) -> "Day":
        """The day's intermediate answers, for drill-down."""
        return Day(self, day)

    def sales_of(self, model: Model) -> tuple[list[date], list[Sale]]:
        """Lines that count for the model by their own day, in order of delivery; the days beside them."""
        if model.pk not in self._sales_of:
            rows = [
                sale
                for cooperative, stays in self._stays(model).items()
                for commodity in self._kinds_of[model.commodity]
                for sale in self._sales.get((cooperative, commodity), ())
                if _within(sale.delivered_on, model.valid_from, model.valid_to)
                and any(_within(sale.delivered_on, stay.valid_from, stay.valid_to) for stay in stays)
            ]
            rows.sort(key=lambda sale: (sale.delivered_on, sale.pk))
            self._sales_of[model.pk] = ([sale.delivered_on for sale in rows], rows)
        return self._sales_of[model.pk]

    def listings_of(self, model: Model) -> list[PublicDays]:
        """Public days that count for the model by their own dates."""
        if model.pk not in self._listings_of:
            found = []
            for cooperative, stays in self._stays(model).items():
                for commodity in self._kinds_of[model.commodity]:
                    for row in self._listings.get((cooperative, commodity), ()):
                        found += [days for stay in stays if (days := _public_days(row, model, stay))]
            self._listings_of[model.pk] = found
        return self._listings_of[model.pk]

    def counts_on(self, sale: Sale, day: date) -> bool:
        """Whether the line was paid by the day and something of its amount was still kept on it."""
        gone_on = self._gone_on.get(sale.pk)
        return sale.paid_on <= day and (gone_on is None or gone_on > day)

    def _stays(self, model: Model) -> dict[int, list[Participation]]:
        return _grouped(self.participations.get(model.pk, ()), "cooperative")

    def _gone(self, sale: int) -> date | None:
        """The first day on which nothing of the line's amount is kept."""
        kept = self.facts.amounts[sale]
        for reduced_on, amount in sorted(self.facts.reductions[sale]):
            kept -= amount
            if kept <= 0:
                return reduced_on
        return None


class Day:
    """One evaluation."""

    def __init__(self, calculator: Calculator, day: date) -> None:
        self.calculator = calculator
        self.facts = calculator.facts
        self.rule = calculator.rule
        self.day = day
        # The window is (day - window_days, day].
        self.opened = day - timedelta(days=self.rule.window_days)
        self._placed: dict[int, int | None] = {}

    def evaluate(self) -> Evaluation:
        kinds = {
            commune.pk: commune.kind_on(self.day)
            for commune in self.facts.communes
            if _within(self.day, *self.facts.units[commune.pk][:2])
        }
        covering: dict[int, list[tuple[int, int]]] = defaultdict(list)
        standing: list[tuple[int, int]] = []
        keys = self.keys()
        served = self.served()
        active = self.active_cooperatives()
        for model in self.facts.models:
            if not self.is_active(model):
                continue
            areas = self.area_units(model)
            communes = self.communes(model, served)
            covered = {
                unit
                for unit in communes & units_of(served, self.participants(model) & active)
                if unit in kinds and not keys.get(unit, frozenset()).isdisjoint(self.facts.lineage[model.commodity])
            }
            lies_in_scope = areas is not None and not areas.isdisjoint(kinds)
            if covered or lies_in_scope:
                evidence = self.evidence(model)
                for unit in covered:
                    covering[unit].append((model.pk, evidence.level({unit}, self.rule.minimum_buyers)))
                if lies_in_scope:
                    standing.append((model.pk, evidence.level(communes, self.rule.minimum_buyers)))
        return self._evaluation(kinds, {unit: tuple(found) for unit, found in covering.items()}, tuple(standing))

    def place(self, unit: int) -> int | None:
        """The unit valid on the day that the unit's default successors lead to, forward only."""
        if unit not in self._placed:
            current: int | None = unit
            while current is not None:
                row = self.facts.units[current]
                if row.valid_to is None or row.valid_to > self.day:
                    break
                current = row.successor
            is_placed = current is not None and self.facts.units[current].valid_from <= self.day
            self._placed[unit] = current if is_placed and self.facts.units[unit].valid_from <= self.day else None
        return self._placed[unit]

    def status(self, model: Model) -> str | None:
        """The latest status on or before the day; of one day the later recorded."""
        latest = None
        for row in self.calculator.statuses.get(model.pk, ()):
            if row.decided_on <= self.day and (latest is None or row.decided_on >= latest.decided_on):
                latest = row
        return latest.status if latest else None

    def is_active(self, model: Model) -> bool:
        return self.status(model) == VERIFIED and _within(self.day, model.valid_from, model.valid_to)

    def area_units(self, model: Model) -> set[int] | None:
        """The units of the area rows in force, placed; None when the model never had an area row by the day."""
        rows = [area for area in self.calculator.areas.get(model.pk, ()) if area.valid_from <= self.day]
        if not rows:
            return None
        in_force = (self.place(area.unit) for area in rows if _within(self.day, area.valid_from, area.valid_to))
        return {unit for unit in in_force if unit is not None}

    def communes(self, model: Model, served: dict[int, set[int]]) -> set[int]:
        """The model's communes: of its area, or without one those that its participants serve."""
        areas = self.area_units(model)
        return units_of(served, self.participants(model)) if areas is None else areas

    def participants(self, model: Model) -> set[int]:
        rows = self.calculator.participations.get(model.pk, ())
        return {row.cooperative for row in rows if _within(self.day, row.valid_from, row.valid_to)}

    def evidence(self, model: Model) -> ModelEvidence:
        listed = {self.place(days.unit) for days in self.calculator.listings_of(model) if self.is_recent(days)}
        buyers: dict[int, set[object]] = defaultdict(set)
        for sale in self.sales(model):
            unit = self.place(sale.unit)
            if unit is not None:
                buyers[unit].add(self.calculator.buyers.of(sale.order_key, sale.component, self.day))
        return ModelEvidence(frozenset(unit for unit in listed if unit is not None), buyers)

    def is_recent(self, days: PublicDays) -> bool:
        """Whether any of the days lies in the window."""
        return days.first <= self.day and days.end > self.opened + _ONE_DAY

    def sales(self, model: Model) -> list[Sale]:
        """Lines delivered in the window, paid by the day and still kept."""
        delivered, rows = self.calculator.sales_of(model)
        inside = rows[bisect_right(delivered, self.opened) : bisect_right(delivered, self.day)]
        return [sale for sale in inside if self.calculator.counts_on(sale, self.day)]

    def _evaluation(
        self,
        kinds: dict[int, str],
        covering: dict[int, tuple[tuple[int, int], ...]],
        standing: tuple[tuple[int, int], ...],
    ) -> Evaluation:
        required = self.rule.required_level
        rungs = {unit: max((level for _model, level in covering.get(unit, ())), default=None) for unit in kinds}
        traded = {unit for unit, rung in rungs.items() if rung is not None and rung >= required}
        counted = {unit for unit, kind in kinds.items() if kind == COUNTED_KIND}
        districts, are_former = self._districts(kinds)
        on_level = sum(level >= required for _model, level in standing)
        return Evaluation(
            as_of=self.day,
            kinds=kinds,
            covering=covering,
            rungs=rungs,
            districts=districts,
            are_districts_former=are_former,
            models=standing,
            l1=Share(len(counted & covering.keys()), len(counted & traded), len(counted)),
            l2=Share(
                sum(not covering.keys().isdisjoint(units) for units in districts.values()),
                sum(not traded.isdisjoint(units) for units in districts.values()),
                len(districts),
            ),
            l3=Share(on_level, on_level, len(standing)),
            unplaceable=tuple(self._unplaceable()),
        )

    def _districts(self, kinds: dict[int, str]) -> tuple[dict[int, tuple[int, ...]], bool]:
        """Districts in force with their communes; when none is, the former districts of the communes."""
        in_force = {
            pk
            for pk in self.facts.districts
            if _within(self.day, self.facts.units[pk].valid_from, self.facts.units[pk].valid_to)
        }
        found: dict[int, list[int]] = {pk: [] for pk in in_force}
        for unit in kinds:
            for district in self.facts.districts_of.get(unit, ()):
                if district in in_force or (not in_force and district in self.facts.districts):
                    found.setdefault(district, []).append(unit)
        return {pk: tuple(units) for pk, units in found.items()}, not in_force

    def keys(self) -> dict[int, set[int]]:
        """The key commodities of each unit."""
        found: dict[int, set[int]] = defaultdict(set)
        for row in self.facts.keys:
            if _within(self.day, row.valid_from, row.valid_to) and (unit := self.place(row.unit)) is not None:
                found[unit].add(row.commodity)
        return found

    def served(self) -> dict[int, set[int]]:
        """The units that each cooperative serves."""
        found: dict[int, set[int]] = defaultdict(set)
        for row in self.facts.served:
            if _within(self.day, row.valid_from, row.valid_to) and (unit := self.place(row.unit)) is not None:
                found[row.cooperative].add(unit)
        return found

    def active_cooperatives(self) -> set[int]:
        return {row.cooperative for row in self.facts.activities if _within(self.day, row.valid_from, row.valid_to)}

    def _unplaceable(self) -> Iterable[Unplaceable]:
        """Rows in force, and evidence of the window, whose unit cannot be placed."""
        reported = self.facts.reported_units
        for kind, rows in self._rows_by_kind():
            for row in rows:
                if (reported is None or row.unit in reported) and self.place(row.unit) is None:
                    yield Unplaceable(
                        kind, row.pk, row.unit, getattr(row, "model", None), getattr(row, "cooperative", None)
                    )

    def _rows_by_kind(self) -> Iterable[tuple[str, list]]:
        for kind, rows in (("area", self.facts.areas), ("served", self.facts.served), ("key_product", self.facts.keys)):
            yield kind, [row for row in rows if _within(self.day, row.valid_from, row.valid_to)]
        yield (
            "listing",
            [
                row
                for row in self.facts.listings
                if row.first_on <= self.day and (row.last_on is None or row.last_on > self.opened)
            ],
        )
        yield "sale", [row for row in self.facts.sales if self.opened < row.delivered_on <= self.day]


def _within(day: date, valid_from: date, valid_to: date | None) -> bool:
    return valid_from <= day and (valid_to is None or day < valid_to)


def _public_days(row: Listing, model: Model, stay: Participation) -> PublicDays | None:
    """The days that lie in the listing's, the model's and the participant's interval."""
    first = max(row.first_on, model.valid_from, stay.valid_from)
    end = min(
        row.last_on + _ONE_DAY if row.last_on else date.max, model.valid_to or date.max, stay.valid_to or date.max
    )
    return PublicDays(first, end, row.unit, row) if first < end else None


def units_of(served: dict[int, set[int]], cooperatives: Iterable[int]) -> set[int]:
    return set().union(*(served.get(cooperative, set()) for cooperative in cooperatives))


def _grouped(rows: Iterable, *names: str) -> dict[Any, list]:
    """Rows by a field, or by several fields together."""
    found: dict[Any, list] = defaultdict(list)
    key = attrgetter(*names)
    for row in rows:
        found[key(row)].append(row)
    return found


def _descendants(lineage: Mapping[int, Iterable[int]]) -> dict[int, list[int]]:
    """Each commodity with those that are of it, itself among them."""
    found: dict[int, list[int]] = defaultdict(list)
    for commodity, ancestors in lineage.items():
        for ancestor in ancestors:
            found[ancestor].append(commodity)
    return found
