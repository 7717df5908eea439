"""From a unit to the evidence: dated lines, buyers only counted, sums withheld; and why a commune is not covered."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal

import pytest

from cooperatives.indicators.drilldown import evidence_of
from cooperatives.indicators.models import CoverageRule
from cooperatives.indicators.reasons import why_not_yet
from cooperatives.indicators.selectors import FutureDateError, coverage
from cooperatives.places.selectors import ScopeHasNoValueError
from tests.indicators.history import BASE, REFORM, SINCE, Dated, Model, Order, Person, Reduction, Status
from tests.indicators.stored import store

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
DAY = date(2024, 9, 30)
RULE = CoverageRule(version="v1", window_days=365, minimum_buyers=3, required_level=2)


def ask(stored, *, unit="A", day=DAY, **more):
    return evidence_of(
        linkage_id=stored.models["m"].pk, unit=stored.scope(unit), as_of=day, today=TODAY, rule=RULE, **more
    )


def test_the_lines_behind_a_level_are_dated_and_name_no_buyer():
    stored = store(BASE)
    found = ask(stored)
    assert (found.level, found.buyer_count, found.order_count, found.sale_count) == (2, 3, 3, 3)
    (listing,) = found.listings
    assert (listing.first_on, listing.last_on, listing.unit.name) == (date(2024, 9, 1), DAY, "A")
    assert {(sale.delivered_on, sale.commodity.name, sale.cooperative.name) for sale in found.sales} == {
        (date(2024, 9, 10), "chestnut", "c")
    }
    told = repr([asdict(line) for line in (*found.listings, *found.sales)])
    assert not any(secret in told for secret in ("order", "phone='+", "account", "x@example.com", "amount"))


def test_old_lines_are_opened_on_the_unit_that_their_origin_became():
    stored = store(BASE)
    found = ask(stored, unit="N", day=REFORM)
    assert (found.level, [sale.unit.name for sale in found.sales]) == (2, ["A", "A", "A"])
    assert ask(stored, unit="R", day=REFORM).sale_count == 0


def test_the_model_as_a_whole_and_its_lines_are_limited_but_counted():
    stored = store(BASE.but(sales=tuple(sale._replace(unit="B") for sale in BASE.sales)))
    whole = ask(stored, unit=None, limit=2)
    assert (whole.level, len(whole.sales), whole.sale_count) == (2, 2, 3)
    assert ask(stored, unit="A").level == 1


def test_a_refunded_line_is_no_evidence_and_one_buyer_with_two_orders_is_one():
    same = Person(email="x@example.com")
    history = BASE.but(
        orders=(BASE.orders[0], Order("y", date(2024, 9, 8), same), BASE.orders[2]),
        reductions=(Reduction("refund", "line-z", date(2024, 9, 20), 100_000),),
    )
    found = ask(store(history))
    assert (found.order_count, found.buyer_count, found.level) == (2, 1, 1)


@pytest.mark.parametrize(("sellers", "amount"), [(("c", "c", "d"), None), (("c", "d", "e"), Decimal(270_000))])
def test_an_amount_that_fewer_than_three_cooperatives_make_up_is_withheld(sellers, amount):
    first = date(2024, 1, 1)
    history = BASE.but(
        cooperatives=("c", "d", "e"),
        participants=tuple(Dated("m", name, first) for name in ("c", "d", "e")),
        sales=tuple(sale._replace(cooperative=seller) for sale, seller in zip(BASE.sales, sellers, strict=True)),
        reductions=(Reduction("refund", "line-z", date(2024, 9, 20), 30_000),),
    )
    found = ask(store(history))
    assert (found.cooperative_count, found.amount) == (len(set(sellers)), amount)


def test_queries_of_the_drill_down_do_not_grow(django_assert_max_num_queries):
    stored = store(BASE)
    with django_assert_max_num_queries(17):
        ask(stored)


def test_the_future_has_no_evidence():
    stored = store(BASE)
    with pytest.raises(FutureDateError):
        ask(stored, day=date(2027, 1, 1))


REASONS = {
    "no_key_product": BASE.but(key_products=()),
    "no_linkage": BASE.but(areas=(Dated("m", "B", date(2024, 1, 1)),)),
    "not_verified": BASE.but(statuses=(Status("m", date(2024, 1, 5), "submitted"),)),
    "suspended": BASE.but(statuses=(*BASE.statuses, Status("m", date(2024, 8, 1), "suspended"))),
    "ended": BASE.but(statuses=(*BASE.statuses, Status("m", date(2024, 8, 1), "ended"))),
    "no_participant": BASE.but(participants=()),
    "cooperative_inactive": BASE.but(activities=()),
    "not_served": BASE.but(served=(Dated("c", "B", SINCE),)),
    "not_listed": BASE.but(listings=()),
    "too_few_buyers": BASE.but(sales=BASE.sales[:2]),
}


@pytest.mark.parametrize("code", REASONS)
def test_an_uncovered_or_untraded_commune_tells_why(code):
    stored = store(REASONS[code])
    (reason,) = why_not_yet(stored.units["A"], DAY, RULE, today=TODAY)
    assert reason.code == code
    assert str(reason)
    assert "%(" not in str(reason)
    rung = coverage(stored.units["A"], DAY, RULE, today=TODAY).units[0].rung
    assert (rung is not None) == (code in {"not_listed", "too_few_buyers"})


def test_a_traded_commune_has_no_reason_and_an_abolished_one_no_value():
    stored = store(BASE)
    assert why_not_yet(stored.units["A"], DAY, RULE, today=TODAY) == ()
    assert why_not_yet(stored.units["N"], REFORM, RULE, today=TODAY) == ()
    with pytest.raises(ScopeHasNoValueError):
        why_not_yet(stored.units["A"], REFORM, RULE, today=TODAY)


def test_a_model_for_another_product_is_no_linkage_of_the_commune():
    other = BASE.but(commodities=(*BASE.commodities, ("tea", None)))
    stored = store(other.but(models=(Model("m", "tea", date(2024, 1, 1), None),)))
    assert [reason.code for reason in why_not_yet(stored.units["A"], DAY, RULE, today=TODAY)] == ["no_linkage"]
