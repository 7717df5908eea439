"""The page of a listing."""

import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import ProductImage
from catalog.services import pause_listing
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory

pytestmark = pytest.mark.django_db


def structured(page: str) -> list[dict]:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])


def test_it_names_price_step_maker_and_commune(client):
    listing = ListingFactory(title="Hạt dẻ", price_per_unit=120_000, step=Decimal("0.5"), stock=7)
    page = client.get(listing.get_absolute_url()).content.decode()
    assert "<h1>Hạt dẻ</h1>" in page
    assert "120.000\u00a0₫<small>/kg</small>" in page
    assert listing.cooperative.short_name in page
    assert listing.commune.get_absolute_url() in page
    assert 'data-step="0.500"' in page
    assert 'value="0,5"' in page


def test_it_tells_search_engines_the_price_of_a_unit(client):
    listing = ListingFactory(title="Dẻ </script><b>", slug="de", price_per_unit=120_000)
    [product, crumbs] = structured(client.get(listing.get_absolute_url()).content.decode())
    assert product["name"] == "Dẻ </script><b>"
    assert product["offers"]["price"] == 120_000
    assert product["offers"]["priceCurrency"] == "VND"
    assert product["offers"]["availability"] == "https://schema.org/InStock"
    assert [item["position"] for item in crumbs["itemListElement"]] == [1, 2]


def test_what_is_sold_out_says_so_and_cannot_be_put_into_the_basket(client):
    listing = ListingFactory(stock=0)
    page = client.get(listing.get_absolute_url()).content.decode()
    assert "data-stepper" not in page
    assert structured(page)[0]["offers"]["availability"] == "https://schema.org/OutOfStock"


def test_a_former_address_leads_to_the_present_one(client):
    listing = ListingFactory()
    response = client.get(f"/san-pham/ten-cu_{listing.pk}/")
    assert (response.status_code, response.url) == (301, listing.get_absolute_url())


def test_a_paused_listing_is_not_found(client):
    listing = ListingFactory()
    pause_listing(listing=listing, by=None, now=timezone.now())
    assert client.get(listing.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("key", ["0", "999999", "9" * 40])
def test_an_unknown_listing_is_not_found(client, key):
    assert client.get(f"/san-pham/hat-de_{key}/").status_code == 404


def test_what_a_seller_wrote_runs_nothing(client):
    listing = ListingFactory(description='<p onclick="x()">Ngon</p><script>alert(1)</script><img src=x onerror=y>')
    page = client.get(listing.get_absolute_url()).content.decode()
    assert "<p>Ngon</p>" in page
    assert "alert(1)" not in page
    assert "onerror" not in page


def test_photos_come_in_two_formats_with_their_size(client):
    listing = ListingFactory()
    ProductImage.objects.create(
        product=listing, original="l/a.jpg", stem="l/a", width=1200, height=900, colour="#aabbcc"
    )
    page = client.get(listing.get_absolute_url()).content.decode()
    assert 'type="image/avif"' in page
    assert 'type="image/webp"' in page
    assert 'width="1200" height="900"' in page
    assert 'content="http://testserver/media/l/a.jpg"' in page


def test_other_goods_of_the_maker_stand_below(client):
    maker = CooperativeFactory()
    listing, other = ListingFactory(cooperative=maker), ListingFactory(cooperative=maker, title="Miến dong")
    stranger = ListingFactory(title="Của người khác")
    page = client.get(listing.get_absolute_url()).content.decode()
    assert other.title in page
    assert stranger.title not in page


@pytest.mark.parametrize("others", [0, 6])
def test_it_costs_four_statements_and_writes_nothing(client, others):
    maker = CooperativeFactory()
    listing = ListingFactory(cooperative=maker)
    ListingFactory.create_batch(others, cooperative=maker)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(listing.get_absolute_url())
    # The listing with its relations and stock, its photos, the certificates, other goods of the maker.
    assert len(queries) == 4
    assert all(query["sql"].startswith("SELECT") for query in queries)


def test_goods_that_are_not_harvested_yet_say_from_when_on_they_are_sent(client):
    today = timezone.localdate()
    later, past = (ListingFactory(harvest_on=today + timedelta(days=days)) for days in (30, -30))
    day = f"{later.harvest_on:%d/%m/%Y}"
    assert day in client.get(later.get_absolute_url()).content.decode()
    assert f"{past.harvest_on:%d/%m/%Y}" not in client.get(past.get_absolute_url()).content.decode()
