from datetime import date

import pytest

from cooperatives.places.search import search_communes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("national_units")]

TODAY = date(2026, 11, 23)


def names(text: str, on: date = TODAY, limit: int = 20) -> list[str]:
    return [match.unit.name for match in search_communes(text, on=on, limit=limit)]


@pytest.mark.parametrize("typed", ["Đàm Thủy", "đàm thuỷ", "dam thuy", "Xã Đàm Thủy", "DAM THUY cao bang", "dam th"])
def test_a_commune_is_found_with_and_without_marks(typed):
    assert names(typed)[0] == "Xã Đàm Thủy"


def test_a_former_name_finds_the_commune_of_today_and_says_why():
    match = search_communes("chi vien cao bang", on=TODAY)[0]
    assert match.unit.name == "Xã Đàm Thủy"
    assert [former.name for former in match.formers] == ["Xã Chí Viễn"]


def test_a_commune_may_be_named_with_its_former_district():
    assert names("phong chau trung khanh") == ["Xã Đàm Thủy"]


def test_before_the_reform_the_old_commune_is_found():
    assert names("chi vien trung khanh", on=date(2025, 6, 30)) == ["Xã Chí Viễn"]


def test_exact_names_with_the_typed_marks_come_first():
    found = names("Hòa An")
    assert found[0] in {"Xã Hòa An", "Phường Hòa An"}
    assert names("hoà an")[0] == found[0]


def test_the_name_of_a_province_does_not_list_its_communes():
    assert "Xã Đàm Thủy" not in names("cao bang", limit=1000)


@pytest.mark.parametrize("typed", ["", "  ", "!?", "%", "_", "khongcoxanao"])
def test_what_names_nothing_finds_nothing(typed):
    assert names(typed) == []


def test_a_search_asks_two_queries_and_returns_no_more_than_asked(django_assert_num_queries):
    with django_assert_num_queries(2):
        matches = search_communes("tan", on=TODAY, limit=5)
        assert [match.unit.province.name for match in matches]
    assert len(matches) == 5
