"""The program equals the slow second implementation, on random histories before, at and after the reform."""

from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.indicators.core import Calculator, RuleParameters
from cooperatives.indicators.models import CoverageRule
from cooperatives.indicators.selectors import coverage
from cooperatives.linkage.models import BuyerContact
from cooperatives.linkage.rebuild import rebuild
from cooperatives.places.selectors import ScopeHasNoValueError
from tests.indicators.plain import answer, facts_of
from tests.indicators.random_histories import SCOPES, asked, histories, rules
from tests.indicators.reference import Reference
from tests.indicators.stored import store
from tests.indicators.test_worked_histories import TODAY
from tests.linkage.sources import sources_of

scopes = st.sampled_from(SCOPES)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


@settings(max_examples=1_000, deadline=None, suppress_health_check=SLOW)
@given(histories, scopes, asked, rules)
def test_the_calculation_equals_the_reference(history, scope, day, rule):
    window, buyers, required = rule
    expected = Reference(history, day, window=window, buyers=buyers, required=required).answer(scope)
    facts = facts_of(history, scope, day)
    if facts is None:
        assert expected is None
    else:
        found = Calculator(facts, RuleParameters(*rule)).at(day)
        assert answer(history, found) == expected


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(histories, st.lists(asked, min_size=2, max_size=2), st.sets(scopes, min_size=3, max_size=3), rules)
def test_coverage_from_the_database_equals_the_reference(history, days, asked_scopes, rule):
    window, buyers, required = rule
    version = CoverageRule(version="x", window_days=window, minimum_buyers=buyers, required_level=required)
    with transaction.atomic():
        stored = store(history)
        for day in days:
            reference = Reference(history, day, window=window, buyers=buyers, required=required)
            for scope in asked_scopes:
                try:
                    found = stored.answer(coverage(stored.scope(scope), day, version, today=TODAY))
                except ScopeHasNoValueError:
                    found = None
                assert found == reference.answer(scope), (scope, day)
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(histories, st.data())
def test_evidence_appended_in_any_order_equals_the_rebuilt(history, data):
    orders = data.draw(st.permutations(history.orders))
    with transaction.atomic(), sources_of(history) as stored:
        BuyerContact.objects.all().delete()
        stored.record_orders(orders)
        assert rebuild(check=True).agrees
        appended = partition()
        BuyerContact.objects.all().delete()
        rebuild()
        assert partition() == appended
        transaction.set_rollback(True)


def partition() -> set[frozenset[str]]:
    groups: dict[int, set[str]] = {}
    for key, component in BuyerContact.objects.values_list("order_key", "component"):
        groups.setdefault(component, set()).add(key)
    return {frozenset(group) for group in groups.values()}


def test_random_histories_reach_every_part_of_the_rules():
    """Without covered, listed and traded communes on both sides of the reform the comparisons would prove nothing."""
    seen: Counter[str] = Counter()

    @settings(max_examples=3_000, deadline=None, suppress_health_check=SLOW, database=None, derandomize=True)
    @given(histories, asked, rules)
    def look(history, day, rule):
        window, buyers, required = rule
        found = Reference(history, day, window=window, buyers=buyers, required=required).answer(None)
        when = "after" if "N" in found.rungs else "before"
        seen.update(f"rung {rung} {when}" for rung in found.rungs.values())
        seen.update(f"model {level} {when}" for level in found.models.values())
        seen["unplaced"] += bool(found.unplaced)

    look()
    for when in ("before", "after"):
        for rung in (None, 0, 1, 2):
            assert seen[f"rung {rung} {when}"], (rung, when, seen)
        for level in (0, 1, 2):
            assert seen[f"model {level} {when}"], (level, when, seen)
    assert seen["unplaced"]
