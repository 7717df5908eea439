"""Saved searches: whose they are, how many, and the link that ends their notices."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from search.models import SavedSearch
from search.query import Facet, ListingQuery
from search.saved import MAXIMUM_SAVED, QuestionTooLongError, by_stop_key, save_search, stop_key
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def lan():
    return UserFactory(full_name="Nguyễn Thị Lan", email="lan@example.org")


def saved_by(user, text="hạt dẻ", **fields):
    return save_search(user=user, query=ListingQuery(text=text, **fields), now=NOW)[0]


def save(client, address):
    return client.post(reverse("search:save"), {"address": address})


def test_a_buyer_saves_the_question_of_the_results(client, lan):
    client.force_login(lan)
    answer = save(client, "?q=h%E1%BA%A1t+d%E1%BA%BB&mua=1&trang=7&xep=re&khong-co=1")
    assert answer.url == reverse("saved:list")
    saved = SavedSearch.objects.get()
    assert saved.user == lan
    assert saved.address == "q=h%E1%BA%A1t+d%E1%BA%BB&mua=1"
    assert saved.label == "“hạt dẻ” · Đang vào mùa"
    assert saved.is_told


def test_the_same_question_is_kept_once(client, lan):
    client.force_login(lan)
    save(client, "q=hat+de")
    save(client, "?q=hat+de&trang=2")
    assert SavedSearch.objects.count() == 1


def test_strangers_log_in_first_and_come_back_to_the_results(client):
    answer = save(client, "q=hat+de")
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))
    assert "q%3Dhat%2Bde" in answer.url
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize("address", ["", "?", "q=", "q=!!!", "trang=3", "xa=x", "\x00", "q" * 50_000])
def test_a_question_that_asks_nothing_is_not_saved(client, lan, address):
    client.force_login(lan)
    assert save(client, address).status_code == 302
    assert not SavedSearch.objects.exists()


def test_too_many_choices_are_not_saved(client, lan):
    client.force_login(lan)
    facets = (Facet.CATEGORY, Facet.COMMODITY, Facet.COMMUNE, Facet.COOPERATIVE)
    address = "&".join(f"{facet.value}={100_000_000 + key}" for facet in facets for key in range(30))
    answer = client.post(reverse("search:save"), {"address": address}, follow=True)
    assert str(QuestionTooLongError()) in answer.content.decode()
    assert not SavedSearch.objects.exists()


def test_places_that_there_are_not_are_left_out(client, lan):
    client.force_login(lan)
    save(client, "q=hat+de&giao=99999999&cu=88888888")
    assert SavedSearch.objects.get().address == "q=hat+de"


def test_twenty_are_kept_and_no_more(client, lan):
    for number in range(MAXIMUM_SAVED):
        saved_by(lan, f"gạo {number}")
    client.force_login(lan)
    answer = client.post(reverse("search:save"), {"address": "q=hat+de"}, follow=True)
    assert "20" in answer.content.decode()
    assert lan.saved_searches.count() == MAXIMUM_SAVED


def test_the_list_shows_ones_own_in_one_query_for_all(client, lan, django_assert_max_num_queries):
    saved_by(UserFactory(), "của người khác")
    for number in range(5):
        saved_by(lan, f"gạo {number}")
    client.force_login(lan)
    with django_assert_max_num_queries(6):
        page = client.get(reverse("saved:list")).content.decode()
    assert page.count("gạo ") >= 5
    assert "của người khác" not in page


def test_a_buyer_deletes_one(client, lan):
    saved = saved_by(lan)
    client.force_login(lan)
    client.post(reverse("saved:remove", args=[saved.pk]))
    assert not SavedSearch.objects.exists()


def test_a_buyer_stops_the_notices_and_begins_them_again(client, lan):
    saved = saved_by(lan)
    SavedSearch.objects.update(seen_until=NOW - timedelta(days=9))
    client.force_login(lan)
    client.post(reverse("saved:notice", args=[saved.pk]), {"is_told": "0"})
    saved.refresh_from_db()
    assert not saved.is_told
    client.post(reverse("saved:notice", args=[saved.pk]), {"is_told": "1"})
    saved.refresh_from_db()
    assert saved.is_told
    assert saved.seen_until >= NOW


@pytest.mark.parametrize("name", ["remove", "notice"])
def test_somebody_elses_search_does_not_exist(client, lan, name):
    saved = saved_by(lan)
    client.force_login(UserFactory())
    assert client.post(reverse(f"saved:{name}", args=[saved.pk]), {"is_told": "0"}).status_code == 404
    saved.refresh_from_db()
    assert saved.is_told


def test_the_link_of_a_notice_asks_first_and_then_stops_without_logging_in(client, lan):
    saved = saved_by(lan)
    address = reverse("saved:stop", kwargs={"key": stop_key(saved)})
    assert "hạt dẻ" in client.get(address).content.decode()
    saved.refresh_from_db()
    assert saved.is_told
    assert client.post(address).url == address
    saved.refresh_from_db()
    assert not saved.is_told
    assert client.get(address).status_code == 200


def test_a_forged_link_stops_nothing(client, lan):
    saved = saved_by(lan)
    own = stop_key(saved)
    for key in (f"{saved.pk}:abc", own.replace(str(saved.pk), str(saved.pk + 1), 1), "x", own + "A"):
        assert by_stop_key(key) is None
        assert client.post(reverse("saved:stop", kwargs={"key": key})).status_code == 404
    saved.refresh_from_db()
    assert saved.is_told


def test_the_link_of_a_deleted_search_leads_nowhere(client, lan):
    saved = saved_by(lan)
    key = stop_key(saved)
    saved.delete()
    assert client.get(reverse("saved:stop", kwargs={"key": key})).status_code == 404
