"""The status of a linkage model: which steps there are, and what refuses one."""

from datetime import UTC, date, datetime
from itertools import product

import pytest

from cooperatives.linkage.models import LinkageStatus
from cooperatives.linkage.services import (
    NEXT,
    DecisionInFutureError,
    DecisionNumberMissingError,
    DecisionOutOfOrderError,
    LinkageTransitionError,
    LinkageWithoutParticipantError,
    linkage_end,
    linkage_submit,
    linkage_suspend,
    linkage_verify,
    next_statuses,
)
from tests.factories.linkage import RECORDED_AT, LinkageFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

Status = LinkageStatus.Status
NOW = datetime(2026, 3, 10, 5, tzinfo=UTC)
TODAY = date(2026, 3, 10)
SERVICES = {
    Status.SUBMITTED: linkage_submit,
    Status.VERIFIED: linkage_verify,
    Status.SUSPENDED: linkage_suspend,
    Status.ENDED: linkage_end,
}


@pytest.fixture
def thao(db):
    return UserFactory()


def at(status, decided_on=date(2026, 3, 1)):
    linkage = LinkageFactory()
    if status != Status.DRAFT:
        LinkageStatus.objects.create(
            linkage=linkage, status=status, decided_on=decided_on, recorded_at=RECORDED_AT, decision_number="1"
        )
    return linkage


def decide(service, linkage, by, **changes):
    return service(
        **{"linkage": linkage, "decided_on": TODAY, "decision_number": "2/QĐ", "by": by, "now": NOW, **changes}
    )


@pytest.mark.parametrize(("current", "wanted"), product(Status, SERVICES))
def test_only_the_tables_steps_are_taken(thao, current, wanted):
    linkage = at(current)
    before = linkage.statuses.count()
    if wanted in NEXT[current]:
        row = decide(SERVICES[wanted], linkage, thao)
        assert (row.status, row.decided_on, row.recorded_at, row.recorded_by) == (wanted, TODAY, NOW, thao)
        assert next_statuses(linkage) == NEXT[wanted]
    else:
        with pytest.raises(LinkageTransitionError):
            decide(SERVICES[wanted], linkage, thao)
        assert linkage.statuses.count() == before


def test_an_ended_model_has_no_next_step():
    assert next_statuses(at(Status.ENDED)) == frozenset()


@pytest.mark.parametrize("wanted", [Status.VERIFIED, Status.ENDED])
def test_a_decision_needs_its_number(thao, wanted):
    linkage = at(Status.SUSPENDED)
    with pytest.raises(DecisionNumberMissingError):
        decide(SERVICES[wanted], linkage, thao, decision_number="  ")
    assert linkage.statuses.count() == 1


def test_a_decision_of_tomorrow_is_refused_and_one_of_today_in_viet_nam_is_taken(thao):
    linkage = at(Status.SUBMITTED)
    # 23:30 on the 10th in UTC is already the 11th in Việt Nam.
    late = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    with pytest.raises(DecisionInFutureError):
        decide(linkage_verify, linkage, thao, decided_on=date(2026, 3, 12), now=late)
    assert decide(linkage_verify, linkage, thao, decided_on=date(2026, 3, 11), now=late).pk


def test_a_decision_before_the_last_one_is_refused_and_one_of_the_same_day_is_taken(thao):
    linkage = at(Status.SUBMITTED, decided_on=TODAY)
    with pytest.raises(DecisionOutOfOrderError):
        decide(linkage_verify, linkage, thao, decided_on=date(2026, 3, 9))
    assert decide(linkage_verify, linkage, thao).status == Status.VERIFIED


def test_a_draft_without_a_cooperative_is_not_submitted(thao):
    linkage = LinkageFactory(cooperative=False)
    with pytest.raises(LinkageWithoutParticipantError):
        decide(linkage_submit, linkage, thao)
    assert not linkage.statuses.exists()
