"""Lists of listings: what a visitor sees, what a choice leaves, and what it costs."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.cards import cards
from catalog.choices import Choice, Facet, Sort
from catalog.models import Category
from catalog.selectors import card_rows, listing_page, public_categories, public_listings
from marketplace.common.dates import local_day
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import PUBLISHED_AT, ListingFactory

pytestmark = pytest.mark.django_db

INDEX = "/san-pham/"


def titles(response) -> list[str]:
    return re.findall(r'<h3 class="card__title"><a href="[^"]*">([^<]*)</a>', response.content.decode())


def found(choice: Choice, month: int = 11):
    return listing_page(choice=choice, month=month, categories=public_categories())


def test_a_list_shows_price_maker_place_and_what_is_left(client):
    maker = CooperativeFactory(short_name="HTX Phia Đén")
    ListingFactory(title="Miến dong", cooperative=maker, price_per_unit=60_000, stock=Decimal("12.5"))
    page = client.get(INDEX).content.decode()
    assert "60.000\u00a0₫<small>/kg</small>" in page
    assert f"HTX Phia Đén · {maker.communes.get().unit.name}" in page
    assert "12,5 kg" in page


def test_a_card_leads_to_the_listing():
    listing = ListingFactory()
    [card] = cards(card_rows(public_listings()), today=date(2026, 1, 20))
    assert card["url"] == listing.get_absolute_url()


def test_what_is_not_on_sale_is_not_listed(client):
    ListingFactory(title="Hạt dẻ", is_public=False, state="draft")
    response = client.get(INDEX)
    assert titles(response) == []
    assert "empty" in response.content.decode()


def test_allocated_stock_is_not_promised_twice(client):
    listing = ListingFactory(stock=10)
    listing.stockrecords.update(num_allocated=20)
    page = client.get(INDEX).content.decode()
    assert "card--out" in page


def test_newest_first_unless_another_order_is_asked_for(client):
    ListingFactory(title="Cũ", price_per_unit=10_000, published_at=PUBLISHED_AT)
    ListingFactory(title="Mới", price_per_unit=30_000, published_at=PUBLISHED_AT + timedelta(days=1))
    assert titles(client.get(INDEX)) == ["Mới", "Cũ"]
    assert titles(client.get(INDEX, {"xep": "gia"})) == ["Cũ", "Mới"]
    assert titles(client.get(INDEX, {"xep": "gia-giam"})) == ["Mới", "Cũ"]
    assert titles(client.get(INDEX, {"xep": "la-gi"})) == ["Mới", "Cũ"]


def test_a_facet_joins_its_own_values_and_narrows_by_the_others():
    here, there = CooperativeFactory(), CooperativeFactory()
    ListingFactory.create_batch(2, cooperative=here)
    ListingFactory(cooperative=there)
    both = found(Choice(cooperative=frozenset({here.pk, there.pk})))
    assert both.total == 3
    commune = there.communes.get().unit_id
    assert found(Choice(cooperative=frozenset({here.pk}), commune=frozenset({commune}))).total == 0


def test_the_counts_of_a_facet_ignore_its_own_selection():
    here, there = CooperativeFactory(), CooperativeFactory()
    ListingFactory.create_batch(2, cooperative=here)
    ListingFactory(cooperative=there)
    page = found(Choice(cooperative=frozenset({there.pk})))
    assert page.total == 1
    assert [(value.key, value.count) for value in page.facets[Facet.COOPERATIVE]] == [(here.pk, 2), (there.pk, 1)]
    assert [value.count for value in page.facets[Facet.COMMUNE]] == [1]


def test_a_selected_value_without_listings_stays_to_be_dropped():
    ListingFactory()
    empty = CooperativeFactory()
    page = found(Choice(cooperative=frozenset({empty.pk})))
    assert page.total == 0
    assert (empty.pk, 0) in [(value.key, value.count) for value in page.facets[Facet.COOPERATIVE]]


def test_in_season_means_this_month_in_viet_nam():
    ListingFactory(title="Tháng mười một", season_months=1 << 10)
    ListingFactory(title="Tháng hai", season_months=1 << 1)
    rows = found(Choice(in_season=True), month=11).rows
    assert [row[2] for row in rows] == ["Tháng mười một"]


def test_a_category_shows_its_own_and_those_below(client):
    fruit = Category.add_root(name="Trái cây", slug="trai-cay", code="fruit")
    plums = fruit.add_child(name="Mận", slug="man", code="plum")
    other = Category.add_root(name="Gạo", slug="gao", code="rice")
    ListingFactory(title="Mận", category=plums)
    ListingFactory(title="Gạo", category=other)
    assert titles(client.get(reverse("catalogue:category", args=["trai-cay", fruit.pk]))) == ["Mận"]


def test_a_category_under_another_name_leads_to_its_address(client):
    fruit = Category.add_root(name="Trái cây", slug="trai-cay", code="fruit")
    response = client.get(reverse("catalogue:category", args=["qua", fruit.pk]))
    assert response.status_code == 301
    assert response.url == reverse("catalogue:category", args=["trai-cay", fruit.pk])


def test_there_is_no_page_of_an_unknown_category(client):
    assert client.get("/san-pham/loai/x_9/").status_code == 404


def test_a_page_beyond_the_last_is_the_last(client):
    ListingFactory.create_batch(25)
    assert len(titles(client.get(INDEX, {"trang": "2"}))) == 1
    assert len(titles(client.get(INDEX, {"trang": "900"}))) == 1


@pytest.mark.parametrize(
    "query",
    [
        "trang=-1",
        "trang=1,5",
        "trang=" + "9" * 40,
        "loai=abc",
        "xa=" + "9" * 40,
        "htx=%00",
        "mua=2",
        "trang=²",
    ],
)
def test_what_is_malformed_in_an_address_is_left_out(client, query):
    ListingFactory(title="Hạt dẻ")
    assert titles(client.get(f"{INDEX}?{query}")) == ["Hạt dẻ"]


def test_an_address_with_thousands_of_values_makes_no_page_of_megabytes(client):
    ListingFactory()
    query = "&".join(f"xa={key}" for key in range(1, 1500))
    assert len(client.get(f"{INDEX}?{query}").content) < 60_000


def test_one_choice_has_one_address():
    choice = Choice(commune=frozenset({7, 3}), in_season=True, sort=Sort.CHEAPEST, page=2)
    assert choice.query_string() == "?xa=3&xa=7&mua=1&xep=gia&trang=2"
    assert choice.toggled(Facet.COMMUNE, 3).query_string() == "?xa=7&mua=1&xep=gia"
    assert Choice().query_string() == ""


def test_a_filtered_list_is_not_for_search_engines(client):
    ListingFactory()
    assert "noindex" in client.get(INDEX, {"mua": "1"}).content.decode()
    assert "noindex" not in client.get(INDEX).content.decode()


def test_a_title_is_text_wherever_it_is_printed(client):
    listing = ListingFactory(title="<script>alert(1)</script>", slug="x")
    for address in (INDEX, listing.get_absolute_url(), "/tim/?q=script"):
        assert "<script>alert(1)" not in client.get(address).content.decode()


@pytest.mark.parametrize("rows", [2, 24])
def test_a_list_costs_at_most_five_statements_whatever_its_length(client, django_assert_num_queries, rows):
    fruit = Category.add_root(name="Trái cây", slug="trai-cay", code="fruit")
    for maker in CooperativeFactory.create_batch(2):
        ListingFactory.create_batch(rows // 2, cooperative=maker, category=fruit)
    # Categories, the facet of categories, listings.
    with django_assert_num_queries(3):
        client.get(INDEX)
    # As above; and, once narrowed, the names of communes and of cooperatives.
    with django_assert_num_queries(5):
        client.get(INDEX, {"loai": fruit.pk})
    with django_assert_num_queries(5):
        client.get(reverse("catalogue:category", args=["trai-cay", fruit.pk]))


def test_the_season_of_a_card_is_that_of_today(client):
    month = local_day(timezone.now()).month
    ListingFactory(title="Đang mùa", season_months=1 << (month - 1))
    ListingFactory(title="Quanh năm", season_months=0b1111_1111_1111)
    page = client.get(INDEX).content.decode()
    assert page.count("tag--season") == 1
