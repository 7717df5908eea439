"""The demo's books are those that the services would have written."""

from datetime import date

import pytest
from django.db import transaction
from django.db.models import Sum

from marketplace.demo.loader import load_demo
from marketplace.demo.world import World
from marketplace.ledger.models import Entry, Transaction
from marketplace.ledger.parcels import align_parcel
from marketplace.order.models import Parcel
from marketplace.payment.facts import Fact
from marketplace.payment.models import PaymentFact
from marketplace.payment.postings import post_receipt
from marketplace.payment.selectors import refunded_by_line
from marketplace.settlement.checks import differences
from marketplace.settlement.models import Bill, Payout, Statement

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    small = World(seed=1, today=date(2026, 11, 23), orders=400)
    with django_db_blocker.unblock(), transaction.atomic():
        load_demo(world=small)
        yield small
        transaction.set_rollback(True)


def test_the_books_agree_with_the_facts(world):
    assert differences() == []
    assert Entry.objects.aggregate(total=Sum("amount"))["total"] == 0


def test_the_services_have_nothing_to_add(world):
    before = Transaction.objects.count()
    for parcel in Parcel.objects.select_related("order"):
        align_parcel(parcel=parcel, refunded=refunded_by_line(parcel), now=world.now)
    for stored in PaymentFact.objects.select_related("parcel"):
        fact = Fact(stored.provider, stored.reference, int(stored.amount), "VND", stored.occurred_at)
        post_receipt(stored.parcel, fact, int(stored.amount), world.now)
    assert Transaction.objects.count() == before


def test_there_is_something_to_approve_and_something_paid(world):
    assert set(Payout.objects.values_list("status", flat=True)) >= {"pending", "paid"}
    assert set(Bill.objects.values_list("status", flat=True)) >= {"open", "paid"}
    assert Statement.objects.values("period_to").distinct().count() == 3
