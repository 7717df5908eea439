"""A refund pressed twice, by several people at once, on PostgreSQL; and the control that shows what the lock is for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from marketplace.common.errors import DomainError
from marketplace.order.models import Parcel
from marketplace.payment import refunds
from marketplace.payment.facts import apply_fact
from marketplace.payment.models import PaymentFact, Refund
from marketplace.payment.refunds import request_refund
from tests.factories.money import assert_books_balance, given_back, parcel_of
from tests.factories.orders import PLACED_AT

PEOPLE = 8
NOW = PLACED_AT + timedelta(days=1)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def all_at_once(act: Callable[[int], object]) -> list[object]:
    """What each call returned, or the error that it raised."""
    together = Barrier(PEOPLE)

    def run(turn: int) -> object:
        try:
            together.wait(60)
            return act(turn)
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(run, range(PEOPLE)))


def ask(parcel: Parcel, key: str) -> list[Refund]:
    return request_refund(parcel=parcel, key=key, reason="late", amount=100_000, now=NOW)


def test_the_same_button_pressed_by_many_makes_one_refund():
    parcel = parcel_of(100_000)
    results = all_at_once(lambda _turn: ask(parcel, "same"))
    assert Refund.objects.count() == 1
    assert all(result == [Refund.objects.get()] for result in results)


def test_many_refunds_at_once_give_no_more_than_was_received():
    parcel = parcel_of(100_000)
    results = all_at_once(lambda turn: ask(parcel, str(turn)))
    assert sum(isinstance(result, list) for result in results) == 1
    assert Refund.objects.get().amount == 100_000


def test_without_the_lock_the_same_race_promises_too_much(monkeypatch):
    """The control: a race that this cannot lose would prove nothing."""
    parcel = parcel_of(100_000)
    asked = Barrier(PEOPLE)
    refundable = refunds.refundable

    def unlocked(parcel: Parcel) -> tuple:
        parcel = Parcel.objects.select_related("order").get(pk=parcel.pk)
        return parcel.order, parcel, [parcel]

    def all_look_first(parcel: Parcel) -> int:
        left = refundable(parcel)
        asked.wait(60)
        return left

    monkeypatch.setattr(refunds, "lock_order_of", unlocked)
    monkeypatch.setattr(refunds, "refundable", all_look_first)
    all_at_once(lambda turn: ask(parcel, str(turn)))
    assert sum(Refund.objects.values_list("amount", flat=True)) > parcel.amount_received


def test_a_refund_told_by_many_is_applied_once():
    parcel = parcel_of(100_000, method="card")
    [refund] = ask(parcel, "one")
    fact = given_back(refund, now=NOW)
    results = all_at_once(lambda _turn: apply_fact(fact=fact, target=refund, now=NOW))
    assert sorted(results) == ["applied", *["known"] * (PEOPLE - 1)]
    assert PaymentFact.objects.filter(kind="refunded").count() == 1
    assert Parcel.objects.get().amount_refunded == 100_000
    assert_books_balance()
