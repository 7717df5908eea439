"""Two at once, on PostgreSQL, each with its control."""

from collections import Counter
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection

from marketplace.settlement import payouts, sweep
from marketplace.settlement.models import Payout, PayoutApproval, Statement, StatementItem, StatementLine
from tests.checkout.test_races import all_at_once
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.settlement import PERIOD_TO, SWEPT_AT, finance_person, name_account, sold_parcel

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SWEEPS = 4


@pytest.fixture
def parcels():
    cooperative = CooperativeFactory()
    return [sold_parcel(cooperative, paid_by="card") for _ in range(3)]


def sweeps_at_once() -> list[object]:
    return all_at_once(lambda _turn: sweep.sweep(period_to=PERIOD_TO, now=SWEPT_AT), SWEEPS, workers=SWEEPS)


def test_sweeps_at_once_make_one_payout(parcels):
    results = sweeps_at_once()
    statement = Statement.objects.get()
    assert results == [[statement]] * SWEEPS
    assert Payout.objects.get().amount == statement.net
    assert StatementItem.objects.count() == len(parcels)


def test_without_the_lock_and_the_constraints_the_same_race_pays_twice(parcels, monkeypatch):
    """The control: a race that this cannot lose would prove nothing."""
    everybody = Barrier(SWEEPS)

    def read_and_wait(rows, **_options):
        found = list(rows)
        # Once each: whoever is through here has seen nothing of the others.
        with suppress(BrokenBarrierError):
            everybody.wait(30)
        return found

    monkeypatch.setattr(sweep, "locked", read_and_wait)
    once = [
        next(c for c in Statement._meta.constraints if c.name == "statement_once_a_period"),
    ]
    number, line = Statement._meta.get_field("number"), StatementLine._meta.get_field("transaction")
    with connection.cursor() as cursor:
        names = _unique_constraints(cursor, Statement, number.column) + _unique_constraints(
            cursor, StatementLine, line.column
        )
        for table, name in names:
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    with connection.schema_editor() as editor:
        editor.remove_constraint(Statement, once[0])
    try:
        sweeps_at_once()
        assert Payout.objects.count() > 1
        settled = Counter(StatementLine.objects.values_list("transaction", flat=True))
        assert max(settled.values()) > 1
    finally:
        for model in (StatementLine, StatementItem):
            model.objects.all().delete()
        Payout.objects.all()[0].events.model.objects.all().delete()
        Payout.objects.all().delete()
        Statement.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Statement, once[0])
        with connection.cursor() as cursor:
            for (table, name), column in zip(names, (number.column, line.column), strict=True):
                cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" UNIQUE ("{column}")')


def _unique_constraints(cursor, model, column: str) -> list[tuple[str, str]]:
    table = model._meta.db_table
    found = connection.introspection.get_constraints(cursor, table)
    return [(table, name) for name, about in found.items() if about["unique"] and about["columns"] == [column]][:1]


def test_one_person_who_presses_approve_many_times_at_once_counts_once(parcels):
    name_account(parcels[0].cooperative)
    payout, person = sweep.sweep(period_to=PERIOD_TO, now=SWEPT_AT)[0].payout, finance_person()
    results = all_at_once(lambda _turn: payouts.approve(payout=payout, by=person, now=SWEPT_AT), 4, workers=4)
    assert Counter(type(result).__name__ for result in results) == {"Payout": 1, "ApprovedAlreadyError": 3}
    assert PayoutApproval.objects.count() == 1
