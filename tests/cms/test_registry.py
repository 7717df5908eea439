"""The registry in the administration: who may do what, what is refused, and what changes nothing."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from cms.groups import GROUPS, PROVINCE_OFFICIALS, setup_groups
from cms.services import appoint_official
from cooperatives.linkage.models import KeyProduct, LinkageArea, LinkageModel, LinkageParticipant, LinkageStatus
from cooperatives.models import Cooperative, CooperativeCommune
from marketplace.common.spreadsheets import disarmed
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.linkage import HomeProvince, KeyProductFactory, LinkageFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def home(db):
    return HomeProvince()


@pytest.fixture
def thao(home):
    """Thảo answers for the province."""
    user = UserFactory()
    appoint_official(user=user, unit=home.province, valid_from=date(2025, 7, 1))
    return user


@pytest.fixture
def bien(home):
    """Biển answers for Đàm Thủy alone."""
    user = UserFactory()
    appoint_official(user=user, unit=home.dam_thuy, valid_from=date(2025, 7, 1))
    return user


def empty_rows(**initial):
    rows = {}
    for prefix in ("linkageparticipant", "linkagearea", "linkagecounterparty", "linkagecontract"):
        rows |= {
            f"{prefix}-TOTAL_FORMS": 0,
            f"{prefix}-INITIAL_FORMS": initial.get(prefix, 0),
            f"{prefix}-MIN_NUM_FORMS": 0,
            f"{prefix}-MAX_NUM_FORMS": 200,
        }
    return rows


def new_linkage(home, **changes):
    return {
        "code": "LK-04-900",
        "name": "Liên kết hạt dẻ Đàm Thủy",
        "commodity": home.chestnut.pk,
        "form": "LK3",
        "valid_from": "01/08/2025",
        "valid_to": "01/08/2030",
        "note": "",
        **empty_rows(),
        **with_participant(Cooperative.objects.first() or CooperativeFactory(home=home.dam_thuy)),
        **changes,
    }


def with_participant(cooperative):
    return {
        "linkageparticipant-TOTAL_FORMS": 1,
        "linkageparticipant-0-cooperative": cooperative.pk,
        "linkageparticipant-0-valid_from": "01/08/2025",
    }


def with_area(code, since="01/08/2025"):
    return {
        "linkagearea-TOTAL_FORMS": 1,
        "linkagearea-0-unit_text": code,
        "linkagearea-0-hectares": "12,5",
        "linkagearea-0-households": "30",
        "linkagearea-0-valid_from": since,
        "linkagearea-0-valid_to": "",
    }


def register(client, home, **changes):
    return client.post(reverse("lien-ket:add"), new_linkage(home, **changes))


def test_an_official_registers_a_model_with_its_participant_and_area(client, home, thao):
    cooperative = CooperativeFactory(home=home.dam_thuy)
    client.force_login(thao)
    response = register(
        client,
        home,
        **with_area("01501 Xã Đàm Thủy (01/07/2025 → )"),
    )
    linkage = LinkageModel.objects.get(code="LK-04-900")
    assert response.status_code == 302
    assert linkage.valid_from == date(2025, 8, 1)
    assert linkage.participants.get().cooperative == cooperative
    area = linkage.areas.get()
    assert (area.unit, area.hectares) == (home.dam_thuy, 12.5)


def test_a_model_that_ends_before_it_starts_is_refused_and_nothing_is_written(client, home, thao):
    client.force_login(thao)
    response = register(client, home, valid_to="01/07/2025")
    assert response.status_code == 200
    assert "Ngày kết thúc phải sau ngày bắt đầu." in response.content.decode()
    assert not LinkageModel.objects.exists()


@pytest.mark.parametrize(
    ("code", "since", "message"),
    [
        ("01507", "01/08/2025", "01507"),
        ("99999", "01/08/2025", "99999"),
        ("01501 Xã Đàm Thủy", "01/06/2025", "Xã Chí Viễn"),
        ("không biết", "01/08/2025", "Hãy chọn xã trong danh sách"),
        ("04", "01/08/2025", "Hãy chọn xã trong danh sách"),
    ],
)
def test_a_unit_that_is_not_valid_on_the_rows_first_day_is_refused(client, home, thao, code, since, message):
    client.force_login(thao)
    response = register(client, home, **with_area(code, since))
    assert response.status_code == 200
    assert message in response.content.decode()
    assert not LinkageModel.objects.exists()
    assert not LinkageArea.objects.exists()


def test_a_model_without_a_cooperative_is_refused(client, home, thao):
    client.force_login(thao)
    register(client, home, **{"linkageparticipant-TOTAL_FORMS": 0, "linkageparticipant-0-cooperative": ""})
    assert not LinkageModel.objects.exists()


def test_another_units_cooperative_cannot_be_entered(client, home, bien):
    client.force_login(bien)
    register(client, home, **with_participant(CooperativeFactory(home=home.trung_khanh)))
    assert not LinkageModel.objects.exists()


def test_a_row_that_ends_before_it_starts_is_refused_with_the_whole_form(client, home, thao):
    client.force_login(thao)
    response = register(client, home, **{**with_area("01501"), "linkagearea-0-valid_to": "01/08/2025"})
    assert "Ngày kết thúc phải sau ngày bắt đầu." in response.content.decode()
    assert not LinkageModel.objects.exists()


def test_a_day_that_is_none_is_refused(client, home, thao):
    client.force_login(thao)
    response = register(client, home, valid_from="31/02/2025")
    assert "Ngày chưa đúng. Ví dụ: 25/12/2026." in response.content.decode()
    assert not LinkageModel.objects.exists()


def test_of_a_verified_model_an_open_row_can_be_closed_and_nothing_else_changed(client, home, thao):
    linkage = LinkageFactory(
        commodity=home.chestnut,
        cooperative=CooperativeFactory(home=home.dam_thuy),
        area=home.dam_thuy,
        verified_on=date(2025, 8, 5),
    )
    area = linkage.areas.get()
    client.force_login(thao)
    response = client.post(
        reverse("lien-ket:edit", args=[linkage.pk]),
        {
            "name": "Tên đã sửa",
            "code": "LK-KHAC",
            "valid_from": "01/01/2020",
            "note": "",
            **empty_rows(linkagearea=1),
            **kept_participant(linkage),
            "linkagearea-TOTAL_FORMS": 1,
            "linkagearea-0-id": area.pk,
            "linkagearea-0-unit_text": "01477",
            "linkagearea-0-hectares": "999",
            "linkagearea-0-valid_from": "01/01/2020",
            "linkagearea-0-valid_to": f"{TODAY:%d/%m/%Y}",
        },
    )
    assert response.status_code == 302
    linkage.refresh_from_db()
    area.refresh_from_db()
    assert (linkage.name, linkage.valid_from) == ("Tên đã sửa", date(2022, 1, 1))
    assert linkage.code != "LK-KHAC"
    assert (area.unit, area.hectares, area.valid_to) == (home.dam_thuy, 12, TODAY)


def test_a_draft_keeps_what_an_official_of_another_unit_entered(client, home, bien):
    elsewhere = CooperativeFactory(home=home.trung_khanh)
    linkage = LinkageFactory(commodity=home.chestnut, cooperative=elsewhere, area=home.dam_thuy)
    LinkageArea.objects.create(linkage=linkage, unit=home.trung_khanh, valid_from=date(2025, 8, 1))
    client.force_login(bien)
    areas = list(linkage.areas.order_by("valid_from", "pk"))
    rows = {}
    for place, area in enumerate(areas):
        rows |= {
            f"linkagearea-{place}-id": area.pk,
            f"linkagearea-{place}-unit_text": f"{area.unit.code} {area.unit.name}",
            f"linkagearea-{place}-valid_from": f"{area.valid_from:%d/%m/%Y}",
        }
    response = client.post(
        reverse("lien-ket:edit", args=[linkage.pk]),
        new_linkage(
            home,
            name="Tên mới",
            **{
                **empty_rows(linkagearea=2),
                "linkagearea-TOTAL_FORMS": 2,
                **rows,
                **kept_participant(linkage),
                "linkageparticipant-0-cooperative": elsewhere.pk,
                "linkageparticipant-0-valid_from": "01/08/2025",
            },
        ),
    )
    assert response.status_code == 302
    linkage.refresh_from_db()
    assert linkage.name == "Tên mới"
    assert [area.unit for area in linkage.areas.order_by("valid_from", "pk")] == [home.dam_thuy, home.trung_khanh]


def test_a_verified_models_form_costs_the_same_with_more_rows(client, home, thao, django_assert_max_num_queries):
    linkage = LinkageFactory(commodity=home.chestnut, area=home.dam_thuy, verified_on=date(2025, 8, 5))
    client.force_login(thao)
    address = reverse("lien-ket:edit", args=[linkage.pk])
    client.get(address)
    with django_assert_max_num_queries(60) as captured:
        client.get(address)
    for _ in range(4):
        LinkageParticipant.objects.create(
            linkage=linkage, cooperative=CooperativeFactory(), valid_from=date(2025, 8, 1)
        )
        LinkageArea.objects.create(linkage=linkage, unit=home.trung_khanh, valid_from=date(2025, 8, 1))
    with django_assert_max_num_queries(len(captured)):
        client.get(address)


def kept_participant(linkage):
    return {
        "linkageparticipant-TOTAL_FORMS": 1,
        "linkageparticipant-INITIAL_FORMS": 1,
        "linkageparticipant-0-id": linkage.participants.get().pk,
        "linkageparticipant-0-valid_to": "",
    }


def test_a_closed_row_stays_closed(client, home, thao):
    linkage = LinkageFactory(commodity=home.chestnut, area=home.dam_thuy, verified_on=date(2025, 8, 5))
    closed_on = TODAY - timedelta(days=30)
    linkage.areas.update(valid_to=closed_on)
    area = linkage.areas.get()
    client.force_login(thao)
    client.post(
        reverse("lien-ket:edit", args=[linkage.pk]),
        {
            "name": linkage.name,
            **empty_rows(linkagearea=1),
            **kept_participant(linkage),
            "linkagearea-TOTAL_FORMS": 1,
            "linkagearea-0-id": area.pk,
            "linkagearea-0-valid_to": "",
        },
    )
    area.refresh_from_db()
    assert area.valid_to == closed_on


def decide(client, linkage, decision, **data):
    data = {"decided_on": f"{TODAY:%d/%m/%Y}", "decision_number": "9/QĐ-SNN", "note": "", **data}
    return client.post(reverse("linkage_decision", args=[linkage.pk, decision]), data)


def test_the_province_verifies_suspends_and_ends_through_the_services(client, home, thao):
    linkage = LinkageFactory(commodity=home.chestnut, area=home.dam_thuy)
    client.force_login(thao)
    for decision in ("trinh", "tham-dinh", "tam-dung", "tham-dinh", "ket-thuc"):
        assert decide(client, linkage, decision).status_code == 302
    rows = list(linkage.statuses.order_by("pk"))
    assert [row.status for row in rows] == ["submitted", "verified", "suspended", "verified", "ended"]
    assert {row.recorded_by for row in rows} == {thao}
    assert rows[1].decision_number == "9/QĐ-SNN"


@pytest.mark.parametrize(
    ("decision", "data"),
    [
        ("tham-dinh", {}),
        ("ket-thuc", {}),
        ("trinh", {"decided_on": f"{TODAY + timedelta(days=1):%d/%m/%Y}"}),
        ("trinh", {"decided_on": "31/02/2025"}),
        ("trinh", {"decided_on": ""}),
    ],
)
def test_a_decision_that_may_not_be_taken_is_refused_and_nothing_is_recorded(client, home, thao, decision, data):
    linkage = LinkageFactory(commodity=home.chestnut, area=home.dam_thuy)
    client.force_login(thao)
    assert decide(client, linkage, decision, **data).status_code == 400
    assert not linkage.statuses.exists()


def test_a_verification_without_a_number_or_before_the_submission_is_refused(client, home, thao):
    linkage = LinkageFactory(commodity=home.chestnut, area=home.dam_thuy)
    client.force_login(thao)
    decide(client, linkage, "trinh")
    assert "Hãy nhập số quyết định." in decide(client, linkage, "tham-dinh", decision_number=" ").content.decode()
    early = f"{TODAY - timedelta(days=2):%d/%m/%Y}"
    assert decide(client, linkage, "tham-dinh", decided_on=early).status_code == 400
    assert linkage.statuses.count() == 1


def test_a_model_without_a_cooperative_cannot_be_submitted(client, home, thao):
    linkage = LinkageFactory(commodity=home.chestnut, area=home.dam_thuy, cooperative=False)
    client.force_login(thao)
    assert decide(client, linkage, "trinh").status_code == 400
    assert not LinkageParticipant.objects.exists()


def test_a_communes_official_submits_and_does_not_verify(client, home, bien):
    linkage = LinkageFactory(commodity=home.chestnut, area=home.dam_thuy)
    client.force_login(bien)
    assert decide(client, linkage, "trinh").status_code == 302
    # Wagtail answers a refusal inside its administration with a message and its home page.
    assert decide(client, linkage, "tham-dinh").status_code in {302, 403}
    assert linkage.statuses.count() == 1


def test_an_official_of_another_unit_gets_404_on_every_address_of_an_object(client, home, bien):
    elsewhere = CooperativeFactory(home=home.trung_khanh)
    linkage = LinkageFactory(commodity=home.chestnut, cooperative=elsewhere, area=home.trung_khanh)
    key_product = KeyProductFactory(unit=home.trung_khanh, commodity=home.chestnut)
    client.force_login(bien)
    for name, instance in (("lien-ket", linkage), ("hop-tac-xa", elsewhere), ("nong-san-chu-luc", key_product)):
        for view in ("edit", "history", "usage"):
            assert client.get(reverse(f"{name}:{view}", args=[instance.pk])).status_code == 404
    assert decide(client, linkage, "trinh").status_code == 404
    assert not LinkageStatus.objects.exists()


def test_lists_and_exports_show_an_official_only_their_own_unit(client, home, bien, thao):
    LinkageFactory(commodity=home.chestnut, area=home.dam_thuy, name="Của xã này", cooperative=False)
    LinkageFactory(commodity=home.chestnut, area=home.trung_khanh, name="Của xã khác", cooperative=False)
    client.force_login(bien)
    shown = client.get(reverse("lien-ket:index")).content.decode()
    exported = b"".join(client.get(reverse("lien-ket:index"), {"export": "csv"})).decode()
    for content in (shown, exported):
        assert "Của xã này" in content
        assert "Của xã khác" not in content
    client.force_login(thao)
    assert "Của xã khác" in client.get(reverse("lien-ket:index")).content.decode()


def test_rows_of_the_former_communes_belong_to_the_commune_that_they_became(client, home, bien):
    linkage = LinkageFactory(commodity=home.chestnut, area=home.chi_vien, cooperative=False)
    client.force_login(bien)
    assert client.get(reverse("lien-ket:edit", args=[linkage.pk])).status_code == 200


def test_an_official_may_not_register_for_another_unit(client, home, bien):
    client.force_login(bien)
    response = client.post(
        reverse("nong-san-chu-luc:add"),
        {"unit_text": "01477", "commodity": home.chestnut.pk, "valid_from": "01/08/2025", "decision_number": "1/QĐ"},
    )
    assert "không thuộc địa bàn anh/chị phụ trách" in response.content.decode()
    assert not KeyProduct.objects.exists()


def test_a_key_product_is_decided_for_ones_own_unit(client, home, bien):
    client.force_login(bien)
    client.post(
        reverse("nong-san-chu-luc:add"),
        {"unit_text": "01501", "commodity": home.chestnut.pk, "valid_from": "01/08/2025", "decision_number": "1/QĐ"},
    )
    assert KeyProduct.objects.get().unit == home.dam_thuy


def test_an_appointment_that_has_ended_shows_nothing(client, home):
    user = UserFactory()
    appoint_official(user=user, unit=home.dam_thuy, valid_from=date(2025, 7, 1), valid_to=TODAY)
    linkage = LinkageFactory(commodity=home.chestnut, area=home.dam_thuy)
    client.force_login(user)
    assert client.get(reverse("lien-ket:edit", args=[linkage.pk])).status_code == 404


@pytest.mark.parametrize(
    "name", ["lien-ket", "hop-tac-xa", "nong-san-chu-luc", "nong-san", "chi-tieu", "quy-tac", "dia-ban"]
)
def test_strangers_see_no_list_of_the_registry(client, home, name):
    address = reverse(f"{name}:index")
    assert client.get(address).status_code == 302
    client.force_login(UserFactory())
    assert client.get(address).status_code in {302, 403}


@pytest.mark.parametrize("name", ["chi-tieu", "quy-tac", "dia-ban", "nong-san"])
def test_rules_targets_and_appointments_are_the_provinces(client, home, bien, thao, name):
    client.force_login(bien)
    assert client.get(reverse(f"{name}:add")).status_code in {302, 403}
    client.force_login(thao)
    assert client.get(reverse(f"{name}:add")).status_code == 200


def test_a_cooperative_is_registered_with_its_home_commune_and_its_activity(client, home, thao):
    client.force_login(thao)
    response = client.post(reverse("hop-tac-xa:add"), cooperative_data())
    assert response.status_code == 302
    cooperative = Cooperative.objects.get()
    assert cooperative.communes.get().unit == home.dam_thuy
    assert cooperative.activities.get().valid_from == date(2025, 8, 1)


def test_a_cooperative_without_a_commune_is_refused(client, home, thao):
    client.force_login(thao)
    response = client.post(
        reverse("hop-tac-xa:add"),
        {**cooperative_data(), "cooperativecommune-TOTAL_FORMS": 0, "cooperativecommune-0-unit_text": ""},
    )
    assert response.status_code == 200
    assert not Cooperative.objects.exists()
    assert not CooperativeCommune.objects.exists()


def cooperative_data():
    return {
        "name": "Hợp tác xã Đàm Thủy",
        "short_name": "HTX Đàm Thủy",
        "slug": "htx-dam-thuy",
        "kind": "cooperative",
        "size": "micro",
        "governance": "reduced",
        "registration_number": "4800123456",
        "registered_on": "01/08/2025",
        "registered_by": "UBND xã Đàm Thủy",
        "representative": "Nông Thị Hoa",
        "charter_capital": "500000000",
        "member_count": "12",
        "female_member_count": "7",
        "cooperativecommune-TOTAL_FORMS": 1,
        "cooperativecommune-INITIAL_FORMS": 0,
        "cooperativecommune-0-unit_text": "01501 Xã Đàm Thủy",
        "cooperativecommune-0-role": "home",
        "cooperativecommune-0-valid_from": "01/08/2025",
        "cooperativeactivity-TOTAL_FORMS": 1,
        "cooperativeactivity-INITIAL_FORMS": 0,
        "cooperativeactivity-0-valid_from": "01/08/2025",
    }


def test_exports_disarm_formulas_and_start_with_a_byte_order_mark(client, home, thao):
    LinkageFactory(commodity=home.chestnut, area=home.dam_thuy, name='=HYPERLINK("http://x")')
    client.force_login(thao)
    exported = b"".join(client.get(reverse("lien-ket:index"), {"export": "csv"}))
    assert exported.startswith(b"\xef\xbb\xbf")
    assert "'=HYPERLINK" in exported.decode()


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "＋1", "－1", "＠x"])
def test_text_that_starts_a_formula_gets_an_apostrophe(text):
    assert disarmed(text) == f"'{text}"


@pytest.mark.parametrize("value", [-1, 2.5, date(2025, 1, 1), None, "Hạt dẻ", ""])
def test_numbers_days_and_plain_words_are_exported_as_they_are(value):
    assert disarmed(value) == value


def test_setting_up_the_groups_twice_changes_nothing(db):
    setup_groups()
    before = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    setup_groups()
    after = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    assert before == after
    assert {"change_linkagemodel", "decide_on_linkages", "access_admin"} <= after[PROVINCE_OFFICIALS]
    ours = {group.name for group in GROUPS}
    # What editors teach search is no evidence; nothing else is deleted.
    deletable = {codename for name in ours for codename in after[name] if codename.startswith("delete_")}
    assert deletable == {"delete_synonym", "delete_promotedresult"}


def test_the_list_of_models_costs_the_same_with_more_rows(client, home, thao, django_assert_max_num_queries):
    LinkageFactory(commodity=home.chestnut, area=home.dam_thuy, verified_on=date(2025, 8, 5))
    client.force_login(thao)
    address = reverse("lien-ket:index")
    client.get(address)
    with django_assert_max_num_queries(40) as captured:
        client.get(address)
    for _ in range(8):
        LinkageFactory(commodity=home.chestnut, area=home.dam_thuy, verified_on=date(2025, 8, 5))
    with django_assert_max_num_queries(len(captured)):
        client.get(address)


def test_the_history_of_a_model_names_who_changed_it(client, home, thao):
    client.force_login(thao)
    register(client, home)
    linkage = LinkageModel.objects.get()
    assert thao.full_name in client.get(reverse("lien-ket:history", args=[linkage.pk])).content.decode()


def test_a_second_key_product_row_for_the_same_days_is_refused_in_vietnamese(client, home, thao):
    row = KeyProductFactory(unit=home.dam_thuy, commodity=home.chestnut, valid_from=date(2025, 8, 1))
    client.force_login(thao)
    data = {
        "unit_text": f"{home.dam_thuy.code} {home.dam_thuy.name}",
        "commodity": home.chestnut.pk,
        "valid_from": "01/09/2025",
        "valid_to": "",
        "decision_number": "99/QĐ-UBND",
    }
    response = client.post(reverse("nong-san-chu-luc:add"), data)
    assert "Đây đã là nông sản chủ lực của xã trong những ngày đó." in response.content.decode()
    assert list(KeyProduct.objects.all()) == [row]


@pytest.mark.parametrize(("who", "ends"), [("thao", date(2027, 1, 1)), ("bien", None)])
def test_only_those_who_decide_set_the_end_of_a_verified_model(client, request, home, who, ends):
    linkage = LinkageFactory(
        commodity=home.chestnut,
        cooperative=CooperativeFactory(home=home.dam_thuy),
        area=home.dam_thuy,
        verified_on=date(2025, 8, 5),
    )
    client.force_login(request.getfixturevalue(who))
    data = {"name": "Tên đã sửa", "note": "", "valid_to": "01/01/2027", **empty_rows(), **kept_participant(linkage)}
    area = linkage.areas.get()
    data |= {"linkagearea-TOTAL_FORMS": 1, "linkagearea-INITIAL_FORMS": 1, "linkagearea-0-id": area.pk}
    assert client.post(reverse("lien-ket:edit", args=[linkage.pk]), data).status_code == 302
    linkage.refresh_from_db()
    assert (linkage.name, linkage.valid_to) == ("Tên đã sửa", ends)
