"""Double entry: every transaction sums to zero, nothing is posted twice, and nothing is ever changed."""

from datetime import UTC, datetime
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.db.utils import DatabaseError
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from marketplace.ledger.models import Account, Entry, LedgerIsFinalError, Transaction
from marketplace.ledger.selectors import OWED_KINDS, balance, balances_of, owed_to
from marketplace.ledger.services import CHART, OF_MARKETPLACE, Side, UnbalancedError, post, transfer
from tests.checkout.test_races import all_at_once
from tests.factories.cooperatives import CooperativeFactory

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
Kind = Account.Kind


def pay(cooperative, amount=100_000, key="received:1"):
    sides = transfer(debit=Kind.CARD_CLEARING, credit=Kind.COLLECTED, amount=amount)
    return post(key=key, kind="received", sides=sides, cooperative_id=cooperative.pk, now=NOW)


@pytest.mark.django_db
class TestPosting:
    def test_what_does_not_sum_to_zero_is_refused_and_nothing_is_written(self):
        sides = [Side(Kind.CARD_CLEARING, 100), Side(Kind.COLLECTED, -99)]
        with pytest.raises(UnbalancedError):
            post(key="k", kind="x", sides=sides, cooperative_id=CooperativeFactory().pk, now=NOW)
        assert not Transaction.objects.exists()

    def test_a_fact_told_twice_is_posted_once(self):
        cooperative = CooperativeFactory()
        assert pay(cooperative) == pay(cooperative)
        assert owed_to(cooperative.pk) == 100_000
        assert balance(Kind.CARD_CLEARING) == 100_000

    def test_nothing_to_post_is_no_transaction(self):
        assert pay(CooperativeFactory(), amount=0) is None
        assert not Transaction.objects.exists()

    def test_an_account_of_a_cooperative_needs_one(self):
        sides = transfer(debit=Kind.CARD_CLEARING, credit=Kind.COLLECTED, amount=1)
        with pytest.raises(ValueError, match="k"):
            post(key="k", kind="x", sides=sides, cooperative_id=None, now=NOW)
        assert not Transaction.objects.exists()

    def test_what_it_received_itself_is_no_debt_of_the_marketplace(self):
        cooperative = CooperativeFactory()
        sides = transfer(debit=Kind.RECEIVED_DIRECTLY, credit=Kind.DIRECT_SALES, amount=70_000)
        post(key="k", kind="received", sides=sides, cooperative_id=cooperative.pk, now=NOW)
        assert owed_to(cooperative.pk) == 0
        assert balances_of(cooperative.pk)[Kind.RECEIVED_DIRECTLY] == 70_000

    def test_a_further_posting_costs_six_queries(self, django_assert_num_queries):
        cooperative = CooperativeFactory()
        pay(cooperative)
        # Known key; savepoint, transaction, release; accounts; entries.
        with django_assert_num_queries(6):
            pay(cooperative, key="received:2")

    def test_no_model_changes_or_deletes_what_was_posted(self):
        written = pay(CooperativeFactory())
        entry = written.entries.first()
        for change in (
            entry.save,
            entry.delete,
            written.save,
            written.delete,
            Entry.objects.all().delete,
            Transaction.objects.all().delete,
            lambda: Entry.objects.update(amount=1),
            lambda: Entry.objects.bulk_update([entry], ["amount"]),
        ):
            with pytest.raises(LedgerIsFinalError):
                change()
        assert owed_to(written.cooperative_id) == 100_000


@pytest.fixture
def migrated_triggers():
    """Tests without migrations have none."""
    migration = import_module("marketplace.ledger.migrations.0002_entries_are_final")
    with connection.cursor() as cursor:
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        migration.allow_changes(None, editor)
        migration.refuse_changes(None, editor)


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["ledger_entry", "ledger_transaction"])
def test_the_database_itself_refuses_a_change(migrated_triggers, table):
    written = pay(CooperativeFactory())
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET id = id")
    assert owed_to(written.cooperative_id) == 100_000


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_first_postings_at_once_open_each_account_once():
    cooperatives = [CooperativeFactory() for _ in range(2)]

    def act(turn):
        return pay(cooperatives[turn % 2], key=f"received:{turn}")

    results = all_at_once(act, 16, workers=8)
    assert all(isinstance(result, Transaction) for result in results), results
    assert [owed_to(cooperative.pk) for cooperative in cooperatives] == [800_000, 800_000]
    assert Account.objects.count() == len(OF_MARKETPLACE) + 2 * (len(CHART) - len(OF_MARKETPLACE))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_fact_told_at_once_is_posted_once():
    cooperative = CooperativeFactory()
    results = all_at_once(lambda _turn: pay(cooperative), 8, workers=8)
    assert len({result.pk for result in results}) == 1
    assert owed_to(cooperative.pk) == 100_000


class TestRandomPostings(TestCase):
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(CHART),
                st.sampled_from(CHART),
                st.integers(-(10**9), 10**9),
                st.integers(0, 1),
                st.integers(0, 5),
            ),
            max_size=25,
        )
    )
    def test_whatever_is_posted_sums_to_zero_and_balances_are_sums(self, movements):
        cooperatives = [CooperativeFactory(), CooperativeFactory()]
        expected: dict = {}
        told: set[int] = set()
        for debit, credit, amount, owner, key in movements:
            sides = transfer(debit=debit, credit=credit, amount=amount)
            written = post(key=f"{key}", kind="x", sides=sides, cooperative_id=cooperatives[owner].pk, now=NOW)
            if key in told or written is None:
                continue
            told.add(key)
            for kind, signed in ((debit, amount), (credit, -amount)):
                holder = None if kind in OF_MARKETPLACE else owner
                expected[holder, kind] = expected.get((holder, kind), 0) + signed
        assert Entry.objects.aggregate(total=Sum("amount"))["total"] in {None, 0}
        sums = Transaction.objects.annotate(total=Sum("entries__amount")).values_list("total", flat=True)
        assert not any(sums)
        for owner, cooperative in enumerate(cooperatives):
            balances = balances_of(cooperative.pk)
            assert balances == {kind: expected.get((owner, kind), 0) for kind in CHART}
            assert owed_to(cooperative.pk) == -sum(balances[kind] for kind in OWED_KINDS)
