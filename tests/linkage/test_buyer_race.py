"""Two orders of one phone, placed at the same moment, are one buyer; without the lock they would stay two."""

from datetime import date
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from cooperatives.linkage import evidence
from cooperatives.linkage.models import BuyerContact

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WAIT = 60


def is_anybody_kept_waiting() -> bool:
    """Whether somebody wants a lock that another holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0


def components_of_two_orders_at_once() -> set[int]:
    """The second order is recorded while the first one's transaction is still open."""
    is_recorded, may_commit = Event(), Event()

    def record(key: str) -> None:
        evidence.record_buyer(
            order_key=key, placed_on=date(2026, 3, 2), account_id=None, phone="+84912000001", email=""
        )

    def first() -> None:
        with transaction.atomic():
            record("a")
            is_recorded.set()
            may_commit.wait(WAIT)
        connection.close()

    def second() -> None:
        is_recorded.wait(WAIT)
        with transaction.atomic():
            record("b")
        connection.close()

    threads = [Thread(target=first), Thread(target=second)]
    for thread in threads:
        thread.start()
    is_recorded.wait(WAIT)
    # The second order is through, or something holds it back.
    while threads[1].is_alive() and not is_anybody_kept_waiting():
        threads[1].join(0.05)
    may_commit.set()
    for thread in threads:
        thread.join(WAIT)
    return set(BuyerContact.objects.values_list("component", flat=True))


def test_two_orders_at_once_are_one_buyer():
    assert len(components_of_two_orders_at_once()) == 1


def test_without_the_lock_they_would_be_two(monkeypatch):
    monkeypatch.setattr(evidence, "_lock_buyers", lambda: None)
    assert len(components_of_two_orders_at_once()) == 2
