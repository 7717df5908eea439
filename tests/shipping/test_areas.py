"""Which communes of today a zone reaches by the names that it was given."""

from datetime import date

import pytest

from cooperatives.places.models import Succession
from marketplace.shipping.areas import areas_by_keys, areas_named, reach_from, reach_of, renew_reach
from marketplace.shipping.models import DeliveryZone
from marketplace.shipping.rates import Destination, Precision
from tests.factories.cooperatives import ZoneFactory
from tests.factories.places import CommuneFactory, DistrictFactory, ProvinceFactory, SuccessionFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)


@pytest.fixture
def province():
    return ProvinceFactory(name="Tỉnh Cao Bằng", short_name="Cao Bằng")


@pytest.fixture
def district(province):
    return DistrictFactory(parent=province, name="Huyện Trùng Khánh", short_name="Trùng Khánh")


@pytest.fixture
def commune(province, district):
    """A commune of today that two communes of the district went into."""
    found = CommuneFactory(is_new=True, parent=province, name="Xã Đàm Thủy", short_name="Đàm Thủy")
    for name in ("Chí Viễn", "Đàm Thủy"):
        SuccessionFactory(
            predecessor=CommuneFactory(parent=district, name=f"Xã {name}", short_name=name), successor=found
        )
    return found


def precision(units, commune):
    reach = reach_from(reach_of(units, on=TODAY), is_nationwide=False)
    return reach.precision(Destination(commune.pk, commune.province_id))


def test_a_commune_is_reached_by_its_own_name_and_by_that_of_a_predecessor(commune):
    former = Succession.objects.filter(successor=commune).first().predecessor
    assert precision([commune], commune) == precision([former], commune) == Precision.COMMUNE


def test_a_former_district_reaches_the_communes_that_its_own_went_into(commune, district):
    elsewhere = CommuneFactory(is_new=True, parent=commune.parent)
    assert precision([district], commune) == Precision.DISTRICT
    assert precision([district], elsewhere) is None


def test_a_commune_of_two_former_districts_is_reached_by_each(commune, province):
    other = DistrictFactory(parent=province)
    SuccessionFactory(predecessor=CommuneFactory(parent=other), successor=commune)
    assert precision([other], commune) == Precision.DISTRICT


def test_a_province_reaches_its_communes_and_no_other(commune, province):
    assert precision([province], commune) == Precision.PROVINCE
    assert precision([province], CommuneFactory(is_new=True, parent=ProvinceFactory())) is None


def test_a_province_that_was_merged_reaches_the_communes_it_became(commune):
    gone = ProvinceFactory(valid_to=date(2025, 7, 1), name="Tỉnh Bắc Kạn", short_name="Bắc Kạn")
    SuccessionFactory(predecessor=CommuneFactory(parent=DistrictFactory(parent=gone)), successor=commune)
    assert precision([gone], commune) == Precision.PROVINCE


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("dam thuy", ["Xã Đàm Thủy"]),
        ("trung khanh", ["Huyện Trùng Khánh"]),
        ("cao bang", ["Tỉnh Cao Bằng"]),
        ("chi vien", ["Xã Đàm Thủy"]),
        ("", []),
        ("zzz", []),
    ],
)
def test_areas_are_found_without_marks_and_by_former_names(commune, district, typed, named):
    found = [unit.name for unit in areas_named(typed, on=TODAY)]
    assert found[: len(named)] == named
    assert bool(found) is bool(named)


def test_a_commune_that_is_none_today_cannot_be_chosen_by_its_key(commune, district):
    former = Succession.objects.filter(successor=commune).first().predecessor
    found = areas_by_keys([former.pk, commune.pk, district.pk, 10**15], on=TODAY)
    assert set(found) == {commune, district}


def test_after_a_reform_the_reach_of_every_zone_is_written_anew(commune, district):
    zone = ZoneFactory(areas=[commune])
    successor = CommuneFactory(is_new=True, parent=commune.parent, valid_from=date(2027, 1, 1))
    SuccessionFactory(predecessor=commune, successor=successor, on=date(2027, 1, 1))
    commune.valid_to = date(2027, 1, 1)
    commune.save()
    assert renew_reach(on=date(2026, 12, 31)) == 0
    assert renew_reach(on=date(2027, 1, 1)) == 1
    assert DeliveryZone.objects.get(pk=zone.pk).reach == {"communes": [successor.pk]}
    assert renew_reach(on=date(2027, 1, 1)) == 0
