from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.db.models import F

from catalog.models import Product
from marketplace.basket.models import Basket, Line
from marketplace.common.writing import PreparedUpdate, insert_all
from marketplace.outbox.models import OutboxMessage
from tests.factories.listings import ListingFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)


def message(key, **values):
    return OutboxMessage(
        key=key, recipient="lan@example.com", text="Chào", created_at=NOW, next_attempt_at=NOW, **values
    )


def test_rows_are_written_in_one_statement_and_know_their_keys(django_assert_num_queries):
    rows = [message("a", parameters={"số": "1"}), message("b")]
    with django_assert_num_queries(1):
        insert_all(rows)
    written = OutboxMessage.objects.in_bulk()
    assert [written[row.pk].key for row in rows] == ["a", "b"]
    assert written[rows[0].pk].parameters == {"số": "1"}
    assert written[rows[0].pk].created_at == NOW
    assert not rows[0]._state.adding
    rows[0].text = "Chào chị"
    rows[0].save()
    assert OutboxMessage.objects.count() == 2


def test_what_is_written_is_what_django_itself_writes():
    listing, user = ListingFactory(), UserFactory()
    ours, theirs = Basket(owner=user), Basket.objects.create(owner=user)
    insert_all([ours])
    lines = [
        Line(basket=basket, product=listing, stockrecord=listing.stockrecords.get(), line_reference="a", quantity=2)
        for basket in (ours, theirs)
    ]
    insert_all(lines[:1])
    Line.objects.bulk_create(lines[1:])
    own, other = (
        Line.objects.filter(pk=line.pk).values("product_id", "quantity", "price_incl_tax", "price_currency").get()
        for line in lines
    )
    assert own == other
    assert (ours.pk, ours.status, ours.date_created is None) == (ours.pk, Basket.OPEN, False)


def test_a_known_row_stays_as_it_was_where_that_is_asked_for():
    insert_all([message("a", subject="first")])
    insert_all([message("a", subject="second"), message("b")], ignore_conflicts=True)
    assert list(OutboxMessage.objects.order_by("key").values_list("key", "subject")) == [("a", "first"), ("b", "")]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_all([message("a")])


def test_nothing_is_written_of_no_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert insert_all([]) == []


def test_a_model_of_two_tables_is_refused():
    class OfTwoTables(Permission):
        class Meta:
            app_label = "tests"

    with pytest.raises(TypeError):
        insert_all([OfTwoTables()])


def test_an_update_is_built_once_and_says_how_many_rows_it_changed(django_assert_num_queries):
    first, second = ListingFactory(), ListingFactory()
    add = PreparedUpdate(
        lambda pk, more: (
            Product.objects.filter(pk=pk, price_per_unit__lt=2_000_000),
            {"price_per_unit": F("price_per_unit") + more},
        )
    )
    before = first.price_per_unit
    with django_assert_num_queries(2):
        assert add(first.pk, 5) == 1
        assert add(first.pk, 1_999_999) == 1
    assert add(first.pk, 5) == 0
    first.refresh_from_db()
    assert first.price_per_unit == before + 5 + 1_999_999
    assert Product.objects.get(pk=second.pk).price_per_unit == second.price_per_unit
