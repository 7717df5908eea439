from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from cooperatives.certificates.models import Certificate
from search import documents
from search.documents import comparable_price, listing_documents, season_flips_on
from search.facets import SCHEMES
from search.quality import HAS_CERTIFICATE, IN_SEASON, IN_STOCK
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import HOUR, PLACED_AT, ParcelFactory
from tests.factories.places import CommuneFactory, DistrictFactory, ProvinceFactory, SuccessionFactory

TODAY = date(2026, 11, 20)

pytestmark = pytest.mark.django_db


def document_of(listing, today=TODAY):
    return listing_documents([listing.pk], today=today)[listing.pk]


def words_of(listing):
    return set(document_of(listing).terms.split())


def test_listings_that_nobody_may_see_have_no_document():
    hidden = ListingFactory(is_public=False, state="draft")
    assert listing_documents([hidden.pk, 10**9], today=TODAY) == {}


def test_title_goods_and_maker_are_words_of_the_document():
    parent = CommodityFactory(name="Hạt", name_en="Nut")
    commodity = CommodityFactory(parent=parent, name="Dẻ", aliases="Mác lịch\nCooc lịch")
    cooperative = CooperativeFactory(name="Hợp tác xã Xuân Hòa", short_name="HTX Xuân Hòa")
    listing = ListingFactory(
        title="Dẻ rang", commodity=commodity, cooperative=cooperative, description="<p>Bùi &amp; <b>thơm</b></p>"
    )
    found = words_of(listing)
    assert {
        ":t=dẻ",
        ":e=dẻ+rang",
        ":g=hạt",
        ":g:nut",
        ":g=mác",
        ":g:cooc",
        ":w:xuan",
        ":p=xuân",
        "bui",
        "thom",
    } <= found
    assert "b" not in found


def test_origin_is_found_by_its_province_and_by_all_former_names():
    province = ProvinceFactory(short_name="Cao Bằng")
    district = DistrictFactory(short_name="Trùng Khánh", parent=province)
    old = CommuneFactory(short_name="Chí Viễn", parent=district)
    commune = CommuneFactory(is_new=True, short_name="Đàm Thủy", parent=province)
    SuccessionFactory(predecessor=old, successor=commune)
    found = words_of(ListingFactory(title="Lê", cooperative=CooperativeFactory(home=commune)))
    assert {":w:dam", ":p=thủy", ":w:bang", ":w:vien", ":p=chí", ":w:khanh", ":p=trùng"} <= found


@pytest.mark.parametrize(
    ("price", "unit", "weight", "expected"),
    [
        (120_000, "kg", None, 120_000),
        (45, "g", None, 45_000),
        (20_000_000, "tonne", None, 20_000),
        (50_000, "pack", Decimal("0.3"), 166_667),
        (50_000, "pack", None, 50_000),
        (90_000, "litre", None, 90_000),
    ],
)
def test_prices_are_compared_by_the_kilogram_where_the_weight_is_known(price, unit, weight, expected):
    assert comparable_price(Decimal(price), unit, weight) == expected


@pytest.mark.parametrize(
    ("months", "today", "expected"),
    [
        (range(1, 13), date(2026, 11, 20), None),
        ([11, 12, 1], date(2026, 11, 20), date(2027, 2, 1)),
        ([9, 10, 11], date(2026, 11, 20), date(2026, 12, 1)),
        ([3], date(2026, 11, 20), date(2027, 3, 1)),
        ([12], date(2026, 11, 20), date(2026, 12, 1)),
    ],
)
def test_the_season_turns_on_the_first_of_a_month(months, today, expected):
    assert season_flips_on(sum(1 << month - 1 for month in months), today) == expected


def test_stock_and_season_count_for_quality():
    sold_out = document_of(ListingFactory(stock=0))
    in_stock = document_of(ListingFactory(season_months=1 << 10))
    out_of_season = document_of(ListingFactory(season_months=1))
    assert (sold_out.is_in_stock, in_stock.is_in_stock) == (False, True)
    assert in_stock.quality - sold_out.quality == IN_STOCK
    assert in_stock.quality - out_of_season.quality == IN_SEASON
    assert out_of_season.stale_on == date(2027, 1, 1)


def test_a_certificate_is_a_bit_and_words_until_the_day_it_ends():
    listing = ListingFactory()
    plain = document_of(listing)
    Certificate.objects.create(
        cooperative=listing.cooperative, scheme="vietgap", number="VG-1", issuer="QUACERT",
        issued_on=date(2026, 1, 1), valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 1),
    )  # fmt: skip
    certified = document_of(listing)
    assert certified.certificates == 1 << SCHEMES.index("vietgap")
    assert "vietgap" in certified.terms.split()
    assert certified.quality - plain.quality == HAS_CERTIFICATE
    assert certified.stale_on == date(2026, 12, 1)
    assert document_of(listing, date(2026, 12, 1)).certificates == 0


def test_every_scheme_has_its_number():
    assert set(SCHEMES) == set(Certificate.Scheme.values)


def test_a_delivery_counts_for_thirty_days():
    parcel = ParcelFactory(status="delivered")
    listing = parcel.lines.get().product
    day = (PLACED_AT + 4 * HOUR).date()
    document = document_of(listing, day)
    assert document.stale_on == date(2026, 12, 20)
    assert document.quality - document_of(listing, document.stale_on).quality == 40


def test_many_listings_cost_the_queries_of_one(django_assert_max_num_queries):
    listings = [ListingFactory() for _ in range(3)]
    with django_assert_max_num_queries(16) as one:
        listing_documents([listings[0].pk], today=TODAY)
    with django_assert_max_num_queries(len(one)):
        assert len(listing_documents([listing.pk for listing in listings], today=TODAY)) == 3


def test_what_looks_like_a_tag_is_no_word():
    assert documents.plain_text("<p>Gạo &lt;nếp&gt;</p><p>thơm</p>") == "Gạo <nếp>  thơm"


def test_the_moment_of_publication_is_seconds():
    moment = datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=UTC)
    assert document_of(ListingFactory(published_at=moment)).published == 1_772_600_767
