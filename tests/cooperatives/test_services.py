"""Dated rows of a cooperative: closed and appended, refused by name, with nothing changed."""

from datetime import date

import pytest

from cooperatives.models import CooperativeActivity, CooperativeCommune, Membership
from cooperatives.selectors import communes_served, is_active
from cooperatives.services import (
    AlreadyActiveError,
    EndsBeforeStartError,
    NotActiveError,
    PersonUnknownError,
    RowAlreadyClosedError,
    UnitIsNoCommuneError,
    UnitNotValidOnDayError,
    activity_resume,
    activity_suspend,
    person_add,
    row_close,
    serve_commune,
)
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.places import RESTRUCTURED_ON, CommuneFactory, ProvinceFactory, SuccessionFactory

pytestmark = pytest.mark.django_db

Role = CooperativeCommune.Role
DAY = date(2024, 5, 6)


def test_a_cooperative_is_suspended_and_resumed_by_rows():
    cooperative = CooperativeFactory()
    activity_suspend(cooperative=cooperative, on=DAY)
    assert not is_active(cooperative=cooperative, on=DAY)
    assert is_active(cooperative=cooperative, on=date(2024, 5, 5))
    with pytest.raises(NotActiveError):
        activity_suspend(cooperative=cooperative, on=DAY)
    activity_resume(cooperative=cooperative, on=date(2024, 6, 1))
    assert is_active(cooperative=cooperative, on=date(2024, 6, 1))
    with pytest.raises(AlreadyActiveError):
        activity_resume(cooperative=cooperative, on=date(2024, 6, 2))
    assert CooperativeActivity.objects.count() == 2


def test_a_row_closes_once_and_not_before_it_began():
    row = CooperativeFactory().activities.get()
    with pytest.raises(EndsBeforeStartError):
        row_close(row=row, valid_to=row.valid_from)
    row_close(row=row, valid_to=DAY)
    with pytest.raises(RowAlreadyClosedError):
        row_close(row=row, valid_to=date(2025, 1, 1))
    row.refresh_from_db()
    assert row.valid_to == DAY


def test_a_new_home_closes_the_one_before():
    cooperative = CooperativeFactory(home=CommuneFactory())
    serve_commune(cooperative=cooperative, unit=CommuneFactory(), role=Role.OPERATING, valid_from=DAY)
    home = serve_commune(cooperative=cooperative, unit=CommuneFactory(), role=Role.HOME, valid_from=DAY)
    assert list(cooperative.communes.in_force(DAY).filter(role=Role.HOME)) == [home]
    assert cooperative.communes.in_force(DAY).count() == 2


def test_a_unit_that_is_no_commune_of_the_day_is_refused():
    cooperative = CooperativeFactory(home=False)
    with pytest.raises(UnitNotValidOnDayError):
        serve_commune(cooperative=cooperative, unit=CommuneFactory(), role=Role.OPERATING, valid_from=RESTRUCTURED_ON)
    with pytest.raises(UnitIsNoCommuneError):
        serve_commune(cooperative=cooperative, unit=ProvinceFactory(), role=Role.OPERATING, valid_from=DAY)
    with pytest.raises(EndsBeforeStartError):
        serve_commune(
            cooperative=cooperative, unit=CommuneFactory(), role=Role.HOME, valid_from=DAY, valid_to=date(2024, 5, 6)
        )
    assert not CooperativeCommune.objects.exists()


def test_communes_served_are_those_of_the_day():
    succession = SuccessionFactory()
    cooperative = CooperativeFactory(home=succession.predecessor)
    assert communes_served(cooperative=cooperative, on=DAY) == [succession.predecessor]
    assert communes_served(cooperative=cooperative, on=RESTRUCTURED_ON) == [succession.successor]


def test_a_person_without_account_is_known_by_a_contact():
    cooperative = CooperativeFactory()
    with pytest.raises(PersonUnknownError):
        person_add(cooperative=cooperative, role=Membership.Role.MEMBER, valid_from=DAY, full_name="Nông Thị Hoa")
    person = person_add(cooperative=cooperative, role=Membership.Role.MEMBER, valid_from=DAY, email=" Hoa@Example.com ")
    assert person.email == "hoa@example.com"
    assert Membership.objects.get() == person
