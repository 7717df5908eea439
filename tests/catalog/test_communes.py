"""Pages of communes, former districts and cooperatives."""

import pytest
from django.urls import reverse

from catalog.communes import communes_with_trade, key_products_of, sellers_from, was
from cms.services import create_profile, ensure_site
from cooperatives.models import CooperativeCommune
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.linkage import KeyProductFactory
from tests.factories.listings import ListingFactory
from tests.factories.places import RESTRUCTURED_ON, CommuneFactory, DistrictFactory, ProvinceFactory, SuccessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def province():
    return ProvinceFactory()


@pytest.fixture
def old(province):
    return CommuneFactory(short_name="Chí Viễn", parent=DistrictFactory(short_name="Trùng Khánh", parent=province))


@pytest.fixture
def new(province, old):
    unit = CommuneFactory(short_name="Đàm Thủy", is_new=True, parent=province)
    SuccessionFactory(predecessor=old, successor=unit)
    return unit


def test_a_commune_shows_its_goods_and_makers(client, new):
    maker = CooperativeFactory(short_name="HTX Bản Giốc", home=new)
    ListingFactory(title="Hạt dẻ", cooperative=maker)
    ListingFactory(title="Của nơi khác")
    page = client.get(new.get_absolute_url()).content.decode()
    assert "Hạt dẻ" in page
    assert "HTX Bản Giốc" in page
    assert "Của nơi khác" not in page


def test_a_key_product_decided_for_a_former_commune_is_that_of_its_successor(new, old):
    row = KeyProductFactory(unit=old)
    [entry] = key_products_of(new, former=was(new), on=RESTRUCTURED_ON, sellers={})
    assert entry.name == row.commodity.name
    assert entry.decision.endswith(old.name)


def test_a_key_product_whose_time_is_over_is_not_shown(new):
    KeyProductFactory(unit=new, valid_to=RESTRUCTURED_ON)
    assert key_products_of(new, former=was(new), on=RESTRUCTURED_ON, sellers={}) == []


def test_who_sells_a_child_of_a_key_product_sells_the_key_product(new):
    chestnut = CommodityFactory()
    roasted = CommodityFactory(parent=chestnut)
    KeyProductFactory(unit=new, commodity=chestnut)
    maker = CooperativeFactory(home=new)
    ListingFactory(cooperative=maker, commodity=roasted)
    [entry] = key_products_of(new, former=was(new), on=RESTRUCTURED_ON, sellers=sellers_from(new))
    assert [seller.name for seller in entry.sellers] == [maker.short_name]


def test_a_commune_tells_what_it_was(client, new, old):
    page = client.get(new.get_absolute_url()).content.decode()
    assert old.get_absolute_url() in page
    assert old.parent.name in page
    assert "01/07/2025" in page


def test_a_former_commune_leads_to_what_it_became(client, new, old):
    page = client.get(old.get_absolute_url()).content.decode()
    assert new.get_absolute_url() in page


def test_a_former_commune_is_shown_as_on_its_last_day(client, new, old):
    row = KeyProductFactory(unit=old, valid_to=RESTRUCTURED_ON)
    assert row.commodity.name in client.get(old.get_absolute_url()).content.decode()


def test_a_cooperative_of_a_former_commune_is_one_of_its_successor(client, new, old):
    maker = CooperativeFactory(short_name="HTX Cũ", home=old)
    assert maker.short_name in client.get(new.get_absolute_url()).content.decode()


def test_a_former_district_lists_its_communes_and_what_they_became(client, new, old):
    page = client.get(old.parent.get_absolute_url()).content.decode()
    assert old.name in page
    assert new.name in page


def test_a_unit_under_another_name_leads_to_its_address(client, new):
    response = client.get(f"/xa/xa-gi-do-{new.code}-20250701/")
    assert (response.status_code, response.url) == (301, new.get_absolute_url())


@pytest.mark.parametrize("slug", ["abc", "xa-99999-20250701", "xa-01501-20259999"])
def test_an_unknown_unit_is_not_found(client, slug):
    assert client.get(f"/xa/{slug}/").status_code == 404


def test_a_district_is_not_found_among_communes(client, old):
    assert client.get(f"/xa/{old.parent.slug}/").status_code == 404


def test_without_scripts_the_coverage_of_a_commune_is_its_evidence(client, new):
    response = client.get(reverse("places:coverage_status", args=[new.slug]))
    assert (response.status_code, response.url) == (302, reverse("indicators:unit", args=[new.slug]))


def test_communes_that_sell_most_come_first(new):
    maker = CooperativeFactory(home=new)
    ListingFactory.create_batch(2, cooperative=maker)
    ListingFactory()
    assert next((entry.unit, entry.listings) for entry in communes_with_trade(on=RESTRUCTURED_ON)) == (new, 2)


@pytest.mark.parametrize("rows", [2, 20])
def test_a_commune_costs_seven_statements_whatever_it_sells(client, django_assert_num_queries, new, rows):
    maker = CooperativeFactory(home=new)
    ListingFactory.create_batch(rows, cooperative=maker)
    # The unit, how many listings, the listings, who sells what, key products, cooperatives, what it was.
    with django_assert_num_queries(7):
        client.get(new.get_absolute_url())


@pytest.mark.parametrize("rows", [2, 20])
def test_a_cooperative_costs_seven_statements_whatever_it_sells(client, django_assert_num_queries, new, old, rows):
    ensure_site()
    maker = CooperativeFactory(home=old)
    create_profile(cooperative=maker)
    ListingFactory.create_batch(rows, cooperative=maker)
    client.get(maker.get_absolute_url())
    # The page, Wagtail's aliases and restrictions, the state, the listings, communes served, their successors; one more
    # each where it has recognitions or certificates.
    with django_assert_num_queries(7):
        client.get(maker.get_absolute_url())


def test_a_cooperative_shows_who_it_is_and_where_it_works_today(client, new, old):
    ensure_site()
    maker = CooperativeFactory(home=old, name="Hợp tác xã Bản Giốc", registration_number="4800000007")
    CooperativeCommune.objects.create(cooperative=maker, unit=new, role="operating", valid_from=RESTRUCTURED_ON)
    create_profile(cooperative=maker)
    page = client.get(maker.get_absolute_url()).content.decode()
    assert "Hợp tác xã Bản Giốc" in page
    assert "4800000007" in page
    assert new.name in page
    assert old.name not in page


def test_the_list_of_cooperatives_names_what_each_sells(client, new):
    ensure_site()
    maker = CooperativeFactory(short_name="HTX Bản Giốc", home=new)
    CooperativeFactory(short_name="HTX Đã nghỉ", is_active=False)
    listing = ListingFactory(cooperative=maker)
    page = client.get("/htx/").content.decode()
    assert "HTX Bản Giốc" in page
    assert listing.commodity.name in page
    assert "HTX Đã nghỉ" not in page


def test_the_front_page_shows_what_is_on_sale(client, new):
    ensure_site()
    ListingFactory(title="Hạt dẻ rang", cooperative=CooperativeFactory(home=new))
    page = client.get("/").content.decode()
    assert "Hạt dẻ rang" in page
    assert new.name in page
