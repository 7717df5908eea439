"""Distances on the map."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.near import distances, whole_km
from tests.factories.places import CommuneFactory, ProvinceFactory

TODAY = date(2026, 11, 24)
LATITUDES, LONGITUDES = st.floats(6, 24), st.floats(102, 118)


@pytest.mark.parametrize(
    ("first", "second", "km"),
    [
        # Hà Nội to Cao Bằng, to Huế, to Hồ Chí Minh City.
        ((21.0278, 105.8342), (22.6657, 106.2579), 187),
        ((21.0278, 105.8342), (16.4637, 107.5909), 540),
        ((21.0278, 105.8342), (10.7769, 106.7009), 1144),
        ((22.5, 106.2), (22.5, 106.2), 0),
    ],
)
def test_known_distances(first, second, km):
    assert whole_km(*first, *second) == pytest.approx(km, abs=1)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_there_and_back_is_the_same_way(a, b, c, d):
    assert whole_km(a, b, c, d) == whole_km(c, d, a, b)


@pytest.mark.django_db
def test_communes_within_reach_and_no_others():
    province = ProvinceFactory()

    def commune(latitude: float, longitude: float, **changes) -> int:
        return CommuneFactory(is_new=True, parent=province, latitude=latitude, longitude=longitude, **changes).pk

    here, near, edge = commune(22.67, 106.26), commune(22.67, 106.36), commune(23.11, 106.26)
    commune(23.2, 106.26)
    commune(10.77, 106.7)
    # No longer a commune.
    CommuneFactory(latitude=22.67, longitude=106.26)
    assert distances(22.67, 106.26, km=49, on=TODAY) == {here: 0, near: 10, edge: 49}
    assert distances(22.67, 106.26, km=48, on=TODAY) == {here: 0, near: 10}
    assert distances(8.5, 104.7, km=200, on=TODAY) == {}


@pytest.mark.django_db
def test_near_to_a_place_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        distances(22.67, 106.26, km=200, on=TODAY)


@pytest.mark.django_db
@given(st.floats(20, 24), st.floats(104, 108), st.integers(1, 200))
def test_no_commune_within_reach_is_missed(latitude, longitude, km):
    from cooperatives.places.models import AdministrativeUnit

    unit = AdministrativeUnit.objects.filter(code="00001").first() or CommuneFactory(
        is_new=True, parent=ProvinceFactory(), code="00001", latitude=22.3, longitude=106.1
    )
    away = whole_km(latitude, longitude, 22.3, 106.1)
    assert distances(latitude, longitude, km=km, on=TODAY) == ({unit.pk: away} if away <= km else {})
