from datetime import date

import pytest
from wagtail.models import Locale, Page, PageViewRestriction, Site

from catalog.models import Category
from cms.models import CooperativeIndexPage, CooperativePage, HomePage, TextPage
from search.entries import entries
from search.models import NamedEntry
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.places import CommuneFactory, DistrictFactory, ProvinceFactory, SuccessionFactory

TODAY = date(2026, 11, 20)
Kind = NamedEntry.Kind

pytestmark = pytest.mark.django_db


def entry(kind, key=None) -> NamedEntry:
    return next(found for found in entries(kind, on=TODAY) if key in (None, found.object_id))


@pytest.fixture
def home():
    Locale.objects.get_or_create(language_code="vi")
    # The page that Wagtail's migrations make is no page of these tests.
    Page.objects.update(live=False)
    root = Page.add_root(title="Gốc", slug="goc")
    Site.objects.all().delete()
    Site.objects.create(hostname="example.com", root_page=root, is_default_site=True)
    return root


def test_a_commodity_counts_what_is_sold_below_it():
    nuts = CommodityFactory(name="Hạt", aliases="Mác")
    chestnut = CommodityFactory(parent=nuts, name="Dẻ", name_en="Chestnut", aliases="Mác lịch")
    CommodityFactory(name="Mận")
    for _ in range(2):
        ListingFactory(commodity=chestnut)
    assert {(found.label, found.weight) for found in entries(Kind.COMMODITY, on=TODAY)} == {("Hạt", 2), ("Dẻ", 2)}
    found = entry(Kind.COMMODITY, chestnut.pk)
    assert {":e=dẻ", ":g=lịch", ":g:chestnut", ":g=hạt"} <= set(found.terms.split())
    assert found.url == f"/tim/?nong-san={chestnut.pk}"


def test_a_category_without_listings_is_not_named():
    category = Category.add_root(name="Trái cây", slug="trai-cay")
    Category.add_root(name="Thịt", slug="thit")
    ListingFactory(category=category)
    assert [found.label for found in entries(Kind.CATEGORY, on=TODAY)] == ["Trái cây"]
    assert entry(Kind.CATEGORY).url == f"/san-pham/loai/trai-cay_{category.pk}/"


def test_communes_of_today_are_found_by_their_former_names():
    province = ProvinceFactory(short_name="Cao Bằng")
    old = CommuneFactory(short_name="Chí Viễn", parent=DistrictFactory(short_name="Trùng Khánh", parent=province))
    commune = CommuneFactory(is_new=True, name="Xã Đàm Thủy", parent=province)
    SuccessionFactory(predecessor=old, successor=commune)
    assert [found.object_id for found in entries(Kind.COMMUNE, on=TODAY)] == [commune.pk]
    found = entry(Kind.COMMUNE)
    assert (found.label, found.detail) == ("Xã Đàm Thủy", "Tỉnh Cao Bằng")
    assert {":e=xã+đàm+thủy", ":g=chí", ":g=trùng", ":w:bang"} <= set(found.terms.split())


def test_a_cooperative_is_found_by_its_names_and_its_profile(home):
    cooperative = CooperativeFactory(name="Hợp tác xã Xuân Hòa", short_name="HTX Xuân Hòa")
    CooperativeFactory(is_active=False)
    index = home.add_child(instance=CooperativeIndexPage(title="Hợp tác xã", slug="htx"))
    index.add_child(
        instance=CooperativePage(title="Xuân Hòa", slug="xuan-hoa", cooperative=cooperative, tagline="Rượu ngô men lá")
    )
    assert [found.object_id for found in entries(Kind.COOPERATIVE, on=TODAY)] == [cooperative.pk]
    assert {":e=htx+xuân+hòa", ":g=hợp", "ruou"} <= set(entry(Kind.COOPERATIVE).terms.split())


def test_a_profile_that_is_not_public_adds_no_words(home):
    cooperative = CooperativeFactory(name="Hợp tác xã Xuân Hòa", short_name="HTX Xuân Hòa")
    profile = home.add_child(
        instance=CooperativePage(title="Xuân Hòa", slug="xuan-hoa", cooperative=cooperative, tagline="Rượu ngô")
    )
    PageViewRestriction.objects.create(page=profile, restriction_type="login")
    assert "ruou" not in entry(Kind.COOPERATIVE).terms.split()


def test_a_page_whose_address_is_too_long_is_left_out(home):
    parent = home.add_child(instance=TextPage(title="Xa", slug="a" * 200, body="<p>Xa</p>"))
    parent.add_child(instance=TextPage(title="Xa hơn", slug="b" * 200, body="<p>Xa</p>"))
    assert [found.object_id for found in entries(Kind.PAGE, on=TODAY)] == [parent.pk]


def test_the_front_page_is_no_answer(home):
    home.add_child(instance=HomePage(title="Chợ Liên Kết", slug="cho", headline="Hạt dẻ, miến dong"))
    assert list(entries(Kind.PAGE, on=TODAY)) == []


def test_public_pages_are_found_by_what_is_written_in_them(home):
    page = home.add_child(
        instance=TextPage(title="Giới thiệu", slug="gioi-thieu", body="<p>Chợ của <b>nông dân</b></p>")
    )
    closed = home.add_child(instance=TextPage(title="Nội bộ", slug="noi-bo", body="<p>Riêng</p>"))
    PageViewRestriction.objects.create(page=closed, restriction_type="login")
    home.add_child(instance=TextPage(title="Nháp", slug="nhap", body="<p>Nháp</p>", live=False))
    assert [found.object_id for found in entries(Kind.PAGE, on=TODAY)] == [page.pk]
    assert entry(Kind.PAGE).url == "/gioi-thieu/"
    assert {":e=giới+thiệu", "nong", "dan"} <= set(entry(Kind.PAGE).terms.split())
