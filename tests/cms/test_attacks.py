"""An official who posts what the form does not offer; exports of what buyers wrote."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log

from cms.services import appoint_official, ensure_site
from cooperatives.indicators.models import CoverageRule, IndicatorTarget
from cooperatives.linkage.models import LinkageArea, LinkageParticipant
from cooperatives.models import CooperativeCommune
from marketplace.order.placing import Buyer
from tests.cms.test_registry import cooperative_data, new_linkage
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.linkage import HomeProvince, LinkageFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import basket_with, place
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def home(db):
    return HomeProvince()


@pytest.fixture
def bien(home):
    """Biển answers for Đàm Thủy alone."""
    user = UserFactory()
    appoint_official(user=user, unit=home.dam_thuy, valid_from=date(2025, 7, 1))
    return user


def test_an_official_closes_no_row_of_another_commune(client, home, bien):
    cooperative = CooperativeFactory(home=home.trung_khanh)
    ours = CooperativeCommune.objects.create(
        cooperative=cooperative, unit=home.dam_thuy, role="operating", valid_from=date(2025, 8, 1)
    )
    theirs = cooperative.communes.get(role="home")
    activity = cooperative.activities.get()
    rows = {
        "cooperativecommune-TOTAL_FORMS": 2,
        "cooperativecommune-INITIAL_FORMS": 2,
        "cooperativeactivity-INITIAL_FORMS": 1,
        "cooperativeactivity-0-id": activity.pk,
    }
    for place_, row in enumerate(sorted((ours, theirs), key=lambda row: row.valid_from)):
        rows |= {
            f"cooperativecommune-{place_}-id": row.pk,
            f"cooperativecommune-{place_}-unit_text": "01501",
            f"cooperativecommune-{place_}-valid_to": f"{TODAY:%d/%m/%Y}",
            f"cooperativecommune-{place_}-DELETE": "on",
        }
    client.force_login(bien)
    answer = client.post(reverse("hop-tac-xa:edit", args=[cooperative.pk]), {**cooperative_data(), **rows})
    assert answer.status_code == 302
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.valid_to, theirs.valid_to, theirs.unit) == (TODAY, None, home.trung_khanh)


def test_an_official_changes_and_deletes_no_row_of_another_commune_in_a_draft(client, home, bien):
    elsewhere = CooperativeFactory(home=home.trung_khanh)
    linkage = LinkageFactory(commodity=home.chestnut, cooperative=elsewhere, area=home.dam_thuy)
    area = LinkageArea.objects.create(linkage=linkage, unit=home.trung_khanh, valid_from=date(2025, 8, 1), hectares=7)
    rows = {
        "linkagearea-TOTAL_FORMS": 2,
        "linkagearea-INITIAL_FORMS": 2,
        "linkageparticipant-INITIAL_FORMS": 1,
        "linkageparticipant-0-id": linkage.participants.get().pk,
        "linkageparticipant-0-cooperative": CooperativeFactory(home=home.dam_thuy).pk,
    }
    for place_, row in enumerate(linkage.areas.order_by("valid_from", "pk")):
        rows |= {
            f"linkagearea-{place_}-id": row.pk,
            f"linkagearea-{place_}-unit_text": f"{row.unit.code} {row.unit.name}",
            f"linkagearea-{place_}-valid_from": f"{row.valid_from:%d/%m/%Y}",
            f"linkagearea-{place_}-hectares": "999",
        }
        if row == area:
            rows[f"linkagearea-{place_}-DELETE"] = "on"
    client.force_login(bien)
    assert client.post(reverse("lien-ket:edit", args=[linkage.pk]), new_linkage(home, **rows)).status_code == 302
    area.refresh_from_db()
    assert area.hectares == 7
    assert LinkageParticipant.objects.get(linkage=linkage).cooperative == elsewhere


def test_the_operators_list_of_orders_runs_no_buyers_formula(client):
    name = '=HYPERLINK("http://x")'
    place(basket_with((ListingFactory(), 1)), buyer=Buyer(name=name, phone="+84912345678"))
    client.force_login(UserFactory(is_staff=True, is_superuser=True, email="operator@example.org"))
    found = client.get(reverse("dashboard:order-list"), {"response_format": "csv"})
    text = found.content.decode()
    assert "HYPERLINK" in text
    assert '"=HYPERLINK' not in text
    assert "'=HYPERLINK" in text


def test_wagtails_reports_run_no_editors_formula(client, bien):
    ensure_site()
    log(instance=bien, action="wagtail.edit", user=bien, title='=HYPERLINK("http://x")')
    client.force_login(UserFactory(is_staff=True, is_superuser=True, email="operator@example.org"))
    found = client.get(reverse("wagtailadmin_reports:site_history"), {"export": "csv"})
    text = b"".join(found).decode()
    assert "'=HYPERLINK" in text
    assert '"=HYPERLINK' not in text


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-1", "1e400", "101", "9" * 500, "\0", "0x1", "1,5,5", "-0,1"])
def test_a_share_or_a_rule_that_is_no_sound_number_is_refused(client, home, number):
    official = UserFactory()
    appoint_official(user=official, unit=home.province, valid_from=date(2025, 7, 1))
    client.force_login(official)
    before = (IndicatorTarget.objects.count(), CoverageRule.objects.count())
    dated = {"legal_source": "Quyết định 1", "valid_from": "01/01/2040"}
    client.post(reverse("chi-tieu:add"), {"indicator": "L1", "comparison": "gte", "percentage": number, **dated})
    sound = {"version": "thu", "window_days": "365", "minimum_buyers": "3", "required_level": "2", **dated}
    for name in ("window_days", "minimum_buyers", "required_level"):
        for wrong in {number, "0"} - {"101"}:
            client.post(reverse("quy-tac:add"), {**sound, name: wrong})
    assert (IndicatorTarget.objects.count(), CoverageRule.objects.count()) == before
