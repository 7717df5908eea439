"""A small country: districts TK and QH; A, B (TK) become N; C (TK) and E (QH) become R; V is divided into N and R."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.places.models import AdministrativeUnit
from cooperatives.places.selectors import (
    ScopeHasNoValueError,
    UnitNotFoundError,
    UnitNotValidError,
    communes_of_two_former_districts,
    former_district_map,
    former_districts,
    former_districts_of,
    predecessor_map,
    predecessors,
    scope_on,
    translate,
    translation_map,
    unit_by_code,
    unit_by_identity,
    unit_by_slug,
    units_valid,
)
from cooperatives.places.services import rename_unit
from tests.factories.places import (
    OLD_FROM,
    RESTRUCTURED_ON,
    CommuneFactory,
    DistrictFactory,
    ProvinceFactory,
    SuccessionFactory,
)
from tests.places.questions import has_value

pytestmark = pytest.mark.django_db

LAST_DAY = RESTRUCTURED_ON - timedelta(days=1)


@pytest.fixture
def country() -> SimpleNamespace:
    province = ProvinceFactory(code="04", valid_from=OLD_FROM)
    tk, qh = (DistrictFactory(code=code, parent=province) for code in ("047", "049"))
    a, b, c, v = (CommuneFactory(code=f"0150{n}", parent=tk) for n in range(4))
    e = CommuneFactory(code="01509", parent=qh)
    n = CommuneFactory(code="01500", is_new=True, parent=province)
    r = CommuneFactory(code="01509", is_new=True, parent=province)
    for old, new in ((a, n), (b, n), (c, r), (e, r), (v, r)):
        SuccessionFactory(predecessor=old, successor=new)
    SuccessionFactory(predecessor=v, successor=n, is_default=False)
    return SimpleNamespace(province=province, tk=tk, qh=qh, a=a, b=b, c=c, e=e, v=v, n=n, r=r)


def test_a_unit_is_itself_while_it_is_valid(country):
    assert translate(unit=country.a, on=OLD_FROM) == country.a
    assert translate(unit=country.a, on=LAST_DAY) == country.a
    assert translate(unit=country.n, on=date(2100, 1, 1)) == country.n


def test_a_unit_is_its_successor_from_the_day_of_the_reform(country):
    assert translate(unit=country.a, on=RESTRUCTURED_ON) == country.n
    assert translate(unit=country.e, on=date(2026, 1, 1)) == country.r


def test_a_divided_unit_goes_to_its_default_successor(country):
    assert translate(unit=country.v, on=RESTRUCTURED_ON) == country.r


def test_a_unit_is_never_translated_backward(country):
    assert translate(unit=country.n, on=LAST_DAY) is None
    assert translate(unit=country.a, on=OLD_FROM - timedelta(days=1)) is None


def test_an_abolished_district_cannot_be_placed(country):
    assert translate(unit=country.tk, on=LAST_DAY) == country.tk
    assert translate(unit=country.tk, on=RESTRUCTURED_ON) is None


def test_a_chain_of_reforms_is_followed_to_its_end(country):
    AdministrativeUnit.objects.filter(pk=country.n.pk).update(valid_to=date(2030, 1, 1))
    later = CommuneFactory(code="09999", parent=country.province, valid_from=date(2030, 1, 1), valid_to=None)
    SuccessionFactory(predecessor=country.n, successor=later, on=date(2030, 1, 1))
    assert translate(unit=country.a, on=date(2029, 12, 31)) == country.n
    assert translate(unit=country.a, on=date(2030, 1, 1)) == later
    assert translate(unit=country.e, on=date(2030, 1, 1)) == country.r
    assert former_districts_of(later) == [country.tk]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(on=st.dates(min_value=date(2019, 1, 1), max_value=date(2031, 1, 1)))
def test_translation_is_forward_only_valid_and_idempotent_at_any_date(country, on):
    units = AdministrativeUnit.objects.in_bulk()
    for pk, placed in translation_map(unit_ids=units, on=on).items():
        if placed is None:
            assert not units[pk].is_in_force(on)
            continue
        assert units[placed].is_in_force(on)
        assert units[placed].valid_from >= units[pk].valid_from
        assert translation_map(unit_ids=[placed], on=on) == {placed: placed}
        assert (placed == pk) == units[pk].is_in_force(on)


def test_many_units_are_translated_in_as_many_queries_as_few(country, django_assert_num_queries):
    # The intervals of what was asked, the successors of what has ended, the intervals of those.
    for units in ([country.a], [country.a, country.b, country.c, country.e, country.v]):
        with django_assert_num_queries(3):
            translation_map(unit_ids=[unit.pk for unit in units], on=RESTRUCTURED_ON)


def test_an_unknown_key_cannot_be_placed_and_no_key_asks_nothing(django_assert_num_queries):
    assert translation_map(unit_ids=[10**9], on=RESTRUCTURED_ON) == {10**9: None}
    with django_assert_num_queries(0):
        assert translation_map(unit_ids=[], on=RESTRUCTURED_ON) == {}


def test_predecessors_are_all_that_gave_area(country):
    assert list(predecessors(country.n)) == [country.a, country.b, country.v]
    assert predecessor_map([country.n.pk, country.a.pk]) == {
        country.n.pk: {country.a.pk, country.b.pk, country.v.pk},
    }


def test_a_commune_of_two_former_districts_counts_for_both(country):
    assert former_districts_of(country.n) == [country.tk]
    assert former_districts_of(country.r) == [country.tk, country.qh]
    assert former_districts_of(country.e) == [country.qh]
    assert communes_of_two_former_districts(on=RESTRUCTURED_ON, scope=country.province) == [country.r]
    assert communes_of_two_former_districts(on=LAST_DAY, scope=country.province) == []


def test_former_districts_are_found_in_bulk(country, django_assert_num_queries):
    # Units and predecessors, for each of the two generations.
    with django_assert_num_queries(4):
        found = former_district_map([country.n.pk, country.r.pk, country.a.pk])
    assert found == {
        country.n.pk: {country.tk.pk},
        country.r.pk: {country.tk.pk, country.qh.pk},
        country.a.pk: {country.tk.pk},
    }


def test_the_series_of_districts_goes_on_after_their_abolition(country):
    for on in (LAST_DAY, RESTRUCTURED_ON):
        assert former_districts(on=on, scope=country.province) == [country.tk, country.qh]


def test_units_of_a_scope_are_those_valid_on_the_day(country):
    CommuneFactory(is_new=True, parent=ProvinceFactory(code="08", valid_from=OLD_FROM))
    assert list(units_valid(on=RESTRUCTURED_ON, scope=country.province)) == [country.n, country.r]
    assert list(units_valid(on=LAST_DAY, scope=country.qh)) == [country.e]
    assert list(units_valid(on=LAST_DAY, scope=country.a)) == [country.a]
    assert list(units_valid(on=LAST_DAY, scope=country.province, level="district")) == [country.tk, country.qh]
    assert units_valid(on=RESTRUCTURED_ON).count() == 3
    assert units_valid(on=RESTRUCTURED_ON, kinds=["phuong"]).count() == 0


def test_a_commune_that_became_a_ward_is_counted_by_its_kind_on_the_day(country):
    day = date(2026, 1, 1)
    rename_unit(unit=country.n, on=day, name="Phường N", short_name="N", kind="phuong")
    for on, xa, phuong in ((day - timedelta(days=1), [country.n, country.r], []), (day, [country.r], [country.n])):
        assert list(units_valid(on=on, scope=country.province, kinds=["xa"])) == xa
        assert list(units_valid(on=on, scope=country.province, kinds=["phuong"])) == phuong


def test_a_district_has_no_value_after_its_abolition(country):
    assert has_value(country.tk, LAST_DAY)
    with pytest.raises(ScopeHasNoValueError):
        units_valid(on=RESTRUCTURED_ON, scope=country.tk)


def test_a_merged_province_has_no_value_before_and_its_parts_none_after():
    parts = [ProvinceFactory(valid_to=RESTRUCTURED_ON) for _ in range(2)]
    merged = ProvinceFactory(is_new=True)
    for part in parts:
        commune = CommuneFactory(parent=DistrictFactory(parent=part))
        SuccessionFactory(predecessor=commune, successor=CommuneFactory(is_new=True, parent=merged))
    assert has_value(merged, RESTRUCTURED_ON)
    assert not has_value(merged, LAST_DAY)
    assert [has_value(part, LAST_DAY) for part in parts] == [True, True]
    assert [has_value(part, RESTRUCTURED_ON) for part in parts] == [False, False]


def test_a_province_that_gave_a_commune_away_did_not_keep_its_area():
    before, after, neighbour = ProvinceFactory(valid_to=RESTRUCTURED_ON), *ProvinceFactory.create_batch(2, is_new=True)
    for successor in (after, neighbour):
        commune = CommuneFactory(parent=DistrictFactory(parent=before))
        SuccessionFactory(predecessor=commune, successor=CommuneFactory(is_new=True, parent=successor))
    assert not has_value(after, LAST_DAY)
    assert not has_value(neighbour, LAST_DAY)
    assert not has_value(before, RESTRUCTURED_ON)


def test_a_province_with_the_same_communes_is_one_scope_through_the_reform():
    before, after = ProvinceFactory(valid_to=RESTRUCTURED_ON), ProvinceFactory(is_new=True)
    commune = CommuneFactory(parent=DistrictFactory(parent=before))
    SuccessionFactory(predecessor=commune, successor=CommuneFactory(is_new=True, parent=after))
    assert scope_on(scope=after, on=LAST_DAY) == before
    assert scope_on(scope=before, on=RESTRUCTURED_ON) == after
    assert not has_value(after, OLD_FROM - timedelta(days=1))


def test_an_empty_country_has_no_value():
    with pytest.raises(ScopeHasNoValueError):
        scope_on(scope=None, on=RESTRUCTURED_ON)


def test_a_code_without_a_unit_on_the_day_is_refused_by_name(country):
    assert unit_by_code(code="01501", on=LAST_DAY) == country.b
    with pytest.raises(UnitNotValidError) as refusal:
        unit_by_code(code="01501", on=RESTRUCTURED_ON)
    assert refusal.value.params == {"code": "01501", "day": "01/07/2025"}


def test_a_unit_is_found_by_its_identity_and_not_by_its_code(country):
    assert unit_by_identity(code="01509", valid_from=OLD_FROM) == country.e
    assert unit_by_identity(code="01509", valid_from=RESTRUCTURED_ON) == country.r
    with pytest.raises(UnitNotFoundError):
        unit_by_identity(code="01509", valid_from=LAST_DAY)


def test_a_page_address_finds_its_unit_under_any_name(country):
    assert unit_by_slug(country.r.slug) == country.r
    assert unit_by_slug("ten-cu-01509-20250701") == country.r
    assert unit_by_slug("01509-20200301") == country.e


@pytest.mark.parametrize(
    "slug", ["", "xa-dam-thuy", "xa-01509-20251301", "x01509-20250701", "xa-01509-2025070", "xa-00000-20250701"]
)
def test_an_address_of_no_unit_is_refused_by_name(country, slug):
    with pytest.raises(UnitNotFoundError):
        unit_by_slug(slug)
