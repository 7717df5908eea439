"""The country as it is: the counts that every published denominator rests on."""

from collections import Counter
from datetime import date

import pytest
from django.db.models import Count

from cooperatives.places.models import AdministrativeUnit, Succession
from cooperatives.places.selectors import (
    ScopeHasNoValueError,
    communes_of_two_former_districts,
    former_district_map,
    former_districts,
    former_districts_of,
    predecessors,
    scope_on,
    translation_map,
    unit_by_code,
    unit_by_identity,
    units_valid,
)
from tests.places.questions import has_value

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("national_units")]

LAST_DAY = date(2025, 6, 30)
FIRST_DAY = date(2025, 7, 1)


@pytest.fixture
def cao_bang() -> AdministrativeUnit:
    return unit_by_identity(code="04", valid_from=FIRST_DAY)


def kinds(on: date, **where) -> Counter:
    return Counter(units_valid(on=on, **where).values_list("kind", flat=True))


def test_the_old_country_has_63_provinces_696_districts_and_10035_communes():
    assert units_valid(on=LAST_DAY, level="province").count() == 63
    assert units_valid(on=LAST_DAY, level="district").count() == 696
    assert kinds(LAST_DAY) == {"xa": 7_695, "phuong": 1_724, "thi-tran": 616}


def test_the_new_country_has_34_provinces_3321_communes_and_no_districts():
    assert units_valid(on=FIRST_DAY, level="province").count() == 34
    assert units_valid(on=FIRST_DAY, level="district").count() == 0
    assert kinds(FIRST_DAY) == {"xa": 2_621, "phuong": 687, "dac-khu": 13}


def test_cao_bang_has_161_communes_in_10_districts_before_and_56_after(cao_bang):
    assert kinds(LAST_DAY, scope=cao_bang) == {"xa": 139, "thi-tran": 14, "phuong": 8}
    assert kinds(FIRST_DAY, scope=cao_bang) == {"xa": 53, "phuong": 3}
    assert units_valid(on=LAST_DAY, scope=cao_bang, level="district").count() == 10


def test_the_old_province_gives_the_same_answers_as_the_new(cao_bang):
    before = unit_by_identity(code="04", valid_from=date(2020, 3, 1))
    for on in (date(2020, 3, 1), LAST_DAY, FIRST_DAY, date(2026, 11, 1)):
        assert list(units_valid(on=on, scope=before)) == list(units_valid(on=on, scope=cao_bang))


def test_cao_bang_has_no_value_before_its_last_merger(cao_bang):
    assert has_value(cao_bang, date(2020, 3, 1))
    assert not has_value(cao_bang, date(2020, 2, 29))


def test_the_country_has_no_value_before_the_snapshots_year():
    assert scope_on(scope=None, on=date(2025, 1, 1)) is None
    with pytest.raises(ScopeHasNoValueError):
        units_valid(on=date(2024, 12, 31))


def test_eleven_provinces_kept_their_area_and_only_they_have_a_value_before():
    unchanged = {unit.name for unit in units_valid(on=FIRST_DAY, level="province") if has_value(unit, LAST_DAY)}
    assert unchanged == {
        "Thành phố Hà Nội", "Thành phố Huế", "Tỉnh Cao Bằng", "Tỉnh Điện Biên", "Tỉnh Hà Tĩnh", "Tỉnh Lai Châu",
        "Tỉnh Lạng Sơn", "Tỉnh Nghệ An", "Tỉnh Quảng Ninh", "Tỉnh Sơn La", "Tỉnh Thanh Hóa",
    }  # fmt: skip


def test_the_52_merged_provinces_have_no_value_afterwards():
    merged = [unit for unit in units_valid(on=LAST_DAY, level="province") if not has_value(unit, FIRST_DAY)]
    assert len(merged) == 52


def test_every_old_commune_leads_to_one_new_commune_and_every_new_one_has_a_predecessor():
    old = list(units_valid(on=LAST_DAY).values_list("pk", flat=True))
    new = set(units_valid(on=FIRST_DAY).values_list("pk", flat=True))
    placed = translation_map(unit_ids=old, on=FIRST_DAY)
    assert set(placed.values()) <= new
    assert set(Succession.objects.filter(successor__level="commune").values_list("successor_id", flat=True)) == new


