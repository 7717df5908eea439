"""Where a cooperative serves and whether it is active, on a day."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from cooperatives.models import Membership
from cooperatives.selectors import communes_served, is_active
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.places import RESTRUCTURED_ON, SuccessionFactory

pytestmark = pytest.mark.django_db

DAY = date(2024, 5, 6)


def test_an_interval_of_activity_ends_before_its_last_day():
    cooperative = CooperativeFactory()
    cooperative.activities.update(valid_to=DAY)
    assert is_active(cooperative=cooperative, on=date(2024, 5, 5))
    assert not is_active(cooperative=cooperative, on=DAY)


def test_communes_served_are_those_of_the_day():
    succession = SuccessionFactory()
    cooperative = CooperativeFactory(home=succession.predecessor)
    assert communes_served(cooperative=cooperative, on=DAY) == [succession.predecessor]
    assert communes_served(cooperative=cooperative, on=RESTRUCTURED_ON) == [succession.successor]


def test_a_person_of_a_cooperative_is_known_by_an_account_or_a_contact():
    cooperative = CooperativeFactory()
    person = {"cooperative": cooperative, "role": Membership.Role.MEMBER, "valid_from": DAY}
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(**person, full_name="Nông Thị Hoa")
    Membership.objects.create(**person, email="hoa@example.com")
