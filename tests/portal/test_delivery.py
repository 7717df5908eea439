"""How a cooperative's clerk sets up delivery: ways, zones, pick-up points and rules, and what is refused."""

from datetime import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.shipping.models import DeliveryMethod, DeliveryZone, OrderingRules
from tests.factories.cooperatives import (
    CooperativeFactory,
    DeliveryMethodFactory,
    MembershipFactory,
    PickupPointFactory,
    ZoneFactory,
)
from tests.factories.places import CommuneFactory, DistrictFactory, ProvinceFactory, SuccessionFactory

pytestmark = pytest.mark.django_db

LIST = "portal:delivery"


@pytest.fixture
def cooperative():
    return CooperativeFactory(delivery_charge=False)


@pytest.fixture
def work(client, cooperative):
    client.force_login(MembershipFactory(cooperative=cooperative).user)
    return client


@pytest.fixture
def method(cooperative):
    return DeliveryMethodFactory(cooperative=cooperative, charge=False)


@pytest.fixture
def province():
    return ProvinceFactory(name="Tỉnh Cao Bằng", short_name="Cao Bằng")


@pytest.fixture
def commune(province):
    return CommuneFactory(is_new=True, parent=province, name="Xã Đàm Thủy", short_name="Đàm Thủy")


def zone_form(**changes) -> dict:
    form = {
        "area": "",
        "up_to_1": "2",
        "charge_1": "20.000",
        "up_to_2": "5",
        "charge_2": "30.000",
        "further_kg_charge": "5.000",
        "free_from": "",
        "days_min": "1",
        "days_max": "3",
        "action": "save",
    }
    return form | changes


def point_form(**changes) -> dict:
    form = {
        "name": "Nhận tại hợp tác xã",
        "address": "Xóm Bản Giốc",
        "commune": "dam thuy",
        "open_weekdays": ["0", "1", "6"],
        "opens_at": "07:00",
        "closes_at": "11:30",
        "ready_days": "1",
        "note": "Gọi trước",
        "is_active": "on",
    }
    return form | changes


def test_a_way_of_delivery_is_named_first_and_then_where_it_goes(work, cooperative, commune):
    named = work.post(
        reverse("portal:delivery_new"), {"kind": "delivery", "name": "Hợp tác xã tự giao", "is_active": "on"}
    )
    method = DeliveryMethod.objects.get()
    assert (method.cooperative, method.kind, method.is_active) == (cooperative, "delivery", True)
    assert named.url == reverse("portal:delivery_zone_new", args=[method.pk])
    saved = work.post(named.url, zone_form(area="dam thuy"))
    assert saved.url == reverse(LIST)
    zone = method.zones.get()
    assert zone.tiers == [[2_000, 20_000], [5_000, 30_000]]
    assert (zone.further_kg_charge, zone.free_from, zone.days_min, zone.days_max) == (5_000, None, 1, 3)
    assert [area.unit for area in zone.areas.all()] == [commune]
    assert zone.reach == {"communes": [commune.pk]}
    page = work.get(reverse(LIST)).content.decode()
    assert "Xã Đàm Thủy" in page
    assert "20.000\xa0₫" in page


def test_a_search_keeps_what_was_typed_and_saves_nothing(work, method, commune, province):
    url = reverse("portal:delivery_zone_new", args=[method.pk])
    shown = work.post(url, zone_form(area="cao bang", charge_1="x", action="find"))
    assert shown.status_code == 200
    page = shown.content.decode()
    assert f'name="unit" value="{province.pk}"' in page
    assert 'value="x"' in page
    assert not DeliveryZone.objects.exists()
    assert not shown.context["form"].errors


def test_ticked_areas_and_a_former_district_are_kept_as_they_were_named(work, method, commune, province):
    district = DistrictFactory(parent=province, name="Huyện Trùng Khánh", short_name="Trùng Khánh")
    SuccessionFactory(predecessor=CommuneFactory(parent=district), successor=commune)
    other = CommuneFactory(is_new=True, parent=province)
    work.post(
        reverse("portal:delivery_zone_new", args=[method.pk]), zone_form(unit=[district.pk, other.pk], charge_2="30000")
    )
    zone = method.zones.get()
    assert {area.unit for area in zone.areas.all()} == {district, other}
    assert zone.reach == {"districts": [commune.pk], "communes": [other.pk]}
    edit = reverse("portal:delivery_zone", args=[zone.pk])
    assert f'value="{district.pk}" checked' in work.get(edit).content.decode()
    work.post(edit, zone_form(unit=[other.pk]))
    zone.refresh_from_db()
    assert zone.reach == {"communes": [other.pk]}


