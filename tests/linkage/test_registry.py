"""The registry: drafts, participants, areas, key products, and the table of a model's statuses."""

from datetime import UTC, date, datetime

import pytest

from cooperatives.linkage import services
from cooperatives.linkage.models import KeyProduct, LinkageArea, LinkageModel, LinkageParticipant, LinkageStatus
from cooperatives.linkage.registry import (
    AlreadyInAreaError,
    AlreadyKeyProductError,
    AlreadyTakesPartError,
    LinkageCodeTakenError,
    area_add,
    area_move,
    key_product_decide,
    linkage_create,
    participant_add,
)
from cooperatives.services import EndsBeforeStartError, UnitIsNoCommuneError, UnitNotValidOnDayError, row_close
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.linkage import LinkageFactory
from tests.factories.places import RESTRUCTURED_ON, CommuneFactory, DistrictFactory, SuccessionFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

Status = LinkageStatus.Status
DAY = date(2024, 5, 6)
NOW = datetime(2024, 8, 1, 3, tzinfo=UTC)


def create(**changes):
    fields = {
        "code": "LK-1",
        "name": "Liên kết  hạt dẻ",
        "commodity": CommodityFactory(),
        "form": LinkageModel.Form.LK3,
        "valid_from": DAY,
    }
    return linkage_create(**fields | changes)


def test_a_new_model_is_a_draft():
    linkage = create()
    assert linkage.name == "Liên kết hạt dẻ"
    assert services.latest_status(linkage) is None
    assert services.next_statuses(linkage) == {Status.SUBMITTED}


def test_a_model_that_ends_before_it_starts_or_takes_a_code_twice_is_refused():
    with pytest.raises(EndsBeforeStartError):
        create(valid_to=DAY)
    assert not LinkageModel.objects.exists()
    create()
    with pytest.raises(LinkageCodeTakenError):
        create()
    assert LinkageModel.objects.count() == 1


def test_a_cooperative_takes_part_leaves_and_comes_back():
    linkage, cooperative = create(), CooperativeFactory()
    row = participant_add(linkage=linkage, cooperative=cooperative, valid_from=DAY)
    with pytest.raises(AlreadyTakesPartError):
        participant_add(linkage=linkage, cooperative=cooperative, valid_from=date(2024, 6, 1))
    row_close(row=row, valid_to=date(2024, 6, 1))
    participant_add(linkage=linkage, cooperative=cooperative, valid_from=date(2024, 7, 1))
    assert LinkageParticipant.objects.count() == 2
    assert not linkage.participants.in_force(date(2024, 6, 15)).exists()


def test_an_area_names_a_commune_of_its_first_day():
    linkage = create()
    with pytest.raises(UnitNotValidOnDayError):
        area_add(linkage=linkage, unit=CommuneFactory(), valid_from=RESTRUCTURED_ON)
    with pytest.raises(UnitIsNoCommuneError):
        area_add(linkage=linkage, unit=DistrictFactory(), valid_from=DAY)
    assert not LinkageArea.objects.exists()
    unit = CommuneFactory()
    area_add(linkage=linkage, unit=unit, valid_from=DAY)
    with pytest.raises(AlreadyInAreaError):
        area_add(linkage=linkage, unit=unit, valid_from=DAY)


def test_an_area_of_a_divided_commune_is_moved_by_hand():
    succession = SuccessionFactory()
    other = CommuneFactory(is_new=True, parent=succession.successor.province)
    area = area_add(linkage=create(), unit=succession.predecessor, valid_from=DAY, households=30)
    moved = area_move(area=area, unit=other, on=RESTRUCTURED_ON)
    assert (area.valid_to, moved.valid_from, moved.unit, moved.households) == (
        RESTRUCTURED_ON,
        RESTRUCTURED_ON,
        other,
        30,
    )


def test_a_refused_move_leaves_the_area_open():
    area = area_add(linkage=create(), unit=CommuneFactory(), valid_from=DAY)
    with pytest.raises(UnitNotValidOnDayError):
        area_move(area=area, unit=CommuneFactory(), on=RESTRUCTURED_ON)
    assert LinkageArea.objects.get().valid_to is None


def test_a_key_product_is_decided_once_at_a_time():
    unit, commodity = CommuneFactory(), CommodityFactory()
    facts = {"unit": unit, "commodity": commodity, "decision_number": " 12/QĐ-UBND "}
    assert key_product_decide(valid_from=DAY, **facts).decision_number == "12/QĐ-UBND"
    with pytest.raises(AlreadyKeyProductError):
        key_product_decide(valid_from=date(2024, 6, 1), **facts)
    with pytest.raises(UnitNotValidOnDayError):
        key_product_decide(valid_from=RESTRUCTURED_ON, **facts)
    assert KeyProduct.objects.count() == 1


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
