"""Reporting a problem with a parcel: what is taken, who sees it, who answers."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from PIL import ExifTags, Image

from marketplace.order.models import OrderChange, ParcelProblem, ProblemPhoto
from marketplace.order.problems import (
    AnsweredAlreadyError,
    AnswerMissingError,
    KindUnknownError,
    NotReportableError,
    TextMissingError,
    TooManyPhotosError,
    TooManyProblemsError,
    answer_problem,
    prepare_photos,
    report_problem,
)
from marketplace.outbox.models import OutboxMessage
from tests.factories.cooperatives import MembershipFactory
from tests.factories.orders import BUYER, OrderFactory, ParcelFactory, bring_to
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def lan():
    return UserFactory()


@pytest.fixture
def browser(lan):
    client = Client()
    client.force_login(lan)
    return client


@pytest.fixture
def parcel(lan, now):
    return ParcelFactory(buyer=replace(BUYER, user=lan), status="delivered", now=now - 20 * HOUR)


@pytest.fixture
def clerk(parcel):
    client = Client()
    client.force_login(MembershipFactory(cooperative=parcel.cooperative).user)
    return client


def picture(size=(60, 40), kind="JPEG", **options) -> SimpleUploadedFile:
    buffer = BytesIO()
    Image.new("RGB", size, "orange").save(buffer, kind, **options)
    return SimpleUploadedFile("photo.jpg", buffer.getvalue(), "image/jpeg")


def with_place() -> SimpleUploadedFile:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Phone of Lan"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[1] = "N"
    return picture(exif=exif)


def path_of(parcel) -> str:
    return f"/en/don-hang/{parcel.order.number}/bao-loi/{parcel.number}/"


def said(**changes):
    return {"kind": "damaged", "text": "Túi bị vỡ", "key": str(uuid4()), **changes}


def report(parcel, now, **changes):
    arguments = {"key": uuid4(), "kind": "damaged", "text": "Túi bị vỡ", "photos": [], "by": None, **changes}
    return report_problem(parcel=parcel, now=now, **arguments)


def test_a_report_with_four_photos_is_kept_without_what_the_camera_tells(browser, parcel, clerk):
    photos = [with_place(), picture((3000, 200)), picture(kind="PNG"), picture(kind="WEBP")]
    assert browser.post(path_of(parcel), said(photos=photos)).status_code == 302
    problem = ParcelProblem.objects.get()
    assert (problem.kind, problem.text, problem.reported_by) == ("damaged", "Túi bị vỡ", parcel.order.user)
    kept = list(problem.photos.all())
    assert len(kept) == 4
    assert max(photo.width for photo in kept) == 1600
    for photo in kept:
        content = bytes(photo.content)
        assert b"Phone of Lan" not in content
        opened = Image.open(BytesIO(content))
        assert (opened.format, opened.size, len(opened.getexif())) == ("WEBP", (photo.width, photo.height), 0)
    page = browser.get(f"/en/don-hang/{parcel.order.number}/").content.decode()
    assert "Túi bị vỡ" in page
    assert "Not answered yet." in page
    shown = browser.get(f"/en/don-hang/{parcel.order.number}/anh/{kept[0].pk}/")
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/webp")
    assert "no-store" in shown["Cache-Control"]
    assert clerk.get(f"/en/lam-viec/van-de/anh/{kept[0].pk}/").content == shown.content


def test_photos_are_for_the_buyer_and_this_cooperative_alone(browser, parcel, now):
    photos = prepare_photos([picture()])
    pk = report(parcel, now, photos=photos).photos.get().pk
    mine = f"/en/don-hang/{parcel.order.number}/anh/{pk}/"
    other_clerk, stranger, member = Client(), Client(), Client()
    other_clerk.force_login(MembershipFactory().user)
    stranger.force_login(UserFactory())
    member.force_login(MembershipFactory(cooperative=parcel.cooperative, role="member").user)
    own = OrderFactory(buyer=replace(BUYER, user=parcel.order.user), now=now - HOUR)
    assert browser.get(f"/en/don-hang/{own.number}/anh/{pk}/").status_code == 404
    for client in (other_clerk, stranger, Client()):
        assert client.get(mine).status_code == 404
    for path in (f"/en/lam-viec/van-de/anh/{pk}/", f"/en/lam-viec/van-de/{ParcelProblem.objects.get().pk}/"):
        assert other_clerk.get(path).status_code == 404
        assert stranger.get(path).status_code == 404
        assert browser.get(path).status_code == 404
        assert member.get(path).status_code == 403
    assert (
        other_clerk.post(f"/en/lam-viec/van-de/{ParcelProblem.objects.get().pk}/", {"answer": "x"}).status_code == 404
    )
    assert ParcelProblem.objects.get().answer == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"photos": [picture() for _number in range(10)]},
        {"photos": [SimpleUploadedFile("a.jpg", b"<svg onload='x'>", "image/jpeg")]},
        {"photos": [SimpleUploadedFile("a.gif", b"GIF89a" + b"\0" * 50, "image/gif")]},
        {"photos": [SimpleUploadedFile("a.jpg", picture().read()[:80], "image/jpeg")]},
        {"text": "x" * 2001},
        {"text": "  "},
        {"text": "a\0b"},
        {"kind": "stolen"},
        {"kind": ""},
        {"key": "1"},
    ],
)
def test_what_is_wrong_is_told_at_the_field_and_nothing_is_kept(browser, parcel, changes):
    before = OutboxMessage.objects.count()
    for upload in changes.get("photos", []):
        upload.seek(0)
    refused = browser.post(path_of(parcel), said(**changes))
    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()
    assert not ParcelProblem.objects.exists()
    assert not ProblemPhoto.objects.exists()
    assert OutboxMessage.objects.count() == before


def test_a_bomb_of_pixels_is_refused_by_its_header(browser, parcel):
    header = BytesIO()
    Image.new("1", (13_300, 13_300)).save(header, "PNG", optimize=True)
    bomb = SimpleUploadedFile("a.png", header.getvalue(), "image/png")
    assert len(header.getvalue()) < 100_000
    refused = browser.post(path_of(parcel), said(photos=[bomb]))
    assert refused.status_code == 422
    assert "million pixels" in refused.content.decode()
    assert not ParcelProblem.objects.exists()


def test_a_form_sent_twice_is_one_problem_and_one_message(browser, parcel):
    once = said()
    for _time in range(2):
        assert browser.post(path_of(parcel), once).status_code == 302
    assert ParcelProblem.objects.count() == 1
    assert len({message.key for message in OutboxMessage.objects.filter(key__startswith="problem:")}) == (
        OutboxMessage.objects.filter(key__startswith="problem:").count()
    )


def test_many_reports_in_an_hour_are_refused(browser, parcel, monkeypatch):
    monkeypatch.setattr("marketplace.common.limits.time", lambda: 0.0)
    statuses = [browser.post(path_of(parcel), said(kind="")).status_code for _number in range(11)]
    assert statuses == [422] * 10 + [429]


def test_another_parcels_key_is_no_way_in(parcel, now):
    key = uuid4()
    report(parcel, now, key=key)
    other = ParcelFactory(status="delivered", now=now - 20 * HOUR)
    with pytest.raises(NotReportableError):
        report(other, now, key=key)


def test_the_service_refuses_what_the_form_would_not_send(parcel, now):
    with pytest.raises(KindUnknownError):
        report(parcel, now, kind="stolen")
    with pytest.raises(TextMissingError):
        report(parcel, now, text=" \n ")
    with pytest.raises(TooManyPhotosError):
        report(parcel, now, photos=prepare_photos([picture()]) * 5)
    with pytest.raises(TooManyPhotosError):
        prepare_photos([picture() for _number in range(5)])
    for _number in range(3):
        report(parcel, now)
    with pytest.raises(TooManyProblemsError):
        report(parcel, now)
    assert ParcelProblem.objects.count() == 3


@pytest.mark.parametrize("status", ["placed", "cancelled", "returned"])
def test_nothing_can_be_reported_of_what_has_not_come_or_is_over(browser, lan, now, status):
    parcel = ParcelFactory(buyer=replace(BUYER, user=lan), now=now - 20 * HOUR)
    bring_to(parcel, status, now=now - 20 * HOUR)
    assert browser.get(path_of(parcel)).status_code == 302
    assert browser.post(path_of(parcel), said()).status_code == 422
    assert not ParcelProblem.objects.exists()


def test_thirty_days_after_delivery_is_too_late(parcel):
    with pytest.raises(NotReportableError):
        report(parcel, parcel.delivered_at + timedelta(days=30, seconds=1))
    assert report(parcel, parcel.delivered_at + timedelta(days=30))


class TestAtTheCooperative:
    def test_it_is_counted_listed_and_answered_once(self, browser, clerk, parcel, now):
        problem = report(parcel, now, text="Thiếu <b>một</b> túi", kind="missing")
        assert "waits for your answer" in clerk.get("/en/lam-viec/").content.decode()
        assert "Thiếu &lt;b&gt;một&lt;/b&gt; túi" in clerk.get("/en/lam-viec/van-de/").content.decode()
        path = f"/en/lam-viec/van-de/{problem.pk}/"
        assert clerk.get(path).status_code == 200
        assert clerk.post(path, {"answer": " "}).status_code == 422
        assert clerk.post(path, {"answer": "Chúng tôi gửi bù."}).status_code == 302
        problem.refresh_from_db()
        assert (problem.answer, problem.answered_by is not None) == ("Chúng tôi gửi bù.", True)
        assert clerk.post(path, {"answer": "Khác"}).status_code == 302
        problem.refresh_from_db()
        assert problem.answer == "Chúng tôi gửi bù."
        assert "waits for your answer" not in clerk.get("/en/lam-viec/").content.decode()
        assert "Chúng tôi gửi bù." in browser.get(f"/en/don-hang/{parcel.order.number}/").content.decode()
        assert OutboxMessage.objects.filter(key=f"problem:{problem.pk}:answered").count() == 1

    def test_an_answer_needs_words_and_is_given_once(self, parcel, now):
        problem, by = report(parcel, now), UserFactory()
        with pytest.raises(AnswerMissingError):
            answer_problem(problem=problem, answer=" ", by=by, now=now)
        answer_problem(problem=problem, answer="Vâng", by=by, now=now)
        with pytest.raises(AnsweredAlreadyError):
            answer_problem(problem=problem, answer="Không", by=by, now=now)

    def test_the_list_costs_the_same_for_any_number_and_reads_no_photos(
        self, clerk, parcel, now, django_assert_num_queries
    ):
        for number in range(3):
            report(parcel, now, photos=prepare_photos([picture()]))
            # Session, user, membership, count, the page.
            with django_assert_num_queries(5) as captured:
                clerk.get("/en/lam-viec/van-de/")
            assert not any("content" in query["sql"] for query in captured.captured_queries), number


def test_the_parcels_page_at_the_cooperative_tells_problems_and_changes(clerk, parcel, now):
    problem = report(parcel, now)
    OrderChange.objects.create(
        order=parcel.order, field="phone", was="+84912345678", became="+84987654321", changed_at=now
    )
    text = clerk.get(f"/en/lam-viec/don/{parcel.number}/").content.decode()
    assert f"/en/lam-viec/van-de/{problem.pk}/" in text
    assert "0912 345 678 → 0987 654 321" in text
