"""The plain facts that coverage is computed from: tuples of keys and days, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Unit(NamedTuple):
    """A unit with its default successor (None: none) and validity."""

    valid_from: date
    valid_to: date | None
    successor: int | None


class Commune(NamedTuple):
    """A commune-level unit of the scope. `kinds` are dated kinds of a renamed unit, else empty."""

    pk: int
    kind: str
    kinds: tuple[tuple[date, date | None, str], ...] = ()

    def kind_on(self, day: date) -> str:
        for first, end, kind in self.kinds:
            if first <= day and (end is None or day < end):
                return kind
        return self.kind


class Model(NamedTuple):
    pk: int
    commodity: int
    valid_from: date
    valid_to: date | None


class Status(NamedTuple):
    model: int
    decided_on: date
    status: str


class Participation(NamedTuple):
    model: int
    cooperative: int
    valid_from: date
    valid_to: date | None


class Area(NamedTuple):
    pk: int
    model: int
    unit: int
    valid_from: date
    valid_to: date | None


class Served(NamedTuple):
    pk: int
    cooperative: int
    unit: int
    valid_from: date
    valid_to: date | None


class Activity(NamedTuple):
    cooperative: int
    valid_from: date
    valid_to: date | None


class Key(NamedTuple):
    pk: int
    unit: int
    commodity: int
    valid_from: date
    valid_to: date | None


class Listing(NamedTuple):
    pk: int
    cooperative: int
    commodity: int
    unit: int
    first_on: date
    last_on: date | None


class Sale(NamedTuple):
    """A line charged above 0 and not bought by an insider. `component` 0: nobody is known to have placed the order."""

    pk: int
    order_key: str
    component: int
    cooperative: int
    commodity: int
    unit: int
    delivered_on: date
    paid_on: date


class Contact(NamedTuple):
    order_key: str
    placed_on: date
    account: str
    phone: str
    email: str


@dataclass(frozen=True)
class Facts:
    """Everything that the coverage of a scope needs, for every day of an interval.

    `communes` and `districts` are the scope's own units, of every generation in the interval; `units` places any unit
    that a row names; `districts_of` gives a commune's district, and the former ones of its predecessors.
    `lineage` holds a commodity with its ancestors. `contacts` may leave out components of a single order.
    Statuses are in order: of one day, the later recorded comes later.
    """

    units: Mapping[int, Unit]
    communes: Sequence[Commune]
    districts: frozenset[int]
    districts_of: Mapping[int, frozenset[int]]
    lineage: Mapping[int, frozenset[int]]
    # Units whose rows are reported when they cannot be placed; None reports every row.
    reported_units: frozenset[int] | None = None
    models: Sequence[Model] = ()
    statuses: Sequence[Status] = ()
    participations: Sequence[Participation] = ()
    areas: Sequence[Area] = ()
    served: Sequence[Served] = ()
    activities: Sequence[Activity] = ()
    keys: Sequence[Key] = ()
    listings: Sequence[Listing] = ()
    sales: Sequence[Sale] = ()
    reductions: Mapping[int, Sequence[tuple[date, Decimal]]] = field(default_factory=dict)
    # What was charged for the lines that have reductions.
    amounts: Mapping[int, Decimal] = field(default_factory=dict)
    contacts: Mapping[int, Sequence[Contact]] = field(default_factory=dict)
