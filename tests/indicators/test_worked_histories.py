"""Every row of the table of worked histories, by the program and by the slow reference."""

from datetime import date

import pytest

from cooperatives.indicators.models import CoverageRule
from cooperatives.indicators.selectors import coverage
from tests.indicators.history import (
    BASE,
    CLERK,
    SINCE,
    Dated,
    Insider,
    Order,
    Reduction,
    Status,
    everything_from,
    traded_in,
)
from tests.indicators.reference import Reference
from tests.indicators.stored import store

TODAY = date(2027, 6, 1)
RULE = CoverageRule(version="v1", window_days=365, minimum_buyers=3, required_level=2)

HISTORIES = {
    "1 base": BASE,
    "2 the third line was bought by a clerk of c": BASE.but(
        insiders=(Insider("c", CLERK, SINCE),),
        orders=(*BASE.orders[:2], Order("z", date(2024, 9, 8), CLERK)),
    ),
    "3 z is fully refunded": BASE.but(reductions=(Reduction("refund", "line-z", date(2024, 10, 1), 100_000),)),
    "4 suspended and verified again": BASE.but(
        statuses=(
            *BASE.statuses,
            Status("m", date(2024, 8, 1), "suspended"),
            Status("m", date(2024, 10, 1), "verified"),
        )
    ),
    "5 c is out of m for ten days": BASE.but(
        participants=(Dated("m", "c", date(2024, 1, 1), date(2024, 9, 5)), Dated("m", "c", date(2024, 9, 15)))
    ),
    "6 the key product is B's, not A's": BASE.but(
        key_products=(Dated("B", "chestnut", date(2022, 1, 1)),),
    ),
    "7 no area; all is E's": everything_from("E").but(areas=()),
    "8 listed and sold is a child": traded_in("roasted chestnut"),
    "9 the model is for the child, the trade in the parent": BASE.but(
        models=tuple(model._replace(commodity="roasted chestnut") for model in BASE.models)
    ),
    "10 A's area row was closed for a row that names N": BASE.but(
        areas=(
            Dated("m", "A", date(2024, 1, 1), date(2024, 3, 1)),
            Dated("m", "N", date(2024, 3, 1)),
            BASE.areas[1],
        )
    ),
    "11 everything is C's, a township": everything_from("C"),
    "12 sold from B, while only A is covered": BASE.but(sales=tuple(sale._replace(unit="B") for sale in BASE.sales)),
    "13 c was inactive from 2025-01-01": BASE.but(activities=(Dated("c", "", SINCE, date(2025, 1, 1)),)),
}

ROWS = [
    ("1", "2024-01-04", (0, 0, 3), (0, 0, 2), (0, 0), {}),
    ("1", "2024-02-01", (1, 0, 3), (1, 0, 2), (0, 1), {"A": 0}),
    ("1", "2024-09-09", (1, 0, 3), (1, 0, 2), (0, 1), {"A": 1}),
    ("1", "2024-09-10", (1, 1, 3), (1, 1, 2), (1, 1), {"A": 2}),
    ("1", "2025-06-30", (1, 1, 3), (1, 1, 2), (1, 1), {"A": 2}),
    ("1", "2025-07-01", (1, 1, 2), (1, 1, 2), (1, 1), {"N": 2}),
    ("1", "2025-09-09", (1, 1, 2), (1, 1, 2), (1, 1), {"N": 2}),
    ("1", "2025-09-10", (1, 0, 2), (1, 0, 2), (0, 1), {"N": 1}),
    ("1", "2025-12-01", (1, 0, 2), (1, 0, 2), (0, 1), {"N": 0}),
    ("1", "2027-01-01", (0, 0, 2), (0, 0, 2), (0, 0), {}),
    ("2", "2024-09-30", (1, 0, 3), (1, 0, 2), (0, 1), {"A": 1}),
    ("3", "2024-09-30", (1, 1, 3), (1, 1, 2), (1, 1), {"A": 2}),
    ("3", "2024-10-01", (1, 0, 3), (1, 0, 2), (0, 1), {"A": 1}),
    ("4", "2024-07-31", (1, 0, 3), (1, 0, 2), (0, 1), {"A": 0}),
    ("4", "2024-09-30", (0, 0, 3), (0, 0, 2), (0, 0), {}),
    ("4", "2024-10-01", (1, 1, 3), (1, 1, 2), (1, 1), {"A": 2}),
    ("5", "2024-09-10", (0, 0, 3), (0, 0, 2), (0, 1), {}),
    ("5", "2024-09-30", (1, 0, 3), (1, 0, 2), (0, 1), {"A": 1}),
    ("6", "2024-09-30", (0, 0, 3), (0, 0, 2), (1, 1), {}),
    ("6", "2025-07-01", (1, 1, 2), (1, 1, 2), (1, 1), {"N": 2}),
    ("7", "2024-09-30", (1, 1, 3), (1, 1, 2), (0, 0), {"E": 2}),
    ("7", "2025-07-01", (1, 1, 2), (2, 2, 2), (0, 0), {"R": 2}),
    ("8", "2024-09-30", (1, 1, 3), (1, 1, 2), (1, 1), {"A": 2}),
    ("9", "2024-09-30", (1, 0, 3), (1, 0, 2), (0, 1), {"A": 0}),
    ("10", "2024-02-01", (1, 0, 3), (1, 0, 2), (0, 1), {"A": 0}),
    ("10", "2024-09-30", (0, 0, 3), (0, 0, 2), (0, 1), {}),
    ("10", "2025-07-01", (1, 1, 2), (1, 1, 2), (1, 1), {"N": 2}),
    ("11", "2024-09-30", (0, 0, 3), (1, 1, 2), (1, 1), {"C": 2}),
    ("11", "2025-07-01", (1, 1, 2), (2, 2, 2), (1, 1), {"R": 2}),
    ("12", "2024-09-30", (1, 0, 3), (1, 0, 2), (1, 1), {"A": 1}),
    ("12", "2025-07-01", (1, 1, 2), (1, 1, 2), (1, 1), {"N": 2}),
    ("13", "2024-12-31", (1, 1, 3), (1, 1, 2), (1, 1), {"A": 2}),
    ("13", "2025-01-01", (0, 0, 3), (0, 0, 2), (1, 1), {}),
]


def history_of(number: str):
    return next(history for name, history in HISTORIES.items() if name.split()[0] == number)


@pytest.mark.parametrize(("number", "day", "l1", "l2", "l3", "covered"), ROWS)
@pytest.mark.django_db
def test_the_program_answers_the_worked_history(number, day, l1, l2, l3, covered):
    stored = store(history_of(number))
    result = coverage(stored.scope("CB"), date.fromisoformat(day), RULE, today=TODAY)
    answer = stored.answer(result)
    assert (answer.l1, answer.l2, answer.l3) == (l1, l2, l3)
    assert {unit: rung for unit, rung in answer.rungs.items() if rung is not None} == covered


@pytest.mark.parametrize(("number", "day", "l1", "l2", "l3", "covered"), ROWS)
def test_the_reference_answers_the_worked_history(number, day, l1, l2, l3, covered):
    answer = Reference(history_of(number), date.fromisoformat(day)).answer("CB")
    assert (answer.l1, answer.l2, answer.l3) == (l1, l2, l3)
    assert {unit: rung for unit, rung in answer.rungs.items() if rung is not None} == covered
