"""Certificates and recognitions in the administration: who enters what, what is refused, what is shown."""

from datetime import date, timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from cms.services import appoint_official
from cooperatives.certificates.models import Certificate, OcopRecognition
from tests.factories.certificates import CertificateFactory, OcopRecognitionFactory
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.linkage import HomeProvince
from tests.factories.listings import ListingFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
VIEWSETS = ("chung-nhan", "cong-nhan-ocop")


@pytest.fixture
def home(db):
    return HomeProvince()


@pytest.fixture
def ours(home):
    return CooperativeFactory(home=home.dam_thuy)


@pytest.fixture
def elsewhere(home):
    return CooperativeFactory(home=home.trung_khanh)


@pytest.fixture
def bien(client, home):
    """Biển answers for Đàm Thủy alone, and is at work."""
    user = UserFactory()
    appoint_official(user=user, unit=home.dam_thuy, valid_from=date(2025, 7, 1))
    client.force_login(user)
    return user


def certificate(cooperative, **changes):
    return {
        "cooperative": cooperative.pk,
        "scheme": "vietgap",
        "number": "VietGAP-TT-12-04-0001",
        "issuer": "Trung tâm Chứng nhận mẫu",
        "commodity": "",
        "issued_on": "05/01/2026",
        "valid_from": "05/01/2026",
        "valid_to": "05/01/2028",
        "revoked_on": "",
        "note": "",
        **changes,
    }


def recognition(cooperative, commodity, **changes):
    return {
        "cooperative": cooperative.pk,
        "product_name": "Miến dong Phia Đén",
        "commodity": commodity.pk,
        "stars": "4",
        "score": "78,5",
        "group": "food",
        "original_group": "",
        "decision_number": "124/QĐ-UBND",
        "decided_on": "20/02/2025",
        "issuer": "province",
        "revoked_on": "",
        "note": "",
        **changes,
    }


def test_an_official_enters_a_certificate_of_a_cooperative_in_their_units(client, bien, ours):
    answer = client.post(reverse("chung-nhan:add"), certificate(ours))

    assert answer.status_code == 302
    row = Certificate.objects.get()
    assert (row.cooperative, row.scheme, row.valid_to) == (ours, "vietgap", date(2028, 1, 5))


def test_an_official_enters_a_recognition_and_its_end_is_counted(client, home, bien, ours):
    answer = client.post(reverse("cong-nhan-ocop:add"), recognition(ours, home.chestnut))

    assert answer.status_code == 302
    assert OcopRecognition.objects.get().valid_to == date(2028, 2, 20)


def test_another_units_cooperative_cannot_be_given_anything(client, home, bien, elsewhere):
    first = client.post(reverse("chung-nhan:add"), certificate(elsewhere))
    second = client.post(reverse("cong-nhan-ocop:add"), recognition(elsewhere, home.chestnut))

    assert (first.status_code, second.status_code) == (200, 200)
    assert not Certificate.objects.exists()
    assert not OcopRecognition.objects.exists()


def test_an_official_sees_and_changes_nothing_of_other_units(client, bien, ours, elsewhere):
    for name, factory in zip(VIEWSETS, (CertificateFactory, OcopRecognitionFactory), strict=True):
        own, foreign = factory(cooperative=ours), factory(cooperative=elsewhere)
        listed = client.get(reverse(f"{name}:index")).content.decode()
        assert reverse(f"{name}:edit", args=[own.pk]) in listed
        assert reverse(f"{name}:edit", args=[foreign.pk]) not in listed
        assert client.get(reverse(f"{name}:edit", args=[own.pk])).status_code == 200
        for page in ("edit", "history", "usage"):
            assert client.get(reverse(f"{name}:{page}", args=[foreign.pk])).status_code in {302, 404}, page
        assert client.post(reverse(f"{name}:edit", args=[foreign.pk]), {"note": "x"}).status_code in {302, 404}
        foreign.refresh_from_db()
        assert foreign.note == ""


