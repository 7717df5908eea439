"""The public coverage pages: what they say, what they refuse, what they cost."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from cooperatives.linkage.models import LinkageArea, LinkageStatus
from marketplace.common.dates import quarter_ends
from tests.factories.linkage import RECORDED_AT, HomeProvince

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
SOLD_ON = TODAY - timedelta(days=20)


@pytest.fixture
def home(db):
    return HomeProvince()


def page(client, **query):
    return client.get(reverse("indicators:coverage"), query)


def text(response):
    return response.content.decode()


def test_the_page_prints_declared_and_traded_with_numerator_denominator_date_and_rule(client, home):
    home.traded_model(home.dam_thuy, delivered_on=SOLD_ON)
    response = page(client)
    assert response.status_code == 200
    figures = response.context["figures"]
    assert [(figure["numerator"], figure["traded"], figure["denominator"]) for figure in figures] == [
        (1, 1, 2),
        (1, 1, 1),
        (1, 1, 1),
    ]
    assert figures[0]["percent"] == "50,0\u00a0%"
    assert figures[0]["target"].endswith("70\u00a0%")
    assert f"{TODAY:%d/%m/%Y}" in text(response)
    assert "v1" in figures[0]["rule"]


def test_an_empty_site_says_that_there_are_no_figures_yet(client):
    response = page(client)
    assert response.status_code == 200
    assert response.templates[0].name == "indicators/coverage_empty.html"


def test_a_province_without_any_linkage_shows_zero_of_its_communes(client, home):
    response = page(client)
    assert [figure["numerator"] for figure in response.context["figures"]] == [0, 0, 0]
    # The third figure has no model to count, which is no value and not 0 %.
    assert response.context["figures"][2]["percent"] is None
    assert {row.rung for row in response.context["units"]} == {None}


def test_a_day_before_the_restructuring_is_answered_on_the_units_of_that_day(client, home):
    response = page(client, ngay="30/06/2025")
    assert {row.name for row in response.context["units"]} == {
        "Xã Chí Viễn",
        "Xã Phong Châu",
        "Thị trấn Trùng Khánh",
    }
    assert not response.context["result"].is_provisional
    assert response.context["figures"][0]["denominator"] == 2


def test_a_district_limits_the_figures_to_its_area(client, home):
    response = page(client, huyen=home.district.slug)
    assert response.context["scope"] == home.district
    assert response.context["figures"][1]["denominator"] == 1


@pytest.mark.parametrize(
    "typed", ["31/02/2026", "hom qua", "2026-13-01", f"{TODAY + timedelta(days=1):%d/%m/%Y}", "01/01/9999"]
)
def test_a_day_that_is_none_or_lies_in_the_future_is_refused_with_a_message(client, home, typed):
    response = page(client, ngay=typed)
    assert response.status_code == 400
    assert response.context["form"].errors["ngay"]
    assert typed in text(response)
    assert "figures" not in response.context


def test_a_day_without_a_value_is_refused_with_a_message(client, home):
    response = page(client, ngay="01/01/1990")
    assert response.status_code == 400
    assert response.context["form"].errors["ngay"]


def test_an_unknown_district_is_refused(client, home):
    response = page(client, huyen="huyen-khong-co")
    assert response.status_code == 400
    assert response.context["form"].errors["huyen"]


def test_the_map_and_the_table_show_the_same_units_and_wards_are_squares(client, home):
    response = page(client, ngay="30/06/2025")
    symbols = {symbol.url: symbol.is_counted for symbol in response.context["map"].symbols}
    assert symbols == {row.url: row.is_counted for row in response.context["units"]}
    assert sorted(symbols.values()) == [False, True, True]
    assert text(response).count("<rect x=") == 1


def test_the_map_is_drawn_with_points_for_decimals_in_vietnamese(client, home):
    home.traded_model(home.dam_thuy, delivered_on=SOLD_ON)
    content = text(page(client))
    svg = content[content.index('<svg class="atlas__map') : content.index("atlas__names")]
    assert "cx=" in svg
    assert all("," not in part.split('"')[0] for part in svg.split('cx="')[1:])


def test_no_line_of_the_chart_runs_across_the_restructuring(client, home):
    home.traded_model(home.chi_vien, delivered_on=date(2025, 2, 1))
    for entry in page(client).context["charts"][:2]:
        assert entry.chart.break_at is not None
        for line in entry.chart.lines:
            sides = {mark.x < entry.chart.break_at for mark in line.marks}
            assert len(sides) == 1


def test_the_quarters_table_names_both_unit_systems(client, home):
    quarters = page(client).context["quarters"]
    assert {quarter.unit_system for quarter in quarters} == {"before", "after"}
    assert quarters[0].is_provisional
    assert quarters[1].on == quarter_ends(TODAY - timedelta(days=100), TODAY - timedelta(days=1))[-1]


def test_what_cannot_be_placed_is_listed(client, home):
    linkage = home.traded_model(home.chi_vien, delivered_on=date(2024, 2, 1))
    LinkageArea.objects.create(linkage=linkage, unit=home.dam_thuy, valid_from=date(2024, 1, 1))
    response = page(client, ngay="01/03/2024")
    assert len(response.context["unplaced"]) == 1
    assert "Xã Đàm Thủy" in response.context["unplaced"][0]


def test_the_figures_can_be_downloaded_as_json_without_any_buyer(client, home):
    home.traded_model(home.dam_thuy, delivered_on=SOLD_ON)
    response = page(client, **{"dinh-dang": "json"})
    assert response["Content-Type"] == "application/json"
    data = response.json()
    assert data["indicators"]["L1"] == {
        "numerator": 1,
        "traded": 1,
        "denominator": 2,
        "percentage": "50.0",
        "traded_percentage": "50.0",
        "target": "70.0",
    }
    assert [unit["code"] for unit in data["units"] if unit["rung"] == 2] == ["01501"]
    assert "phone" not in text(response)


def test_the_figures_can_be_downloaded_as_a_workbook_that_runs_no_formula(client, home):
    home.traded_model(home.dam_thuy, delivered_on=SOLD_ON, name="=1+1")
    response = page(client, **{"dinh-dang": "xlsx"})
    book = load_workbook(BytesIO(response.content))
    figures, units, _districts, models = book.worksheets
    assert [cell.value for cell in figures[2]][1:5] == [1, 1, 2, 50]
    assert [row[0].value for row in units.iter_rows(min_row=2)] == ["01477", "01501"]
    assert models["B2"].value == "'=1+1"


def test_a_covered_commune_opens_into_its_models(client, home):
    linkage = home.traded_model(home.dam_thuy, delivered_on=SOLD_ON)
    response = client.get(reverse("indicators:unit", kwargs={"slug": home.dam_thuy.slug}))
    assert [(model.code, model.level) for model, _url in response.context["models"]] == [(linkage.code, 2)]
    assert response.context["reasons"] == ()
    assert linkage.code in text(response)


def test_an_uncovered_commune_says_why_not_yet(client, home):
    response = client.get(reverse("indicators:unit", kwargs={"slug": home.trung_khanh.slug}))
    assert response.status_code == 200
    assert [reason.code for reason in response.context["reasons"]] == ["no_key_product"]
    assert str(response.context["reasons"][0]) in text(response)


def test_a_commune_that_is_covered_but_not_traded_says_what_is_missing(client, home):
    home.traded_model(home.dam_thuy, buyers=2, delivered_on=SOLD_ON)
    response = client.get(reverse("indicators:unit", kwargs={"slug": home.dam_thuy.slug}))
    assert [reason.code for reason in response.context["reasons"]] == ["too_few_buyers"]


def test_a_unit_that_is_not_valid_on_the_day_is_404_with_the_units_to_look_at(client, home):
    response = client.get(reverse("indicators:unit", kwargs={"slug": home.chi_vien.slug}))
    assert response.status_code == 404
    assert [unit for unit, _url in response.context["links"]] == [home.dam_thuy]
    assert "01501" in text(response)


def test_the_same_unit_on_its_own_day_is_found(client, home):
    response = client.get(reverse("indicators:unit", kwargs={"slug": home.chi_vien.slug}), {"ngay": "30/06/2025"})
    assert response.status_code == 200


@pytest.mark.parametrize("slug", ["xa-nao-do", "xa-99999-20250701", "huyen-trung-khanh-047-20200301"])
def test_what_is_no_commune_of_the_province_is_404(client, home, slug):
    assert client.get(reverse("indicators:unit", kwargs={"slug": slug})).status_code == 404


def test_a_wrong_name_before_the_code_leads_to_the_right_address(client, home):
    response = client.get(reverse("indicators:unit", kwargs={"slug": "ten-cu-01501-20250701"}))
    assert response.status_code == 301
    assert response["Location"].endswith(f"{home.dam_thuy.slug}/")


def test_a_model_shows_dates_decisions_and_evidence_and_counts_buyers_without_naming_them(client, home):
    linkage = home.traded_model(home.dam_thuy, delivered_on=SOLD_ON)
    response = client.get(reverse("indicators:linkage", kwargs={"code": linkage.code}))
    content = text(response)
    assert response.context["evidence"].buyer_count == 3
    assert response.context["evidence"].level == 2
    assert "34/QĐ-SNN" in content
    assert "05/01/2022" in content
    assert "09:00 01/02/2022" in content
    assert content.count(f"{SOLD_ON:%d/%m/%Y}") >= 3
    assert "phone-" not in content


def test_a_model_that_was_never_verified_is_not_public(client, home):
    linkage = home.traded_model(home.dam_thuy, delivered_on=SOLD_ON)
    linkage.statuses.filter(status=LinkageStatus.Status.VERIFIED).delete()
    assert client.get(reverse("indicators:linkage", kwargs={"code": linkage.code})).status_code == 404


def test_a_suspended_model_stays_public_with_its_history(client, home):
    linkage = home.traded_model(home.dam_thuy, delivered_on=SOLD_ON)
    LinkageStatus.objects.create(
        linkage=linkage,
        status=LinkageStatus.Status.SUSPENDED,
        decided_on=TODAY,
        decision_number="77/QĐ-SNN",
        recorded_at=RECORDED_AT,
    )
    response = client.get(reverse("indicators:linkage", kwargs={"code": linkage.code}))
    assert "77/QĐ-SNN" in text(response)
    assert response.context["status"].status == LinkageStatus.Status.SUSPENDED


def test_evidence_is_read_page_by_page(client, home):
    linkage = home.traded_model(home.dam_thuy, buyers=60, delivered_on=SOLD_ON)
    address = reverse("indicators:linkage", kwargs={"code": linkage.code})
    first, second = client.get(address), client.get(address, {"trang": "2"})
    assert (len(first.context["sales"]), len(second.context["sales"])) == (50, 10)
    assert first.context["page"].next_url
    assert not second.context["page"].next_url
    for wrong in ("0", "3", "-1", "1e3", "²", "99999999999"):
        assert client.get(address, {"trang": wrong}).status_code == 404


def test_a_model_limited_to_one_commune_counts_its_evidence_alone(client, home):
    linkage = home.traded_model(home.dam_thuy, delivered_on=SOLD_ON)
    LinkageArea.objects.create(linkage=linkage, unit=home.trung_khanh, valid_from=date(2025, 7, 1))
    address = reverse("indicators:linkage", kwargs={"code": linkage.code})
    assert client.get(address, {"xa": home.trung_khanh.slug}).context["evidence"].sale_count == 0
    assert client.get(address, {"xa": home.dam_thuy.slug}).context["evidence"].sale_count == 3


def test_pages_carry_no_inline_style_or_script_and_the_strict_policy(client, home):
    linkage = home.traded_model(home.dam_thuy, delivered_on=SOLD_ON)
    for address in (
        reverse("indicators:coverage"),
        reverse("indicators:unit", kwargs={"slug": home.dam_thuy.slug}),
        reverse("indicators:linkage", kwargs={"code": linkage.code}),
    ):
        response = client.get(address)
        assert " style=" not in text(response)
        assert "<script>" not in text(response)
        assert "unsafe-inline" not in response["Content-Security-Policy"]


def test_the_number_of_queries_does_not_grow_with_the_registry(client, home, django_assert_max_num_queries):
    linkage = home.traded_model(home.dam_thuy, delivered_on=SOLD_ON)
    # A row of before the restructuring costs two queries, the first one all of them.
    home.traded_model(home.chi_vien, delivered_on=SOLD_ON)
    addresses = [
        reverse("indicators:coverage"),
        reverse("indicators:unit", kwargs={"slug": home.dam_thuy.slug}),
        reverse("indicators:linkage", kwargs={"code": linkage.code}),
    ]
    for address in addresses:
        client.get(address)
    counts = {}
    for address in addresses:
        with django_assert_max_num_queries(80) as captured:
            client.get(address)
        counts[address] = len(captured)
    for unit in (home.dam_thuy, home.trung_khanh, home.chi_vien, home.township):
        home.traded_model(unit, buyers=5, delivered_on=SOLD_ON)
    for address in addresses:
        with django_assert_max_num_queries(counts[address]):
            client.get(address)
