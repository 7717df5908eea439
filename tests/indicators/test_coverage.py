"""What coverage answers and refuses, beyond the worked histories."""

from datetime import date
from decimal import Decimal

import pytest

from cooperatives.indicators.models import CoverageRule, IndicatorTarget
from cooperatives.indicators.results import IndicatorResult, Target, percentage
from cooperatives.indicators.selectors import (
    FutureDateError,
    LevelNotMeasurableError,
    NoRuleInForceError,
    coverage,
    rule_in_force,
)
from cooperatives.indicators.services import load_rules_and_targets
from cooperatives.places.selectors import ScopeHasNoValueError
from cooperatives.places.services import rename_unit
from tests.factories.cooperatives import CooperativeFactory
from tests.indicators.history import BASE, REFORM, SINCE, Dated, Model, Status, Succession, Unit, everything_from
from tests.indicators.stored import store

TODAY = date(2026, 11, 23)
RULE = CoverageRule(version="v1", window_days=365, minimum_buyers=3, required_level=2)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(0, 3, "0.0"), (1, 3, "33.3"), (2, 3, "66.7"), (3, 3, "100.0"), (1, 16, "6.3"), (1, 2000, "0.1"), (1, 0, None)],
)
def test_a_percentage_has_one_decimal_rounded_half_up_and_none_of_nothing(numerator, denominator, expected):
    found = percentage(numerator, denominator)
    assert found == (None if expected is None else Decimal(expected))


def test_a_target_of_more_than_70_is_not_met_by_70():
    more, least = Target("gt", Decimal(70), "x"), Target("gte", Decimal(70), "x")
    assert not more.is_met(7, 10)
    assert least.is_met(7, 10)
    assert more.is_met(7001, 10_000)


def test_a_target_compares_the_exact_share_and_not_the_rounded_one():
    # 69.96 % is printed as 70.0 %.
    assert not Target("gte", Decimal(70), "x").is_met(6996, 10_000)


def test_without_a_denominator_there_is_neither_percentage_nor_verdict():
    empty = IndicatorResult("L3", 0, 0, 0, Target("gte", Decimal(50), "x"))
    assert (empty.percentage, empty.traded_percentage, empty.is_traded_target_met) == (None, None, None)


