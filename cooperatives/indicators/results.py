"""What coverage answers: frozen values, without queries behind them."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext_lazy as _

from cooperatives.indicators.models import Indicator, IndicatorTarget
from cooperatives.places.models import AdministrativeUnit

# The rungs of the evidence ladder; an uncovered unit stands on none (None, not 0).
LEVEL_NAMES = {0: _("Declared"), 1: _("Listed"), 2: _("Traded"), 3: _("Traced"), 4: _("Fulfilled")}
# Higher levels need traceability lots and contract deliveries, which the software does not record yet.
HIGHEST_MEASURABLE_LEVEL = 2


@dataclass(frozen=True)
class Target:
    """What an indicator aims at on the day, in per cent, and by which decision."""

    comparison: str
    percentage: Decimal
    legal_source: str

    def is_met(self, numerator: int, denominator: int) -> bool:
        """Compares the exact share, not the rounded percentage."""
        aimed, reached = self.percentage * denominator, Decimal(100 * numerator)
        return reached > aimed if self.comparison == IndicatorTarget.Comparison.MORE_THAN else reached >= aimed


@dataclass(frozen=True)
class IndicatorResult:
    """One of L1, L2, L3: declared (`numerator`) and, of those, traded; a denominator of 0 has no percentage.

    For L3 the definition itself asks for digital technology, so `numerator` and `traded` are the same models.
    """

    code: str
    numerator: int
    traded: int
    denominator: int
    target: Target | None

    @property
    def label(self) -> str:
        return str(Indicator(self.code).label)

    @property
    def percentage(self) -> Decimal | None:
        """Declared, one decimal, round half up; None means "no value"."""
        return percentage(self.numerator, self.denominator)

    @property
    def traded_percentage(self) -> Decimal | None:
        """Traded, one decimal, round half up; None means "no value"."""
        return percentage(self.traded, self.denominator)

    @property
    def is_declared_target_met(self) -> bool | None:
        """None without a value or without a target."""
        return self.target.is_met(self.numerator, self.denominator) if self.target and self.denominator else None

    @property
    def is_traded_target_met(self) -> bool | None:
        return self.target.is_met(self.traded, self.denominator) if self.target and self.denominator else None


@dataclass(frozen=True)
class ModelLevel:
    """A linkage model, and the level on which it stands: in one commune, or as a whole."""

    linkage_id: int
    code: str
    name: str
    commodity: str
    level: int


@dataclass(frozen=True)
class UnitResult:
    """A commune-level unit at the date. `rung` is None when it is not covered."""

    unit: AdministrativeUnit
    name: str
    kind: str
    rung: int | None
    is_traded: bool
    models: tuple[ModelLevel, ...]
    district_ids: tuple[int, ...]

    @property
    def is_covered(self) -> bool:
        return self.rung is not None

    @property
    def is_counted(self) -> bool:
        """Whether L1 counts it: xã are counted, wards and townships are only shown."""
        return self.kind == AdministrativeUnit.Kind.XA

    @property
    def has_two_former_districts(self) -> bool:
        return len(self.district_ids) > 1


@dataclass(frozen=True)
class DistrictResult:
    """A district-level unit, or after 2025-07-01 a former district (`is_former`), with its communes of the date."""

    unit: AdministrativeUnit
    is_former: bool
    is_covered: bool
    is_traded: bool
    unit_ids: tuple[int, ...]


@dataclass(frozen=True)
class Unplaced:
    """A row in force whose unit cannot be placed on the date: it counts nowhere."""

    kind: str
    row_id: int
    unit: AdministrativeUnit
    linkage_id: int | None
    cooperative_id: int | None


@dataclass(frozen=True)
class CoverageResult:
    """Coverage of a scope (None: the country) at a date under a version of the rule."""

    scope: AdministrativeUnit | None
    as_of: date
    is_provisional: bool
    rule_version: str
    required_level: int
    l1: IndicatorResult
    l2: IndicatorResult
    l3: IndicatorResult
    units: tuple[UnitResult, ...]
    districts: tuple[DistrictResult, ...]
    models: tuple[ModelLevel, ...]
    # Every commune-level unit by rung, and the xã alone; the key None counts the uncovered.
    rungs: dict[int | None, int]
    rungs_of_communes: dict[int | None, int]
    unplaced: tuple[Unplaced, ...]

    @property
    def indicators(self) -> tuple[IndicatorResult, IndicatorResult, IndicatorResult]:
        return (self.l1, self.l2, self.l3)

    @property
    def unmeasurable_levels(self) -> tuple[int, ...]:
        """Levels of the ladder that answer "not yet measurable"."""
        return tuple(level for level in LEVEL_NAMES if level > HIGHEST_MEASURABLE_LEVEL)

    @property
    def is_on_former_districts(self) -> bool:
        return any(district.is_former for district in self.districts)


@dataclass(frozen=True)
class SeriesPoint:
    """A scope's three figures at a date; `indicators` is empty where the scope has "no value".

    `unit_system` is "before" or "after" the reform of 2025-07-01: a chart never joins points of different systems.
    """

    as_of: date
    unit_system: str
    is_provisional: bool
    rule_version: str
    indicators: tuple[IndicatorResult, ...]

    @property
    def has_value(self) -> bool:
        return bool(self.indicators)


@dataclass(frozen=True)
class Series:
    """Points in order of date, and the day of the break between unit systems if it lies among them."""

    scope: AdministrativeUnit | None
    points: tuple[SeriesPoint, ...]
    break_on: date | None


def percentage(numerator: int, denominator: int) -> Decimal | None:
    """One decimal, round half up; None for a denominator of 0."""
    if not denominator:
        return None
    return (Decimal(100 * numerator) / denominator).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
