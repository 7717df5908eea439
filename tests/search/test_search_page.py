"""The search page."""

import re

import pytest

from marketplace.common.text import fold
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.places import CommuneFactory, ProvinceFactory, SuccessionFactory

pytestmark = pytest.mark.django_db


def titles(response) -> list[str]:
    return re.findall(r'<h3 class="card__title"><a href="[^"]*">([^<]*)</a>', response.content.decode())


@pytest.mark.parametrize("text", ["miến dong", "mien dong", "MIÊN DÒNG", "dong  mien"])
def test_marks_case_and_order_do_not_matter(client, text):
    ListingFactory(title="Miến dong Phia Đén")
    ListingFactory(title="Hạt dẻ")
    assert titles(client.get("/tim/", {"q": text})) == ["Miến dong Phia Đén"]


def test_every_word_must_be_found(client):
    ListingFactory(title="Miến dong")
    assert titles(client.get("/tim/", {"q": "miến gạo"})) == []


def test_titles_that_have_the_words_come_before_the_rest(client):
    ListingFactory(title="Miến dong")
    ListingFactory(title="Chè", search_text=fold("Chè\nHTX Miến dong"))
    assert titles(client.get("/tim/", {"q": "mien"})) == ["Miến dong", "Chè"]


def test_cooperatives_and_communes_of_the_name_stand_above(client):
    CooperativeFactory(name="Hợp tác xã Đường phên", short_name="HTX Bó Tờ")
    unit = CommuneFactory(short_name="Phục Hòa", is_new=True, parent=ProvinceFactory())
    assert "HTX Bó Tờ" in client.get("/tim/", {"q": "duong phen"}).content.decode()
    assert unit.get_absolute_url() in client.get("/tim/", {"q": "phuc hoa"}).content.decode()


def test_a_commune_is_found_by_its_former_name(client):
    succession = SuccessionFactory(predecessor__short_name="Chí Viễn")
    page = client.get("/tim/", {"q": "chi vien"}).content.decode()
    assert succession.successor.get_absolute_url() in page


def test_nothing_found_says_what_to_do_next(client):
    page = client.get("/tim/", {"q": "zzz"}).content.decode()
    assert 'class="empty"' in page
    assert 'href="/san-pham/"' in page


@pytest.mark.parametrize("text", ["", "   ", "%", "_", "!?", "\x00"])
def test_without_words_it_invites_to_type_some(client, text):
    response = client.get("/tim/", {"q": text})
    assert response.status_code == 200
    assert titles(response) == []


def test_what_is_typed_is_printed_as_text(client):
    page = client.get("/tim/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_ten_thousand_characters_are_cut(client):
    response = client.get("/tim/", {"q": "a" * 10_000})
    assert response.status_code == 200
    assert "a" * 600 not in response.content.decode()


@pytest.mark.parametrize("rows", [1, 20])
def test_a_search_costs_eight_statements_whatever_it_finds(client, django_assert_num_queries, rows):
    maker = CooperativeFactory()
    ListingFactory.create_batch(rows, cooperative=maker)
    # Categories, facets, listings, two kinds of names; communes by their names now and before; cooperatives.
    with django_assert_num_queries(8):
        client.get("/tim/", {"q": "trung khanh"})
