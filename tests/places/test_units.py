from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from cooperatives.places.models import AdministrativeUnit, DatedName, Succession
from cooperatives.places.services import RenameOutsideValidityError, rename_unit
from tests.factories.places import (
    OLD_FROM,
    RESTRUCTURED_ON,
    CommuneFactory,
    DistrictFactory,
    ProvinceFactory,
    SuccessionFactory,
)

pytestmark = pytest.mark.django_db


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


def test_a_code_may_return_on_another_day_but_not_on_the_same():
    old = CommuneFactory(code="01501")
    CommuneFactory(code="01501", is_new=True, parent=old.province)
    with pytest.raises(IntegrityError), transaction.atomic():
        CommuneFactory(code="01501", parent=old.parent)
    assert AdministrativeUnit.objects.filter(code="01501").count() == 2


def test_a_province_stands_alone_and_every_other_unit_in_one():
    province = ProvinceFactory()
    with refused("places_unit_below_province_has_parents"), transaction.atomic():
        ProvinceFactory(parent=province)
    with refused("places_unit_below_province_has_parents"), transaction.atomic():
        DistrictFactory(parent=None, province=None)
    assert AdministrativeUnit.objects.get() == province


def test_a_pair_succeeds_once_with_one_default_and_never_itself():
    succession = SuccessionFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        SuccessionFactory(predecessor=succession.predecessor, successor=succession.successor, is_default=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        SuccessionFactory(predecessor=succession.predecessor)
    with refused("places_succession_not_itself"), transaction.atomic():
        SuccessionFactory(predecessor=succession.successor, successor=succession.successor)
    SuccessionFactory(predecessor=succession.predecessor, is_default=False)
    assert Succession.objects.count() == 2


def test_a_unit_is_folded_for_search_whenever_it_is_saved():
    commune = CommuneFactory(name="Xã Đàm Thủy")
    assert commune.folded_name == "xa dam thuy"


def test_a_rename_keeps_both_names_with_their_days():
    commune = CommuneFactory(name="Xã Cũ", short_name="Cũ")
    on = date(2022, 1, 1)
    rename_unit(unit=commune, on=on, name="Phường Mới", short_name="Mới", kind="phuong", legal_source="Nghị quyết")
    commune.refresh_from_db()
    assert (commune.name, commune.short_name, commune.kind) == ("Phường Mới", "Mới", "phuong")
    assert commune.folded_name == "phuong moi"
    assert commune.name_on(on - timedelta(days=1)) == "Xã Cũ"
    assert commune.name_on(on) == "Phường Mới"
    intervals = commune.names.values_list("name", "valid_from", "valid_to")
    assert list(intervals) == [("Xã Cũ", OLD_FROM, on), ("Phường Mới", on, RESTRUCTURED_ON)]


def test_a_second_rename_closes_the_first():
    commune = CommuneFactory(name="Xã Một")
    for day, name in ((date(2022, 1, 1), "Xã Hai"), (date(2023, 1, 1), "Xã Ba")):
        rename_unit(unit=commune, on=day, name=name, short_name=name[3:], kind="xa")
    assert [commune.name_on(date(year, 6, 1)) for year in (2021, 2022, 2023)] == ["Xã Một", "Xã Hai", "Xã Ba"]


@pytest.mark.parametrize("on", [OLD_FROM, date(2022, 1, 1), RESTRUCTURED_ON, date(2026, 1, 1)])
def test_a_rename_outside_the_latest_naming_is_refused(on):
    commune = CommuneFactory(name="Xã Một")
    rename_unit(unit=commune, on=date(2022, 1, 1), name="Xã Hai", short_name="Hai", kind="xa")
    with pytest.raises(RenameOutsideValidityError):
        rename_unit(unit=commune, on=on, name="Xã Ba", short_name="Ba", kind="xa")
    commune.refresh_from_db()
    assert commune.name == "Xã Hai"
    assert DatedName.objects.count() == 2