@pytest.mark.django_db
class TestCoverage:
    def test_the_future_is_refused(self):
        stored = store(BASE)
        with pytest.raises(FutureDateError):
            coverage(stored.scope("CB"), date(2026, 11, 24), RULE, today=TODAY)

    def test_today_is_provisional_and_yesterday_is_not(self):
        stored = store(BASE)
        assert coverage(stored.scope("CB"), TODAY, RULE, today=TODAY).is_provisional
        assert not coverage(stored.scope("CB"), date(2026, 11, 22), RULE, today=TODAY).is_provisional

    def test_before_the_units_are_known_there_is_no_value(self):
        stored = store(BASE)
        for scope in ("CB", "CB2", None, "TK"):
            with pytest.raises(ScopeHasNoValueError):
                coverage(stored.scope(scope), date(2020, 2, 29), RULE, today=TODAY)

    def test_the_country_has_no_value_before_every_province_is_known(self):
        late = (
            Unit("HN", "province", "thanh-pho", None, date(2025, 1, 1)),
            Unit("HN2", "province", "thanh-pho", None, REFORM, None),
        )
        stored = store(BASE.but(units=(*BASE.units, *late), successions=(*BASE.successions, Succession("HN", "HN2"))))
        with pytest.raises(ScopeHasNoValueError):
            coverage(None, date(2024, 12, 31), RULE, today=TODAY)
        assert coverage(None, date(2025, 1, 1), RULE, today=TODAY).l1.denominator == 3
        assert coverage(stored.scope("CB"), date(2024, 12, 31), RULE, today=TODAY).l1.denominator == 3

    def test_a_merged_province_has_no_value_before_it_existed(self):
        other = (
            Unit("HG", "province", "tinh", None),
            Unit("XM", "district", "huyen", "HG"),
            Unit("G", "commune", "xa", "XM"),
        )
        history = BASE.but(
            units=(*other, *BASE.units), successions=(*BASE.successions, Succession("G", "R", is_default=False))
        )
        stored = store(history)
        with pytest.raises(ScopeHasNoValueError):
            coverage(stored.scope("CB2"), date(2025, 6, 30), RULE, today=TODAY)
        assert coverage(stored.scope("CB2"), REFORM, RULE, today=TODAY).l1.denominator == 2

    def test_a_province_whose_area_stayed_is_one_scope_before_and_after(self):
        stored = store(BASE)
        for day in (date(2025, 6, 30), REFORM):
            of_old = coverage(stored.scope("CB"), day, RULE, today=TODAY)
            of_new = coverage(stored.scope("CB2"), day, RULE, today=TODAY)
            assert of_old.units == of_new.units

    def test_a_commune_of_two_former_districts_counts_for_both(self):
        stored = store(everything_from("E"))
        result = coverage(stored.scope("CB"), REFORM, RULE, today=TODAY)
        assert {(row.unit.name, row.is_former, row.is_covered) for row in result.districts} == {
            ("TK", True, True),
            ("QH", True, True),
        }
        assert result.is_on_former_districts
        (commune,) = (row for row in result.units if row.unit.name == "R")
        assert commune.has_two_former_districts

    def test_a_former_district_is_a_scope_of_the_communes_that_it_went_into(self):
        stored = store(everything_from("E"))
        before = coverage(stored.scope("QH"), date(2025, 6, 30), RULE, today=TODAY)
        after = coverage(stored.scope("QH"), REFORM, RULE, today=TODAY)
        assert [row.unit.name for row in before.units] == ["E"]
        assert [row.unit.name for row in after.units] == ["R"]
        assert (after.l2.numerator, after.l2.traded, after.l2.denominator) == (1, 1, 1)

    def test_a_commune_is_a_scope_of_its_own(self):
        stored = store(BASE)
        result = coverage(stored.scope("A"), date(2024, 9, 30), RULE, today=TODAY)
        assert [(row.unit.name, row.rung) for row in result.units] == [("A", 2)]
        assert [model.code for model in result.units[0].models] == ["m"]
        assert result.l2.percentage is None

    def test_wards_and_townships_are_shown_and_not_counted(self):
        stored = store(everything_from("C"))
        result = coverage(stored.scope("CB"), date(2024, 9, 30), RULE, today=TODAY)
        assert [row.is_counted for row in result.units] == [True, True, False, True]
        assert result.rungs == {None: 3, 0: 0, 1: 0, 2: 1}
        assert result.rungs_of_communes == {None: 3, 0: 0, 1: 0, 2: 0}

    def test_a_commune_that_became_a_ward_counts_while_it_was_a_commune(self):
        stored = store(BASE)
        rename_unit(unit=stored.units["N"], on=date(2026, 1, 1), name="Phường N", short_name="N", kind="phuong")
        scope = stored.scope("CB2")
        assert coverage(scope, date(2025, 12, 31), RULE, today=TODAY).l1.denominator == 2
        result = coverage(scope, date(2026, 1, 1), RULE, today=TODAY)
        assert result.l1.denominator == 1
        assert [row.name for row in result.units] == ["Phường N", "R"]

    def test_a_row_that_names_a_unit_of_the_future_is_reported_and_counts_nowhere(self):
        history = BASE.but(
            areas=(Dated("m", "N", date(2024, 3, 1)),), key_products=(Dated("N", "chestnut", date(2024, 1, 1)),)
        )
        stored = store(history)
        result = coverage(stored.scope("CB"), date(2024, 9, 30), RULE, today=TODAY)
        assert [(row.kind, row.unit.name) for row in result.unplaced] == [("area", "N"), ("key_product", "N")]
        assert (result.l1.numerator, result.l3.denominator) == (0, 0)

    def test_an_area_entered_for_later_does_not_move_the_past(self):
        stored = store(everything_from("A").but(areas=(Dated("m", "B", date(2025, 1, 1)),)))
        assert coverage(stored.scope("CB"), date(2024, 9, 30), RULE, today=TODAY).l1.numerator == 1
        assert coverage(stored.scope("CB"), date(2025, 1, 1), RULE, today=TODAY).l1.numerator == 0

    def test_of_decisions_of_one_day_the_last_recorded_holds(self):
        again = (Status("m", date(2024, 8, 1), "suspended"), Status("m", date(2024, 8, 1), "verified"))
        stored = store(BASE.but(statuses=(*BASE.statuses, *again)))
        assert coverage(stored.scope("CB"), date(2024, 8, 1), RULE, today=TODAY).l1.numerator == 1

    def test_a_rule_that_asks_for_an_unmeasurable_level_is_refused(self):
        stored = store(BASE)
        rule = CoverageRule(version="v9", window_days=365, minimum_buyers=3, required_level=3)
        with pytest.raises(LevelNotMeasurableError):
            coverage(stored.scope("CB"), TODAY, rule, today=TODAY)
        assert coverage(stored.scope("CB"), TODAY, RULE, today=TODAY).unmeasurable_levels == (3, 4)

    def test_the_rule_and_the_targets_are_those_in_force_on_the_day(self):
        stored = store(BASE)
        with pytest.raises(NoRuleInForceError):
            coverage(stored.scope("CB"), TODAY, today=TODAY)
        load_rules_and_targets()
        CoverageRule.objects.filter(version="v1").update(valid_to=date(2025, 1, 1))
        CoverageRule.objects.create(version="v2", minimum_buyers=4, valid_from=date(2025, 1, 1))
        assert coverage(stored.scope("CB"), date(2024, 12, 31), today=TODAY).rule_version == "v1"
        result = coverage(stored.scope("CB"), date(2025, 1, 1), today=TODAY)
        assert (result.rule_version, result.l1.traded) == ("v2", 0)
        IndicatorTarget.objects.filter(indicator="L1").update(valid_to=date(2025, 1, 1))
        result = coverage(stored.scope("CB"), date(2025, 1, 1), today=TODAY)
        assert [part.target is None for part in (result.l1, result.l2, result.l3)] == [True, False, False]

    def test_the_official_targets_and_rule_are_loaded_once(self):
        assert load_rules_and_targets() == 4
        assert load_rules_and_targets() == 0
        rule = rule_in_force(TODAY)
        assert (rule.version, rule.window_days, rule.minimum_buyers, rule.required_level) == ("v1", 365, 3, 2)
        result = coverage(store(BASE).scope("CB"), TODAY, today=TODAY)
        targets = [part.target for part in (result.l1, result.l2, result.l3)]
        assert [(target.comparison, target.percentage) for target in targets] == [("gt", 70), ("gte", 70), ("gte", 50)]

    @pytest.mark.parametrize("day", [date(2025, 6, 30), REFORM])
    def test_queries_do_not_grow_with_the_rows(self, day, django_assert_max_num_queries):
        stored = store(twenty_models())
        with django_assert_max_num_queries(20):
            result = coverage(stored.scope("CB"), day, RULE, today=TODAY)
        assert result.l3.denominator == 20

    def test_a_cooperative_without_any_linkage_changes_nothing(self):
        stored = store(BASE)
        before = coverage(stored.scope("CB"), TODAY, RULE, today=TODAY)
        CooperativeFactory(home=stored.units["N"])
        assert coverage(stored.scope("CB"), TODAY, RULE, today=TODAY) == before


def twenty_models():
    names = [f"m{number}" for number in range(20)]
    first, last = date(2024, 1, 1), date(2027, 1, 1)
    return BASE.but(
        cooperatives=("c", *(f"c{name}" for name in names)),
        models=tuple(Model(name, "chestnut", first, last) for name in names),
        statuses=tuple(Status(name, first, "verified") for name in names),
        participants=tuple(Dated(name, owner, first) for name in names for owner in ("c", f"c{name}")),
        areas=tuple(Dated(name, unit, first) for name in names for unit in ("A", "B", "E")),
        served=(*BASE.served, *(Dated(f"c{name}", unit, SINCE) for name in names for unit in ("A", "E"))),
        key_products=tuple(Dated(unit, "chestnut", first) for unit in ("A", "B", "C", "E")),
    )