def test_471_old_units_were_divided_and_none_of_them_in_cao_bang():
    divided = (
        AdministrativeUnit.objects.exclude(level="province")
        .annotate(parts=Count("successions"))
        .filter(parts__gt=1)
        .order_by()
    )
    assert divided.count() == 471
    assert sum(divided.values_list("parts", flat=True)) == 1_033
    assert not divided.filter(province__code="04").exists()
    assert Succession.objects.filter(predecessor__in=divided, is_default=True).count() == 471


def test_the_161_old_communes_of_cao_bang_land_on_its_56_new_ones(cao_bang):
    old = units_valid(on=LAST_DAY, scope=cao_bang).values_list("pk", flat=True)
    new = set(units_valid(on=FIRST_DAY, scope=cao_bang).values_list("pk", flat=True))
    assert set(translation_map(unit_ids=old, on=FIRST_DAY).values()) == new


def test_all_56_new_codes_are_old_codes_and_23_of_them_changed_their_name(cao_bang):
    old = dict(AdministrativeUnit.objects.in_force(LAST_DAY).filter(level="commune").values_list("code", "name"))
    new = dict(units_valid(on=FIRST_DAY, scope=cao_bang).values_list("code", "name"))
    assert set(new) <= set(old)
    assert sum(old[code] != name for code, name in new.items()) == 23


def test_code_01501_is_two_units():
    before, after = unit_by_code(code="01501", on=LAST_DAY), unit_by_code(code="01501", on=FIRST_DAY)
    assert (before.name, after.name) == ("Xã Chí Viễn", "Xã Đàm Thủy")
    assert before.pk != after.pk
    assert before.slug == "xa-chi-vien-01501-20200301"
    assert after.slug == "xa-dam-thuy-01501-20250701"
    assert {unit.name for unit in predecessors(after)} == {"Xã Chí Viễn", "Xã Phong Châu", "Xã Đàm Thủy"}


def test_eight_new_communes_unite_communes_of_two_former_districts(cao_bang):
    both = communes_of_two_former_districts(on=FIRST_DAY, scope=cao_bang)
    assert {unit.short_name for unit in both} == {
        "Tân Giang", "Thục Phán", "Bạch Đằng", "Cốc Pàng", "Kim Đồng", "Minh Tâm", "Thạch An", "Trà Lĩnh",
    }  # fmt: skip
    assert all(len(former_districts_of(unit)) == 2 for unit in both)
    assert len(both) == 8


def test_the_former_districts_of_cao_bang_are_its_ten_districts(cao_bang):
    before = list(units_valid(on=LAST_DAY, scope=cao_bang, level="district"))
    assert former_districts(on=LAST_DAY, scope=cao_bang) == before
    assert former_districts(on=date(2026, 11, 1), scope=cao_bang) == before
    assert len(before) == 10


def test_every_district_of_the_country_is_a_former_district_and_every_commune_has_one():
    assert len(former_districts(on=FIRST_DAY)) == 696
    communes = list(units_valid(on=FIRST_DAY).values_list("pk", flat=True))
    found = former_district_map(communes)
    assert set(found) == set(communes)
    assert all(found.values())


def test_an_island_district_is_the_former_district_of_its_special_zone():
    zone = AdministrativeUnit.objects.in_force(FIRST_DAY).get(short_name="Lý Sơn")
    assert zone.kind == "dac-khu"
    assert [unit.name for unit in former_districts_of(zone)] == ["Huyện Lý Sơn"]
    assert [unit.name for unit in predecessors(zone)] == ["Huyện Lý Sơn"]


def test_a_province_made_a_city_keeps_its_identity_and_both_names():
    dong_nai = unit_by_identity(code="75", valid_from=FIRST_DAY)
    assert (dong_nai.name, dong_nai.kind) == ("Thành phố Đồng Nai", "thanh-pho")
    assert dong_nai.name_on(date(2026, 4, 29)) == "Tỉnh Đồng Nai"
    assert dong_nai.name_on(date(2026, 4, 30)) == "Thành phố Đồng Nai"


def test_every_unit_lies_in_its_parent_and_its_generation():
    units = AdministrativeUnit.objects.select_related("parent__province", "province")
    for unit in units.exclude(level="province"):
        assert unit.parent.valid_from == unit.province.valid_from == unit.valid_from
        assert unit.parent == unit.province or unit.parent.province == unit.province


def test_every_unit_has_a_place_on_the_map():
    outside = AdministrativeUnit.objects.exclude(latitude__range=(7, 24), longitude__range=(102, 118))
    assert not outside.exists()
