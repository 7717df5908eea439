"""Coverage of a scope at a date, its series, and why a commune is not covered yet.

A scope is an AdministrativeUnit - a province, a district (after 2025-07-01 a former district), a commune - or None
for the country. Callers pass `today`, the day in Asia/Ho_Chi_Minh.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext_lazy as _

from cooperatives.indicators.core import Calculator, Evaluation, RuleParameters, Share
from cooperatives.indicators.geography import area_on
from cooperatives.indicators.loading import Loaded, load
from cooperatives.indicators.models import CoverageRule, Indicator, IndicatorTarget
from cooperatives.indicators.results import (
    HIGHEST_MEASURABLE_LEVEL,
    CoverageResult,
    DistrictResult,
    IndicatorResult,
    ModelLevel,
    Series,
    SeriesPoint,
    Target,
    UnitResult,
    Unplaced,
)
from cooperatives.places.dataset import RESTRUCTURED_ON
from cooperatives.places.models import AdministrativeUnit
from cooperatives.places.selectors import ScopeHasNoValueError
from marketplace.common.dates import quarter_ends
from marketplace.common.errors import DomainError


class FutureDateError(DomainError):
    code = "future_date"
    message = _("Coverage on %(day)s cannot be known yet: the day lies in the future.")


class NoRuleInForceError(DomainError):
    code = "no_rule_in_force"
    message = _("No coverage rule is in force on %(day)s.")


class LevelNotMeasurableError(DomainError):
    code = "level_not_measurable"
    message = _("Level %(level)s is not yet measurable: rule %(version)s asks for it.")


class SeriesEndsBeforeStartError(DomainError):
    code = "series_ends_before_start"
    message = _("The series cannot end on %(last)s, before it begins on %(first)s.")


def coverage(
    scope: AdministrativeUnit | None, as_of: date, rule: CoverageRule | None = None, *, today: date
) -> CoverageResult:
    """L1, L2 and L3 with everything behind them; `rule` None takes the rule in force on the day.

    A fixed number of queries. Raises FutureDateError, NoRuleInForceError, LevelNotMeasurableError, and
    places' ScopeHasNoValueError when the scope has "no value" on the day.
    """
    refuse_future(as_of, today)
    rule = rule or rule_in_force(as_of)
    rules = parameters(rule)
    area = area_on(scope=scope, on=as_of)
    loaded = load(
        areas=[area], first=as_of, last=as_of, window_days=rule.window_days, enough_buyers=rule.minimum_buyers
    )
    evaluation = Calculator(loaded.facts, rules).at(as_of)
    return _dress(scope, evaluation, loaded, rule, _targets(as_of), today)


def coverage_series(
    scope: AdministrativeUnit | None, first: date, last: date, *, today: date, also: tuple[date, ...] = ()
) -> Series:
    """The three figures at every quarter-end in [first, last] up to today, and on the days `also`, in order.

    Each point is under the rule in force on its day and on the units of its day; where the scope has no value, or
    no rule is in force, the point has none. Loads once for each rule, whatever the number of points. Raises
    FutureDateError for a day of `also`, LevelNotMeasurableError and SeriesEndsBeforeStartError.
    """
    if last < first:
        raise SeriesEndsBeforeStartError(first=f"{first:%d/%m/%Y}", last=f"{last:%d/%m/%Y}")
    for day in also:
        refuse_future(day, today)
    days = sorted({*quarter_ends(first, min(last, today)), *also})
    rules = list(CoverageRule.objects.order_by("valid_from", "pk"))
    targets = _targets(last)
    areas = _areas(scope, days)
    versions = {day: rule for day in areas if (rule := _latest(rules, day))}
    calculators: dict[int, Calculator] = {}
    points = []
    for day in days:
        rule = versions.get(day)
        indicators: tuple[IndicatorResult, ...] = ()
        if rule is not None:
            if rule.pk not in calculators:
                ruled = [other for other, version in versions.items() if version == rule]
                loaded = load(
                    areas={areas[other] for other in ruled},
                    first=min(ruled), last=max(ruled), window_days=rule.window_days,
                )  # fmt: skip
                calculators[rule.pk] = Calculator(loaded.facts, parameters(rule))
            indicators = _indicators(calculators[rule.pk].at(day), targets)
        points.append(
            SeriesPoint(
                as_of=day,
                unit_system="before" if day < RESTRUCTURED_ON else "after",
                is_provisional=day == today,
                rule_version=rule.version if rule else "",
                indicators=indicators,
            )
        )
    systems = {point.unit_system for point in points}
    return Series(scope=scope, points=tuple(points), break_on=RESTRUCTURED_ON if len(systems) > 1 else None)


def rule_in_force(on: date) -> CoverageRule:
    """The rule in force on the day; of several the latest. Raises NoRuleInForceError."""
    rule = CoverageRule.objects.in_force(on).order_by("-valid_from", "-pk").first()
    if rule is None:
        raise NoRuleInForceError(day=f"{on:%d/%m/%Y}")
    return rule


def _dress(
    scope: AdministrativeUnit | None,
    evaluation: Evaluation,
    loaded: Loaded,
    rule: CoverageRule,
    targets: list[IndicatorTarget],
    today: date,
) -> CoverageResult:
    l1, l2, l3 = _indicators(evaluation, targets)
    counted = [rung for unit, rung in evaluation.rungs.items() if evaluation.kinds[unit] == AdministrativeUnit.Kind.XA]
    return CoverageResult(
        scope=scope,
        as_of=evaluation.as_of,
        is_provisional=evaluation.as_of == today,
        rule_version=rule.version,
        required_level=rule.required_level,
        l1=l1,
        l2=l2,
        l3=l3,
        units=_unit_results(evaluation, loaded, rule.required_level),
        districts=_district_results(evaluation, loaded, rule.required_level),
        models=tuple(_level(loaded, model, level) for model, level in evaluation.models),
        rungs=_rungs(evaluation.rungs.values()),
        rungs_of_communes=_rungs(counted),
        unplaced=_unplaced(evaluation),
    )


def _unit_results(evaluation: Evaluation, loaded: Loaded, required: int) -> tuple[UnitResult, ...]:
    geography = loaded.geography
    return tuple(
        UnitResult(
            unit=geography.communes[pk],
            name=geography.name_on(geography.communes[pk], evaluation.as_of),
            kind=kind,
            rung=(rung := evaluation.rungs[pk]),
            is_traded=rung is not None and rung >= required,
            models=tuple(_level(loaded, model, level) for model, level in evaluation.covering.get(pk, ())),
            district_ids=tuple(sorted(geography.districts_of.get(pk, ()))),
        )
        for pk, kind in evaluation.kinds.items()
    )


def _district_results(evaluation: Evaluation, loaded: Loaded, required: int) -> tuple[DistrictResult, ...]:
    results = []
    for pk, unit in loaded.geography.districts.items():
        if pk in evaluation.districts:
            rungs = [rung for commune in evaluation.districts[pk] if (rung := evaluation.rungs[commune]) is not None]
            results.append(
                DistrictResult(
                    unit=unit,
                    is_former=evaluation.are_districts_former,
                    is_covered=bool(rungs),
                    is_traded=any(rung >= required for rung in rungs),
                    unit_ids=evaluation.districts[pk],
                )
            )
    return tuple(results)


def _level(loaded: Loaded, model: int, level: int) -> ModelLevel:
    return ModelLevel(model, *loaded.labels[model], level)


def _rungs(rungs: Iterable[int | None]) -> dict[int | None, int]:
    counted = Counter(rungs)
    return {rung: counted[rung] for rung in (None, *range(HIGHEST_MEASURABLE_LEVEL + 1))}


def _unplaced(evaluation: Evaluation) -> tuple[Unplaced, ...]:
    if not evaluation.unplaceable:
        return ()
    units = AdministrativeUnit.objects.in_bulk({row.unit for row in evaluation.unplaceable})
    return tuple(
        Unplaced(row.kind, row.row, units[row.unit], row.model, row.cooperative) for row in evaluation.unplaceable
    )


def _indicators(
    evaluation: Evaluation, targets: list[IndicatorTarget]
) -> tuple[IndicatorResult, IndicatorResult, IndicatorResult]:
    def result(code: Indicator, share: Share) -> IndicatorResult:
        return IndicatorResult(
            code.value, share.numerator, share.traded, share.denominator, _target(targets, code, evaluation.as_of)
        )

    return (
        result(Indicator.L1, evaluation.l1),
        result(Indicator.L2, evaluation.l2),
        result(Indicator.L3, evaluation.l3),
    )


def _areas(scope: AdministrativeUnit | None, days: list[date]) -> dict[date, AdministrativeUnit | None]:
    """What stands for the scope on each day on which it has a value."""
    # Between two days on which any unit began or ended, the answer is the same.
    changes = sorted(
        {day for pair in AdministrativeUnit.objects.filter(level=AdministrativeUnit.Level.PROVINCE)
         .order_by().values_list("valid_from", "valid_to").distinct() for day in pair if day}
        | ({scope.valid_from} | ({scope.valid_to} if scope.valid_to else set()) if scope else set())
    )  # fmt: skip
    answers: dict[int, tuple[bool, AdministrativeUnit | None]] = {}
    found = {}
    for day in days:
        period = sum(change <= day for change in changes)
        if period not in answers:
            try:
                answers[period] = (True, area_on(scope=scope, on=day))
            except ScopeHasNoValueError:
                answers[period] = (False, None)
        has_value, area = answers[period]
        if has_value:
            found[day] = area
    return found


def refuse_future(day: date, today: date) -> None:
    if day > today:
        raise FutureDateError(day=f"{day:%d/%m/%Y}")


def parameters(rule: CoverageRule) -> RuleParameters:
    if rule.required_level > HIGHEST_MEASURABLE_LEVEL:
        raise LevelNotMeasurableError(level=rule.required_level, version=rule.version)
    return RuleParameters(rule.window_days, rule.minimum_buyers, rule.required_level)


def _latest(rules: list[CoverageRule], day: date) -> CoverageRule | None:
    return next((rule for rule in reversed(rules) if rule.is_in_force(day)), None)


def _targets(last: date) -> list[IndicatorTarget]:
    return list(IndicatorTarget.objects.filter(valid_from__lte=last).order_by("valid_from", "pk"))


def _target(targets: list[IndicatorTarget], code: str, day: date) -> Target | None:
    for row in reversed(targets):
        if row.indicator == code and row.is_in_force(day):
            return Target(row.comparison, row.percentage, row.legal_source)
    return None
