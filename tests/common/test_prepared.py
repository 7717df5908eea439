"""A statement is built once, its answer never kept."""

from datetime import date

import pytest
from django.template import Context, Template
from django.utils.translation import override

from cooperatives.places.models import AdministrativeUnit
from marketplace.common.prepared import Prepared
from tests.factories.places import CommuneFactory, ProvinceFactory

pytestmark = pytest.mark.django_db

on_day = Prepared(
    lambda day, keys: AdministrativeUnit.objects.in_force(day).filter(pk__in=keys).order_by("pk").values_list("pk")
)


def test_the_same_statement_answers_for_other_arguments(django_assert_num_queries):
    old = CommuneFactory()
    new = CommuneFactory(is_new=True, parent=ProvinceFactory())
    keys = (old.pk, new.pk)
    assert on_day(date(2025, 6, 30), keys) == [(old.pk,)]
    with django_assert_num_queries(1):
        assert on_day(date(2025, 7, 1), keys) == [(new.pk,)]
    assert on_day(date(2025, 7, 1), (old.pk,)) == []


def test_a_page_of_the_rows_is_read():
    keys = tuple(sorted(CommuneFactory(is_new=True, parent=ProvinceFactory()).pk for _ in range(3)))
    assert on_day(date(2026, 1, 1), keys, limit=1, offset=1) == [(keys[1],)]


def test_objects_come_with_what_was_asked_for(django_assert_num_queries):
    unit = CommuneFactory(is_new=True, parent=ProvinceFactory())
    with_province = Prepared(lambda pk: AdministrativeUnit.objects.select_related("province").filter(pk=pk))
    AdministrativeUnit.objects.filter(pk=unit.pk).update(short_name="Mới")
    with django_assert_num_queries(1):
        [found] = with_province(unit.pk)
        assert (found, found.province, found.short_name) == (unit, unit.province, "Mới")


def test_an_argument_that_the_statement_leaves_out_is_refused():
    with pytest.raises(ValueError, match="SELECT"):
        Prepared(lambda _day: AdministrativeUnit.objects.all())(date(2025, 7, 1))


def test_a_fixed_part_knows_its_language_and_its_arguments():
    part = Template(
        "{% load market i18n %}{% fixed a %}{% get_current_language as code %}{{ code }} {{ a }} {{ b }}{% endfixed %}"
    )
    with override("vi"):
        assert part.render(Context({"a": "1", "b": "first"})) == "vi 1 first"
        assert part.render(Context({"a": "1", "b": "second"})) == "vi 1 first"
        assert part.render(Context({"a": "2", "b": "second"})) == "vi 2 second"
    with override("en"):
        assert part.render(Context({"a": "1", "b": "third"})) == "en 1 third"