def test_a_word_that_means_several_areas_is_asked_back(work, method, province):
    for name in ("Bản Lát", "Bản Lát Hạ"):
        CommuneFactory(is_new=True, parent=province, name=f"Xã {name}", short_name=name)
    answer = work.post(reverse("portal:delivery_zone_new", args=[method.pk]), zone_form(area="ban lat"))
    assert answer.status_code == 422
    assert len(answer.context["form"].candidates) == 2
    assert not DeliveryZone.objects.exists()


def test_a_way_of_delivery_goes_to_the_whole_country_by_one_zone_only(work, method):
    url = reverse("portal:delivery_zone_new", args=[method.pk])
    assert work.post(url, zone_form(is_nationwide="on")).status_code == 302
    assert work.post(url, zone_form(is_nationwide="on")).status_code == 422
    assert DeliveryZone.objects.get().is_nationwide


def test_an_area_has_one_charge_in_a_way_of_delivery(work, method, commune):
    ZoneFactory(method=method, areas=[commune])
    answer = work.post(reverse("portal:delivery_zone_new", args=[method.pk]), zone_form(unit=[commune.pk]))
    assert answer.status_code == 422
    assert commune.name in str(answer.context["form"].errors["area"])
    assert DeliveryZone.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"charge_1": "-1"}, "charge_1"),
        ({"charge_1": "1,5"}, "charge_1"),
        ({"charge_1": "NaN"}, "charge_1"),
        ({"charge_1": "9" * 30}, "charge_1"),
        ({"up_to_1": "0"}, "up_to_1"),
        ({"up_to_1": "-2"}, "up_to_1"),
        ({"up_to_1": "1000000000"}, "up_to_1"),
        ({"up_to_1": "5", "up_to_2": "2"}, "up_to_1"),
        ({"up_to_1": "2", "up_to_2": "2"}, "up_to_1"),
        ({"charge_1": "30000", "charge_2": "20000"}, "charge_1"),
        ({"charge_1": "", "charge_2": ""}, "charge_1"),
        ({"up_to_1": "", "charge_1": "", "up_to_2": "", "charge_2": "", "further_kg_charge": ""}, "charge_1"),
        ({"up_to_1": ""}, "further_kg_charge"),
        ({"up_to_2": ""}, "further_kg_charge"),
        ({"further_kg_charge": "-5"}, "further_kg_charge"),
        ({"free_from": "-5"}, "free_from"),
        ({"days_min": "4", "days_max": "3"}, "days_max"),
        ({"days_max": "91"}, "days_max"),
        ({"days_min": "-1"}, "days_min"),
        ({"is_nationwide": ""}, "area"),
        ({"is_nationwide": "", "area": "zzzz"}, "area"),
    ],
)
def test_a_zone_that_makes_no_sense_is_shown_again_and_not_saved(work, method, changes, field):
    answer = work.post(
        reverse("portal:delivery_zone_new", args=[method.pk]), zone_form(**{"is_nationwide": "on"} | changes)
    )
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not DeliveryZone.objects.exists()


def test_a_commune_that_is_none_today_is_not_taken(work, method, province):
    former = CommuneFactory(parent=DistrictFactory(parent=province))
    answer = work.post(
        reverse("portal:delivery_zone_new", args=[method.pk]), zone_form(unit=[former.pk, "²", "9" * 40, "-1", "\0"])
    )
    assert answer.status_code == 422
    assert not DeliveryZone.objects.exists()


def test_a_zone_is_removed_once_and_only_by_its_cooperative(client, work, method):
    zone = ZoneFactory(method=method)
    url = reverse("portal:delivery_zone_remove", args=[zone.pk])
    foreign = ZoneFactory()
    assert work.post(reverse("portal:delivery_zone_remove", args=[foreign.pk])).status_code == 404
    assert work.post(url).status_code == 302
    assert work.post(url).status_code == 404
    assert list(DeliveryZone.objects.all()) == [foreign]


def test_of_another_cooperative_nothing_can_be_seen_or_changed(work, commune):
    foreign, point = ZoneFactory(), PickupPointFactory()
    for name, pk in (
        ("portal:delivery_edit", foreign.method_id),
        ("portal:delivery_zone_new", foreign.method_id),
        ("portal:delivery_zone", foreign.pk),
        ("portal:pickup_edit", point.pk),
    ):
        url = reverse(name, args=[pk])
        assert work.get(url).status_code == 404
        assert work.post(url, zone_form(is_nationwide="on") | point_form()).status_code == 404
    foreign.refresh_from_db()
    assert foreign.tiers == [[None, 30_000]]


