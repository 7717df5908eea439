from datetime import date

import pytest

from cooperatives.places.naming import resolve
from tests.factories.places import CommuneFactory, ProvinceFactory

TODAY = date(2026, 5, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cao_bang():
    return ProvinceFactory(short_name="Cao Bằng")


@pytest.fixture
def dam_thuy(cao_bang):
    return CommuneFactory(is_new=True, parent=cao_bang, short_name="Đàm Thủy")


@pytest.mark.parametrize("text", ["Xã Đàm Thủy, Tỉnh Cao Bằng", "xa dam thuy, cao bang", "Xã Đàm Thủy"])
def test_a_commune_named_in_full_is_found_by_one_query(dam_thuy, text, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert resolve(text=text, chosen_id=None, on=TODAY).unit == dam_thuy


def test_a_full_name_that_two_communes_bear_leaves_the_choice_to_the_buyer(dam_thuy):
    other = CommuneFactory(is_new=True, parent=ProvinceFactory(short_name="Hà Giang"), short_name="Đàm Thủy")
    found = resolve(text="Xã Đàm Thủy", chosen_id=None, on=TODAY)
    assert found.unit is None
    assert {candidate.unit for candidate in found.candidates} == {dam_thuy, other}
    assert resolve(text="Xã Đàm Thủy, Cao Bằng", chosen_id=None, on=TODAY).unit == dam_thuy


def test_a_short_name_is_still_searched_for(dam_thuy):
    assert resolve(text="dam thuy", chosen_id=None, on=TODAY).unit == dam_thuy


def test_a_former_unit_is_not_taken_for_one_of_today(cao_bang):
    CommuneFactory(parent__parent=cao_bang, short_name="Đàm Thủy")
    assert resolve(text="Xã Đàm Thủy, Tỉnh Cao Bằng", chosen_id=None, on=TODAY).unit is None