@pytest.mark.parametrize("name", VIEWSETS)
def test_strangers_and_clerks_do_not_come_in(client, name):
    client.force_login(UserFactory())

    for page in ("index", "add"):
        assert client.get(reverse(f"{name}:{page}")).status_code in {302, 403}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_to": "05/01/2026"}, "valid_to"),
        ({"scheme": "globalgap", "number": "12"}, "number"),
        ({"number": ""}, "number"),
        ({"issued_on": "31/02/2026"}, "issued_on"),
    ],
)
def test_a_wrong_certificate_is_refused_at_its_field(client, bien, ours, changes, field):
    answer = client.post(reverse("chung-nhan:add"), certificate(ours, **changes))

    assert field in answer.context["form"].errors
    assert not Certificate.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"score": "65"}, "score"),
        ({"stars": "2"}, "stars"),
        ({"issuer": "ministry"}, "issuer"),
        ({"decided_on": ""}, "decided_on"),
    ],
)
def test_a_wrong_recognition_is_refused_at_its_field(client, home, bien, ours, changes, field):
    answer = client.post(reverse("cong-nhan-ocop:add"), recognition(ours, home.chestnut, **changes))

    assert field in answer.context["form"].errors
    assert not OcopRecognition.objects.exists()


def test_the_same_certificate_is_not_entered_twice(client, bien, ours):
    client.post(reverse("chung-nhan:add"), certificate(ours))
    answer = client.post(reverse("chung-nhan:add"), certificate(ours))

    assert answer.status_code == 200
    assert Certificate.objects.count() == 1


def test_an_unusual_number_is_kept_with_a_notice(client, home, bien, ours):
    answers = [
        client.post(reverse("chung-nhan:add"), certificate(ours, scheme="ma-vung-trong", number="cb 17")),
        client.post(reverse("cong-nhan-ocop:add"), recognition(ours, home.chestnut, decision_number="Số 124")),
    ]

    for answer in answers:
        assert "warning" in [message.level_tag for message in get_messages(answer.wsgi_request)]
    assert Certificate.objects.get().number == "CB 17"
    assert OcopRecognition.objects.get().decision_number == "Số 124"


def test_the_scope_of_an_entered_certificate_stays_and_its_end_may_be_set(client, home, bien, ours, elsewhere):
    row = CertificateFactory(cooperative=ours)
    ended = f"{TODAY:%d/%m/%Y}"
    changes = certificate(ours, scheme="haccp", commodity=home.chestnut.pk, revoked_on=ended, note="Thu hồi")
    client.post(reverse("chung-nhan:edit", args=[row.pk]), changes)

    row.refresh_from_db()
    assert (row.scheme, row.commodity) == ("vietgap", None)
    assert (row.revoked_on, row.note) == (TODAY, "Thu hồi")


def test_a_recognition_that_a_listing_shows_keeps_its_stars(client, home, bien, ours):
    row = OcopRecognitionFactory(cooperative=ours, commodity=home.chestnut)
    url = reverse("cong-nhan-ocop:edit", args=[row.pk])
    client.post(url, recognition(ours, home.chestnut, stars="3", score=""))
    row.refresh_from_db()
    assert row.stars == 3

    ListingFactory(cooperative=ours, commodity=home.chestnut, recognition=row)
    client.post(url, recognition(ours, home.chestnut, stars="4", score="", note="x"))
    row.refresh_from_db()
    assert (row.stars, row.note) == (3, "x")


def test_the_list_is_filtered_by_what_is_in_force_ends_soon_or_is_over(client, bien, ours):
    spans = {
        "in-force": {"valid_to": TODAY + timedelta(days=400)},
        "ends-soon": {"valid_to": TODAY + timedelta(days=30)},
        "over": {"valid_to": TODAY},
        "revoked": {"valid_to": None, "revoked_on": TODAY},
    }
    rows = {
        name: CertificateFactory(cooperative=ours, valid_from=TODAY - timedelta(days=300), **span)
        for name, span in spans.items()
    }

    def shown(status):
        page = client.get(reverse("chung-nhan:index"), {"status": status}).content.decode()
        return {name for name, row in rows.items() if row.number in page}

    assert shown("in-force") == {"in-force", "ends-soon"}
    assert shown("ends-soon") == {"ends-soon"}
    assert shown("over") == {"over"}
    assert shown("revoked") == {"revoked"}


@pytest.mark.parametrize("name", VIEWSETS)
def test_the_list_is_exported(client, bien, ours, name):
    (CertificateFactory if name == "chung-nhan" else OcopRecognitionFactory)(cooperative=ours, note="=1+1")

    answer = client.get(reverse(f"{name}:index"), {"export": "csv"})
    text = b"".join(answer.streaming_content).decode()

    assert ours.name in text
    assert "'=1+1" in text


def test_the_history_names_who_entered_a_certificate(client, bien, ours):
    client.post(reverse("chung-nhan:add"), certificate(ours))
    page = client.get(reverse("chung-nhan:history", args=[Certificate.objects.get().pk])).content.decode()

    assert bien.full_name in page