def test_a_pick_up_point_is_entered_on_one_page(work, cooperative, commune):
    assert work.post(reverse("portal:pickup_new"), point_form()).url == reverse(LIST)
    point = DeliveryMethod.objects.get()
    assert (point.kind, point.commune, point.open_weekdays) == ("pickup", commune, 0b100_0011)
    assert (point.opens_at, point.closes_at, point.ready_days) == (time(7), time(11, 30), 1)
    page = work.get(reverse(LIST)).content.decode()
    assert "Xóm Bản Giốc, Xã Đàm Thủy" in page
    edit = reverse("portal:pickup_edit", args=[point.pk])
    shown = work.get(edit).context["form"]
    changes = {name: shown[name].value() for name in ("commune", "commune_id")}
    work.post(edit, point_form(**changes, is_active=""))
    point.refresh_from_db()
    assert (point.commune, point.is_active) == (commune, False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"address": " "}, "address"),
        ({"commune": "zzz"}, "commune"),
        ({"open_weekdays": []}, "open_weekdays"),
        ({"open_weekdays": ["7"]}, "open_weekdays"),
        ({"opens_at": "11:30"}, "closes_at"),
        ({"closes_at": ""}, "closes_at"),
        ({"opens_at": "25:00"}, "opens_at"),
        ({"ready_days": "-1"}, "ready_days"),
        ({"ready_days": "91"}, "ready_days"),
    ],
)
def test_a_pick_up_point_that_nobody_could_find_is_not_saved(work, commune, changes, field):
    answer = work.post(reverse("portal:pickup_new"), point_form(**changes))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not DeliveryMethod.objects.exists()


def test_a_form_sent_twice_makes_one(work, commune):
    for _ in range(2):
        work.post(reverse("portal:pickup_new"), point_form())
        work.post(reverse("portal:delivery_new"), {"kind": "carrier", "name": "Bưu điện", "is_active": "on"})
    assert sorted(DeliveryMethod.objects.values_list("kind", flat=True)) == ["carrier", "pickup"]


def test_the_rules_of_ordering_are_saved_and_shown(work, cooperative):
    form = {
        "minimum_order": "150.000",
        "lead_days": "2",
        "order_weekdays": ["0", "1"],
        "order_until": "17:00",
        "send_weekdays": ["4"],
    }
    assert work.post(reverse("portal:ordering_rules"), form).url == reverse(LIST)
    rules = OrderingRules.objects.get()
    assert (rules.minimum_order, rules.lead_days, rules.order_weekdays) == (150_000, 2, 0b11)
    assert (rules.order_until, rules.send_weekdays) == (time(17), 0b1_0000)
    assert "150.000\xa0₫" in work.get(reverse(LIST)).content.decode()
    assert work.post(reverse("portal:ordering_rules"), form | {"minimum_order": "-1"}).status_code == 422
    assert work.post(reverse("portal:ordering_rules"), form | {"send_weekdays": []}).status_code == 422
    assert OrderingRules.objects.get() == rules


def test_a_way_of_delivery_is_paused_and_a_way_without_a_zone_says_that_nobody_sees_it(work, method):
    assert work.get(reverse(LIST)).context["ways"][0].warning
    edit = reverse("portal:delivery_edit", args=[method.pk])
    work.post(edit, {"kind": "carrier", "name": "Bưu điện"})
    method.refresh_from_db()
    assert (method.kind, method.name, method.is_active) == ("carrier", "Bưu điện", False)
    assert work.post(edit, {"kind": "pickup", "name": "Bưu điện"}).status_code == 422
    assert work.post(edit, {"kind": "carrier", "name": "\u200b"}).status_code == 422


def test_the_page_asks_as_much_for_one_way_of_delivery_as_for_many(work, cooperative, commune):
    counts = []
    for _ in range(2):
        for _number in range(3):
            ZoneFactory(method=DeliveryMethodFactory(cooperative=cooperative), areas=[commune])
            PickupPointFactory(cooperative=cooperative)
        with CaptureQueriesContext(connection) as asked:
            work.get(reverse(LIST))
        counts.append(len(asked))
    # Session and person, roles, ways, zones, areas with units, rules.
    assert counts[0] == counts[1] <= 8
