"""What editors and buyers add to the results page, and what the page counts."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from search import promotions, views
from search.models import PromotedResult, SavedSearch, SearchTally
from search.rebuilding import rebuild
from search.tallies import Tallies
from tests.factories.listings import ListingFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counts(monkeypatch):
    """Of this test alone."""
    fresh = Tallies()
    monkeypatch.setattr(views, "tallies", fresh)
    return fresh


@pytest.fixture
def listing():
    found = ListingFactory(title="Hạt dẻ Trùng Khánh")
    rebuild(now=timezone.now())
    return found


def page(client, **query):
    return client.get(reverse("search:search"), query)


def kept(counts):
    counts.flush()
    return set(SearchTally.objects.values_list("text", "searches", "without_result"))


def test_a_promoted_result_stands_above_the_listings(client, listing):
    result = PromotedResult(title="Cách rang <hạt dẻ>", link="/don-hang/tim/", questions="hạt dẻ")
    promotions.save(result)
    shown = page(client, q="hat de").content.decode()
    assert shown.index("Cách rang &lt;hạt dẻ&gt;") < shown.index("Hạt dẻ Trùng Khánh")
    assert "Cách rang" not in page(client, q="trung khanh").content.decode()


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("/don-hang/tim/?a=1", "/en/don-hang/tim/?a=1"),
        ("/tro-giup/", "/en/tro-giup/"),
        ("/suc-khoe/", "/suc-khoe/"),
        ("https://example.org/tim/", "https://example.org/tim/"),
    ],
)
def test_a_promoted_page_is_in_the_language_of_the_results(client, listing, link, shown):
    promotions.save(PromotedResult(title="Cách rang", link=link, questions="hạt dẻ"))
    assert f'<a href="{link}"><b>Cách rang' in client.get("/tim/", {"q": "hat de"}).content.decode()
    assert f'<a href="{shown}"><b>Cách rang' in client.get("/en/tim/", {"q": "hat de"}).content.decode()


def test_the_results_are_saved_by_the_form_on_their_page(client, listing):
    client.force_login(UserFactory())
    shown = page(client, q="hạt dẻ", mua="1").content.decode()
    address = re.search(r'name="address" value="([^"]*)"', shown)[1].replace("&amp;", "&")
    client.post(reverse("search:save"), {"address": address})
    assert SavedSearch.objects.get().address == address.removeprefix("?")


def test_a_search_is_counted_once_however_it_is_narrowed_afterwards(client, listing, counts):
    page(client, q="hạt dẻ")
    page(client, q="hạt dẻ", mua="1")
    page(client, q="hạt dẻ", trang="2")
    page(client, q="hạt dẻ", xep="re")
    page(client, mua="1")
    assert kept(counts) == {("hat de", 1, 0)}


def test_a_search_that_finds_nothing_is_counted_as_such(client, listing, counts):
    page(client, q="xyzzyx quxquux")
    assert kept(counts) == {("xyzzyx quxquux", 1, 1)}


def test_looking_writes_nothing(client, listing):
    page(client, q="hạt dẻ")
    with CaptureQueriesContext(connection) as queries:
        page(client, q="hạt dẻ")
    assert not [query for query in queries if not query["sql"].lstrip("(").startswith("SELECT")]


def test_the_page_says_where_opened_results_are_told(client, listing):
    shown = page(client, q="hạt dẻ").content.decode()
    assert f'data-opened="{reverse("search:opened")}" data-words="hạt dẻ"' in shown
