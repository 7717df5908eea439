"""The registry: rows that may not say the same of one day, and the table of a model's statuses."""

from datetime import UTC, date, datetime

import pytest

from cooperatives.linkage import services
from cooperatives.linkage.models import KeyProduct, LinkageArea, LinkageParticipant, LinkageStatus
from cooperatives.linkage.registry import OverlapError, require_once_per_day
from cooperatives.models import CooperativeActivity
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.linkage import LinkageFactory
from tests.factories.places import CommuneFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

Status = LinkageStatus.Status
DAY = date(2024, 5, 6)
NOW = datetime(2024, 8, 1, 3, tzinfo=UTC)


def test_a_cooperative_takes_part_leaves_and_comes_back_but_not_twice_on_a_day():
    about = {"linkage": LinkageFactory(), "cooperative": CooperativeFactory()}
    LinkageParticipant.objects.create(**about, valid_from=DAY, valid_to=date(2024, 6, 1))
    require_once_per_day(LinkageParticipant(**about, valid_from=date(2024, 6, 1)))
    require_once_per_day(LinkageParticipant(**about, valid_from=date(2024, 1, 1), valid_to=DAY))
    for since in (DAY, date(2024, 5, 31)):
        with pytest.raises(OverlapError):
            require_once_per_day(LinkageParticipant(**about, valid_from=since))
    with pytest.raises(OverlapError):
        require_once_per_day(LinkageParticipant(**about, valid_from=date(2024, 1, 1), valid_to=date(2024, 5, 7)))


def test_a_row_does_not_overlap_itself_nor_one_about_something_else():
    linkage = LinkageFactory()
    area = LinkageArea.objects.create(linkage=linkage, unit=CommuneFactory(), valid_from=DAY)
    require_once_per_day(area)
    require_once_per_day(LinkageArea(linkage=linkage, unit=CommuneFactory(), valid_from=DAY))
    require_once_per_day(LinkageArea(unit=area.unit, valid_from=DAY))


def test_a_commodity_is_a_communes_key_product_once_at_a_time():
    about = {"unit": CommuneFactory(), "commodity": CommodityFactory()}
    KeyProduct.objects.create(**about, valid_from=DAY, decision_number="1")
    with pytest.raises(OverlapError):
        require_once_per_day(KeyProduct(**about, valid_from=date(2024, 7, 1), decision_number="2"))


def test_a_cooperative_is_active_once_at_a_time():
    cooperative = CooperativeFactory()
    with pytest.raises(OverlapError):
        require_once_per_day(CooperativeActivity(cooperative=cooperative, valid_from=DAY))


class TestStatus:
    @pytest.fixture
    def linkage(self):
        return LinkageFactory()

    @pytest.fixture
    def decide(self, linkage):
        by = UserFactory()

        def decide(step, on=DAY, **more):
            number = {} if step is services.linkage_submit else {"decision_number": "34/QĐ-SNN"}
            return step(linkage=linkage, decided_on=on, by=by, now=NOW, **number | more)

        return decide

    def test_each_decision_is_appended_with_its_day_and_the_moment_of_its_recording(self, linkage, decide):
        decide(services.linkage_submit)
        decide(services.linkage_verify, date(2024, 5, 20))
        decide(services.linkage_suspend, date(2024, 6, 1))
        decide(services.linkage_verify, date(2024, 7, 1))
        decide(services.linkage_end, date(2024, 8, 1))
        rows = list(linkage.statuses.values_list("status", "decided_on", "recorded_at"))
        assert [row[0] for row in rows] == ["submitted", "verified", "suspended", "verified", "ended"]
        assert {row[2] for row in rows} == {NOW}
        assert services.next_statuses(linkage) == frozenset()

    @pytest.mark.parametrize("step", [services.linkage_verify, services.linkage_suspend, services.linkage_end])
    def test_a_draft_can_only_be_submitted(self, linkage, decide, step):
        with pytest.raises(services.LinkageTransitionError):
            decide(step)
        assert not linkage.statuses.exists()

    def test_a_decision_of_the_future_or_before_the_last_one_or_without_number_is_refused(self, linkage, decide):
        decide(services.linkage_submit)
        with pytest.raises(services.DecisionInFutureError):
            decide(services.linkage_verify, date(2024, 8, 2))
        with pytest.raises(services.DecisionOutOfOrderError):
            decide(services.linkage_verify, date(2024, 5, 5))
        with pytest.raises(services.DecisionNumberMissingError):
            decide(services.linkage_verify, decision_number="  ")
        assert linkage.statuses.count() == 1

    def test_a_model_without_participant_is_not_submitted(self, decide, linkage):
        linkage.participants.all().delete()
        with pytest.raises(services.LinkageWithoutParticipantError):
            decide(services.linkage_submit)
        assert not linkage.statuses.exists()
