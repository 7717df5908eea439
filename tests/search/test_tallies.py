"""Counts of searches: what is kept, what is not, who sees it, and that a request writes nothing."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.groups import EDITORS, FINANCE, PROVINCE_OFFICIALS
from search import clicks
from search import tallies as module
from search.models import ClickTally, ListingDocument, SearchTally
from search.tallies import KEPT_DAYS, OTHER, Tallies, forget_tallies, tallied_text
from tests.factories.listings import ListingFactory
from tests.search.people import member_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
DAY = NOW.date()


@pytest.fixture(autouse=True)
def counts(monkeypatch):
    """Of this test alone."""
    fresh = Tallies()
    monkeypatch.setattr(clicks, "tallies", fresh)
    return fresh


def searched(counts, *texts, is_found=True, now=NOW):
    for text in texts:
        counts.add_search(text=text, is_found=is_found, now=now)


def kept():
    return set(SearchTally.objects.values_list("text", "searches", "without_result"))


def listed(*pks):
    for pk in pks:
        ListingDocument.objects.create(slot=pk, listing_id=pk, seq=pk, terms="")


def test_searches_are_counted_by_their_words_without_marks(counts):
    searched(counts, "Miến dong", "mien  DONG!", "hạt dẻ")
    searched(counts, "mien dong", is_found=False)
    counts.flush()
    assert kept() == {("mien dong", 3, 1), ("hat de", 1, 0)}


def test_counting_writes_nothing_until_it_is_flushed(counts, django_assert_num_queries):
    with django_assert_num_queries(0):
        searched(counts, *(f"gạo {number}" for number in range(50)))
    assert not SearchTally.objects.exists()


def test_flushes_add_up(counts):
    for _ in range(2):
        searched(counts, "gạo", "gạo")
        counts.flush()
    assert kept() == {("gao", 4, 0)}


def test_a_flush_costs_the_same_for_one_and_for_many(counts, django_assert_num_queries):
    searched(counts, "gạo")
    # A savepoint and its end, how many the day has, and the counts.
    with django_assert_num_queries(4):
        counts.flush()
    searched(counts, *(f"gạo {number}" for number in range(100)))
    with django_assert_num_queries(4):
        counts.flush()
    with django_assert_num_queries(0):
        assert counts.flush() == 0


def test_the_day_is_the_one_in_viet_nam(counts):
    searched(counts, "gạo", now=datetime(2026, 11, 23, 18, tzinfo=UTC))
    counts.flush()
    assert SearchTally.objects.get().day == DAY


@pytest.mark.parametrize(
    "text",
    [
        "0912 345 678",
        "gọi 0912.345.678 nhé",
        "+84 (912) 345-678",
        "0912_345_678",
        "0912–345–678",
        "0912·345·678",
        "0912\u200b345\u200b678",
        "0912:345:678",
        "lan@example.org",
        "lan＠example.org",
        "004199001234",
        "chị Lan " * 8,
    ],
)
def test_what_may_name_a_person_is_counted_under_other(text):
    assert tallied_text(text) == OTHER


@pytest.mark.parametrize(
    ("text", "words"), [("gạo 10 kg", "gao 10 kg"), ("Miến 1,5kg", "mien 1,5 kg"), ("50.000", "50.000")]
)
def test_ordinary_numbers_stay(text, words):
    assert tallied_text(text) == words


def test_a_process_keeps_no_more_than_its_bound(counts, monkeypatch):
    monkeypatch.setattr(module, "MAXIMUM_WAITING", 5)
    searched(counts, *(f"gạo {number}" for number in range(20)))
    counts.flush()
    assert SearchTally.objects.count() == 6
    assert SearchTally.objects.get(text=OTHER).searches == 15


def test_a_day_that_is_full_counts_new_texts_under_other(counts, monkeypatch):
    searched(counts, "gạo", "miến")
    counts.flush()
    monkeypatch.setattr(module, "MAXIMUM_TEXTS", 2)
    searched(counts, "gạo", "mật ong", "hạt dẻ")
    counts.flush()
    assert kept() == {("gao", 2, 0), ("mien", 1, 0), (OTHER, 2, 0)}


def test_a_database_that_is_down_costs_the_counts_and_nothing_else(counts, monkeypatch, caplog):
    def broken(_waiting):
        raise OSError

    monkeypatch.setattr(module, "_write", broken)
    searched(counts, "gạo")
    assert counts.flush() == 1
    assert "lost" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_thread_of_its_own_writes_the_counts_and_ends(counts, settings):
    settings.SEARCH_TALLY_SECONDS = 0.01
    searched(counts, "gạo")
    thread = counts._thread
    if thread is not None:
        thread.join(timeout=20)
    assert kept() == {("gao", 1, 0)}
    assert counts._thread is None


@pytest.mark.django_db(transaction=True)
def test_processes_that_write_at_once_add_up():
    together = threading.Barrier(4)

    def process():
        mine = Tallies()
        searched(mine, *(f"gạo {number}" for number in range(30)))
        together.wait(timeout=30)
        mine.flush()
        connection.close()

    processes = [threading.Thread(target=process) for _ in range(4)]
    for each in processes:
        each.start()
    for each in processes:
        each.join(timeout=60)
    assert kept() == {(f"gao {number}", 4, 0) for number in range(30)}


def test_clicks_are_counted_for_listings_that_there_are(counts):
    listed(7)
    for pk in (7, 7, 8):
        counts.add_click(text="hạt dẻ", listing_id=pk, now=NOW)
    counts.flush()
    assert list(ClickTally.objects.values_list("text", "listing_id", "clicks")) == [("hat de", 7, 2)]


def opened(client, data, *, asker="203.0.113.1", **headers):
    form = "application/x-www-form-urlencoded"
    return client.post(reverse("search:opened"), data, content_type=form, headers=headers, REMOTE_ADDR=asker)


def told(counts):
    counts.flush()
    return list(ClickTally.objects.values_list("text", "listing_id", "clicks"))


def test_a_browser_tells_what_was_opened(client, counts):
    listed(7)
    assert opened(client, "q=h%E1%BA%A1t+d%E1%BA%BB&san-pham=7", Origin="http://testserver").status_code == 204
    assert told(counts) == [("hat de", 7, 1)]


@pytest.mark.parametrize(
    "data",
    [
        "",
        "q=a",
        "san-pham=7",
        "q=a&san-pham=-7",
        "q=a&san-pham=7777777777",
        "q=a&san-pham=٧",
        f"q={'a' * 201}&san-pham=7",
    ],
)
def test_what_is_malformed_is_passed_over(client, counts, data):
    listed(7)
    assert opened(client, data).status_code == 204
    assert told(counts) == []


def test_long_bodies_and_other_sites_are_not_heard(client, counts):
    listed(7)
    opened(client, f"q=a&san-pham=7&x={'a' * 5_000}")
    opened(client, "q=a&san-pham=7", Origin="https://example.org")
    assert told(counts) == []


@pytest.mark.parametrize("length", ["abc", "-1", "1e3", "²", "9" * 5_000])
def test_a_length_that_is_no_number_is_passed_over(client, length):
    form = "application/x-www-form-urlencoded"
    answer = client.post(reverse("search:opened"), "q=a&san-pham=7", content_type=form, CONTENT_LENGTH=length)
    assert answer.status_code == 204


def test_no_token_is_asked_for():
    assert opened(Client(enforce_csrf_checks=True), "q=a&san-pham=7").status_code == 204


def test_one_address_that_tells_too_much_is_stopped(client, settings):
    settings.SHOP_POSTS_LIMIT = 2
    answers = [opened(client, "q=a&san-pham=7", asker="203.0.113.9").status_code for _ in range(4)]
    assert answers == [204, 204, 429, 429]


def test_old_counts_are_deleted():
    SearchTally.objects.create(day=DAY - timedelta(days=KEPT_DAYS + 1), text="gao", searches=9)
    SearchTally.objects.create(day=DAY - timedelta(days=KEPT_DAYS), text="gao", searches=9)
    ClickTally.objects.create(day=DAY - timedelta(days=KEPT_DAYS + 1), text="gao", listing_id=1, clicks=9)
    assert forget_tallies(now=NOW) == 2
    assert SearchTally.objects.count() == 1


def test_rare_texts_are_forgotten_sooner():
    for days, text, count in ((40, "rare", 2), (40, "often", 2), (3, "often", 1), (3, "new", 1), (40, OTHER, 1)):
        SearchTally.objects.create(day=DAY - timedelta(days=days), text=text, searches=count)
    forget_tallies(now=NOW)
    assert set(SearchTally.objects.values_list("text", flat=True)) == {"often", "new", OTHER}


def test_new_rare_texts_do_not_keep_the_old_ones(monkeypatch):
    monkeypatch.setattr(module, "FORGOTTEN", 5, raising=False)
    new = [SearchTally(day=DAY, text=f"a {number:04}", searches=1) for number in range(1_001)]
    SearchTally.objects.bulk_create([*new, SearchTally(day=DAY - timedelta(days=40), text="z rare", searches=1)])
    forget_tallies(now=NOW)
    assert SearchTally.objects.count() == 1_001


def test_rare_texts_that_goods_were_opened_from_are_forgotten_too():
    for text, count in (("rare", 2), ("often", 3)):
        SearchTally.objects.create(day=DAY - timedelta(days=40), text=text, searches=count)
    for text in ("rare", "often", "never counted", OTHER):
        ClickTally.objects.create(day=DAY - timedelta(days=40), text=text, listing_id=1, clicks=1)
    forget_tallies(now=NOW)
    assert set(ClickTally.objects.values_list("text", flat=True)) == {"often", OTHER}


@pytest.fixture
def history():
    today = timezone.localdate()
    listing = ListingFactory(title="Hạt dẻ rừng")
    for days, text, count, failed in (
        (0, "hat de", 5, 0),
        (0, "bun tau", 2, 2),
        (10, "bun tau", 2, 1),
        (50, "qua cu", 9, 9),
        (0, "mot lan", 2, 2),
        (0, OTHER, 50, 3),
    ):
        SearchTally.objects.create(day=today - timedelta(days=days), text=text, searches=count, without_result=failed)
    ClickTally.objects.create(day=today, text="hat de", listing_id=listing.pk, clicks=4)
    ClickTally.objects.create(day=today, text="hat de", listing_id=listing.pk + 1, clicks=4)


def report(client, **query):
    return client.get(reverse("search_tallies"), query)


def test_the_report_shows_searches_without_result(client, history):
    client.force_login(member_of(EDITORS))
    assert report(client).context["rows"] == [["bun tau", 3, 4]]


def test_the_period_is_chosen(client, history):
    client.force_login(member_of(EDITORS))
    assert report(client, ky="7").context["rows"] == []
    assert report(client, ky="90").context["rows"] == [["qua cu", 9, 9], ["bun tau", 3, 4]]
    assert report(client, ky="nonsense", bang="nonsense").context["rows"] == [["bun tau", 3, 4]]


def test_the_most_searched_and_most_opened_are_shown_from_three_on(client, history):
    client.force_login(member_of(PROVINCE_OFFICIALS))
    assert report(client, bang="tim").context["rows"] == [["hat de", 5, 0], ["bun tau", 4, 3]]
    assert report(client, bang="mo").context["rows"] == [["Hạt dẻ rừng", 4]]


def test_a_day_counts_all_its_searches(client, history):
    client.force_login(member_of(EDITORS))
    today = timezone.localdate()
    assert report(client, bang="ngay", ky="7").context["rows"] == [[f"{today:%d/%m/%Y}", 59, 7, 8]]


def test_the_report_costs_the_same_for_few_and_for_many(client, history, django_assert_max_num_queries):
    client.force_login(member_of(EDITORS))
    report(client)
    SearchTally.objects.bulk_create(
        [SearchTally(day=timezone.localdate(), text=f"gao {n}", searches=5, without_result=5) for n in range(80)]
    )
    with django_assert_max_num_queries(14):
        assert len(report(client).context["rows"]) > 80


def test_the_report_is_exported_without_formulas(client, history):
    SearchTally.objects.create(day=timezone.localdate(), text="=1+1", searches=5, without_result=5)
    client.force_login(member_of(EDITORS))
    exported = report(client, export="csv").content.decode()
    assert exported.startswith("\ufeff")
    assert "'=1+1,5,5" in exported
    assert "mot lan" not in exported


def test_only_who_has_the_right_sees_the_report(client, history):
    assert report(client).status_code == 302
    client.force_login(member_of(FINANCE))
    assert report(client).status_code in {302, 403}
