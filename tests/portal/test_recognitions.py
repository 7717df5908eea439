"""Managers are told 180, 90 and 30 days before a recognition ends, once each."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command

from cooperatives.models import Membership
from marketplace.common.dates import start_of_day
from marketplace.outbox.models import OutboxMessage
from marketplace.portal.recognitions import remind_of_recognitions
from tests.factories.certificates import OcopRecognitionFactory
from tests.factories.cooperatives import MembershipFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

ENDS_ON = date(2028, 2, 20)


def before(days: int) -> datetime:
    """In the first second of the day so many days before the end, in Việt Nam."""
    return start_of_day(ENDS_ON - timedelta(days=days)).astimezone(UTC)


@pytest.fixture
def recognition():
    return OcopRecognitionFactory(product_name="Miến dong Phia Đén", decided_on=date(2025, 2, 20))


@pytest.fixture
def hoa(recognition):
    """Hoa manages the cooperative that owns the recognition."""
    user = UserFactory(email="hoa@example.com")
    MembershipFactory(cooperative=recognition.cooperative, user=user, role=Membership.Role.MANAGER)
    return user


def test_a_manager_is_told_once_at_each_of_the_three_times(hoa):
    told = [remind_of_recognitions(now=before(days)) for days in (181, 180, 179, 91, 90, 31, 30, 29, 1, 0)]

    assert told == [0, 1, 0, 0, 1, 0, 1, 0, 0, 0]
    assert set(OutboxMessage.objects.values_list("recipient", flat=True)) == {"hoa@example.com"}


def test_the_message_names_the_product_and_the_day(hoa):
    remind_of_recognitions(now=before(90))

    message = OutboxMessage.objects.get()
    assert "Miến dong Phia Đén" in message.subject
    assert "20/02/2028" in message.text


def test_a_day_that_was_missed_is_made_up_for(hoa):
    assert remind_of_recognitions(now=before(100)) == 1
    assert remind_of_recognitions(now=before(20)) == 1


def test_what_has_ended_was_revoked_or_renewed_is_not_told_of(recognition, hoa):
    assert remind_of_recognitions(now=before(-1)) == 0

    OcopRecognitionFactory(
        cooperative=recognition.cooperative,
        commodity=recognition.commodity,
        product_name=recognition.product_name,
        decided_on=date(2028, 1, 10),
    )
    assert remind_of_recognitions(now=before(30)) == 0

    recognition.cooperative.recognitions.exclude(pk=recognition.pk).delete()
    recognition.revoked_on = date(2028, 1, 1)
    recognition.save()
    assert remind_of_recognitions(now=before(30)) == 0
    assert not OutboxMessage.objects.exists()


def test_clerks_other_cooperatives_and_former_managers_are_not_told(recognition, hoa):
    MembershipFactory(cooperative=recognition.cooperative, user=UserFactory(email="thu@example.com"))
    MembershipFactory(user=UserFactory(email="la@example.com"), role=Membership.Role.MANAGER)
    MembershipFactory(
        cooperative=recognition.cooperative,
        user=UserFactory(email="cu@example.com"),
        role=Membership.Role.MANAGER,
        valid_to=date(2026, 1, 1),
    )

    remind_of_recognitions(now=before(30))

    assert OutboxMessage.objects.get().recipient == "hoa@example.com"


def test_without_a_manager_the_cooperatives_own_address_is_told(recognition):
    remind_of_recognitions(now=before(30))

    assert OutboxMessage.objects.get().recipient == recognition.cooperative.email


def test_a_pass_with_nothing_new_costs_three_queries(hoa, django_assert_num_queries):
    OcopRecognitionFactory(decided_on=date(2025, 2, 20))
    remind_of_recognitions(now=before(30))

    # Recognitions, managers, what was told.
    with django_assert_num_queries(3):
        remind_of_recognitions(now=before(29))


def test_run_due_reminds(hoa, recognition, capsys):
    recognition.decided_on = date.today() - timedelta(days=1_000)  # noqa: DTZ011 - any day near the end will do
    recognition.save()

    call_command("run_due")

    assert OutboxMessage.objects.filter(key__startswith=f"recognition:{recognition.pk}:").count() == 1
