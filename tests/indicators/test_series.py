"""The figures by quarter: on the units of each day, never joined over the reform."""

from datetime import date

import pytest

from cooperatives.indicators.models import CoverageRule
from cooperatives.indicators.selectors import (
    FutureDateError,
    SeriesEndsBeforeStartError,
    coverage,
    coverage_series,
)
from cooperatives.indicators.services import load_rules_and_targets
from tests.indicators.history import BASE, everything_from
from tests.indicators.stored import store
from tests.indicators.test_coverage import twenty_models

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)


@pytest.fixture(autouse=True)
def _rules():
    load_rules_and_targets()


@pytest.mark.parametrize("scope", ["CB", "CB2", "TK", "QH", None])
def test_every_point_is_what_coverage_answers_on_that_day(scope):
    stored = store(everything_from("E"))
    series = coverage_series(stored.scope(scope), FIRST, LAST, today=TODAY)
    assert [point.as_of for point in series.points][::10] == [date(2024, 3, 31), date(2026, 9, 30)]
    for point in series.points:
        assert point.indicators == coverage(stored.scope(scope), point.as_of, today=TODAY).indicators


def test_the_series_breaks_on_the_day_of_the_reform():
    stored = store(BASE)
    series = coverage_series(stored.scope("CB"), FIRST, LAST, today=TODAY)
    assert series.break_on == date(2025, 7, 1)
    assert [point.unit_system for point in series.points] == ["before"] * 6 + ["after"] * 5
    assert [point.indicators[0].denominator for point in series.points] == [3] * 6 + [2] * 5
    assert coverage_series(stored.scope("CB"), date(2026, 1, 1), LAST, today=TODAY).break_on is None


def test_a_scope_without_a_value_leaves_its_point_empty():
    stored = store(BASE)
    series = coverage_series(stored.scope("CB"), date(2019, 12, 1), date(2020, 3, 31), today=TODAY)
    assert [point.has_value for point in series.points] == [False, False]
    series = coverage_series(stored.scope("CB"), date(2020, 12, 1), date(2021, 3, 31), today=TODAY)
    # Rule v1 holds from 2021.
    assert [(point.has_value, point.rule_version) for point in series.points] == [(False, ""), (True, "v1")]


def test_any_day_may_be_asked_besides_and_today_is_provisional():
    stored = store(BASE)
    series = coverage_series(stored.scope("CB"), date(2026, 9, 1), LAST, today=TODAY, also=(TODAY,))
    assert [(point.as_of, point.is_provisional) for point in series.points] == [
        (date(2026, 9, 30), False),
        (TODAY, True),
    ]
    with pytest.raises(FutureDateError):
        coverage_series(stored.scope("CB"), FIRST, LAST, today=TODAY, also=(date(2026, 11, 24),))
    with pytest.raises(SeriesEndsBeforeStartError):
        coverage_series(stored.scope("CB"), LAST, FIRST, today=TODAY)


def test_each_point_is_under_the_rule_of_its_day():
    stored = store(BASE)
    CoverageRule.objects.update(valid_to=date(2025, 1, 1))
    CoverageRule.objects.create(version="v2", minimum_buyers=4, valid_from=date(2025, 1, 1))
    series = coverage_series(stored.scope("CB"), date(2024, 9, 1), date(2025, 3, 31), today=TODAY)
    assert [(point.rule_version, point.indicators[0].traded) for point in series.points] == [
        ("v1", 1),
        ("v1", 1),
        ("v2", 0),
    ]


def test_queries_do_not_grow_with_points_or_rows(django_assert_max_num_queries):
    stored = store(twenty_models())
    with django_assert_max_num_queries(32):
        series = coverage_series(stored.scope("CB"), FIRST, LAST, today=TODAY)
    assert len(series.points) == 11
