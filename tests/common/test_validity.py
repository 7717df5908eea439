from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from cooperatives.places.models import AdministrativeUnit
from marketplace.common.validity import in_force_q
from tests.factories.places import CommuneFactory, ProvinceFactory

pytestmark = pytest.mark.django_db

START, END = date(2024, 1, 1), date(2025, 1, 1)


@pytest.mark.parametrize(
    ("on", "is_valid"),
    [(START - timedelta(days=1), False), (START, True), (END - timedelta(days=1), True), (END, False)],
)
def test_a_row_holds_from_its_first_day_to_the_day_before_its_end(on, is_valid):
    unit = ProvinceFactory(valid_from=START, valid_to=END)
    assert unit.is_in_force(on) is is_valid
    assert AdministrativeUnit.objects.in_force(on).exists() is is_valid


def test_a_row_without_an_end_holds_on():
    unit = ProvinceFactory(valid_from=START, valid_to=None)
    assert unit.is_in_force(date(2100, 1, 1))
    assert AdministrativeUnit.objects.in_force(date(2100, 1, 1)).get() == unit


def test_validity_can_be_asked_through_a_relation():
    commune = CommuneFactory()
    assert AdministrativeUnit.objects.filter(in_force_q(date(2025, 6, 30), "parent__"), pk=commune.pk).exists()
    assert not AdministrativeUnit.objects.filter(in_force_q(date(2025, 7, 1), "parent__"), pk=commune.pk).exists()


@pytest.mark.parametrize("end", [START, START - timedelta(days=1)])
def test_the_database_refuses_an_interval_without_a_day(end):
    with (
        pytest.raises(IntegrityError, match="places_administrativeunit_ends_after_start"),
        transaction.atomic(),
    ):
        ProvinceFactory(valid_from=START, valid_to=end)
    assert not AdministrativeUnit.objects.exists()


def test_a_form_says_so_before_the_database_does():
    unit = ProvinceFactory.build(valid_from=START, valid_to=START)
    with pytest.raises(ValidationError) as refusal:
        unit.clean()
    assert list(refusal.value.error_dict) == ["valid_to"]
