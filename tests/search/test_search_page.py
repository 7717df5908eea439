"""The search page."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from search.models import IndexState
from search.planning import tiers
from search.quality import PARTS
from search.terms import query_words
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory, ZoneFactory
from tests.factories.listings import ListingFactory
from tests.factories.places import CommuneFactory, DistrictFactory, ProvinceFactory, SuccessionFactory
from tests.search.shelf import index_all

pytestmark = pytest.mark.django_db

AROUND = {"latitude": 22.67, "longitude": 106.26}


def titles(response) -> list[str]:
    assert response.status_code == 200
    return re.findall(r'<h3 class="card__title"><a href="[^"]*">([^<]*)</a>', response.content.decode())


def found(client, **question) -> list[str]:
    """Titles of the listings that answer the question, not those of the season below an empty answer."""
    response = client.get("/tim/", question)
    return [] if 'class="empty"' in response.content.decode() else titles(response)


def links(response) -> dict[str, str]:
    """Addresses by what their links say."""
    pairs = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', response.content.decode(), re.DOTALL)
    return {" ".join(re.sub(r"<[^>]+>", " ", words).split()): unescape(url) for url, words in pairs}


def commune(**changes):
    return CommuneFactory(is_new=True, **({"parent": ProvinceFactory()} if "parent" not in changes else {}), **changes)


class TestWords:
    @pytest.mark.parametrize(
        "text", ["miến dong", "mien dong", "MIÊN DÒNG", "dong  mien", "mien+dong", '"miến" AND dong*']
    )
    def test_marks_case_order_and_signs_do_not_matter(self, client, text):
        ListingFactory(title="Miến dong and Phia Đén")
        ListingFactory(title="Hạt dẻ")
        index_all()
        assert found(client, q=text) == ["Miến dong and Phia Đén"]

    def test_every_word_must_be_found(self, client):
        ListingFactory(title="Miến dong")
        index_all()
        assert found(client, q="miến gạo zzzz", dung=1) == []

    def test_titles_that_have_the_words_come_before_the_rest(self, client):
        maker = CooperativeFactory(name="Hợp tác xã Miến dong", short_name="HTX Miến dong")
        ListingFactory(title="Chè", cooperative=maker)
        ListingFactory(title="Miến dong", cooperative=maker)
        index_all()
        assert found(client, q="mien") == ["Miến dong", "Chè"]

    def test_a_word_with_one_typo_is_corrected_and_says_so(self, client):
        ListingFactory(title="Miến dong")
        index_all()
        response = client.get("/tim/", {"q": "mien dogn", "mua": "1"})
        assert titles(response) == ["Miến dong"]
        exact = unescape(re.search(r'href="([^"]*dung=1[^"]*)"[^>]*>mien dogn</a>', response.content.decode())[1])
        assert exact == "/tim/?q=mien+dogn&dung=1&mua=1"
        assert found(client, q="mien dogn", dung=1) == []

    def test_what_is_typed_is_printed_as_text(self, client):
        ListingFactory()
        index_all()
        page = client.get("/tim/", {"q": "<script>alert(1)</script>"}).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


class TestNames:
    def test_cooperatives_and_communes_of_the_name_stand_above(self, client):
        maker = CooperativeFactory(name="Hợp tác xã Đường phên", short_name="HTX Bó Tờ")
        unit = commune(short_name="Phục Hòa")
        index_all()
        assert links(client.get("/tim/", {"q": "duong phen"}))["HTX Bó Tờ"] == maker.get_absolute_url()
        assert unit.get_absolute_url() in client.get("/tim/", {"q": "phuc hoa"}).content.decode()

    def test_a_commune_is_found_by_its_former_name_which_is_said(self, client):
        succession = SuccessionFactory(predecessor__short_name="Chí Viễn")
        index_all()
        page = client.get("/tim/", {"q": "chi vien"}).content.decode()
        assert succession.successor.get_absolute_url() in page
        assert "Xa Chí Viễn" in page

    def test_a_former_district_leads_to_the_goods_of_its_area(self, client):
        district = DistrictFactory(name="Huyện Quảng Uyên", short_name="Quảng Uyên")
        succession = SuccessionFactory(predecessor=CommuneFactory(parent=district))
        ListingFactory(title="Trong", commune=succession.successor)
        ListingFactory(title="Ngoài")
        index_all()
        address = links(client.get("/tim/", {"q": "quang uyen"}))["Huyện Quảng Uyên"]
        assert titles(client.get(address)) == ["Trong"]

    def test_their_addresses_are_of_the_language_of_the_page(self, client):
        address = commune(short_name="Phục Hòa").get_absolute_url()
        index_all()
        page = client.get("/en/tim/", {"q": "phuc hoa"}).content.decode()
        assert f'href="/en{address}"' in page


class TestFacets:
    def test_each_counts_what_choosing_it_would_show_and_ignores_its_own_choice(self, client):
        first, second = CooperativeFactory(short_name="HTX Một"), CooperativeFactory(short_name="HTX Hai")
        ListingFactory(title="Chè xanh", cooperative=first)
        ListingFactory(title="Chè đen", cooperative=first)
        ListingFactory(title="Chè lam", cooperative=second)
        index_all()
        response = client.get("/tim/", {"q": "che"})
        assert {"HTX Một 2", "HTX Hai 1"} <= set(links(response))
        chosen = client.get(links(response)["HTX Hai 1"])
        assert titles(chosen) == ["Chè lam"]
        assert {"HTX Một 2", "HTX Hai 1"} <= set(links(chosen))
        both = client.get(links(chosen)["HTX Một 2"])
        assert len(titles(both)) == 3

    def test_a_wider_commodity_finds_what_is_below_it_and_counts_it(self, client):
        nuts = CommodityFactory(name="Quả hạch")
        ListingFactory(title="Hạt dẻ", commodity=CommodityFactory(name="Hạt dẻ", parent=nuts))
        ListingFactory(title="Chè")
        index_all()
        response = client.get("/tim/", {"nong-san": nuts.pk})
        assert titles(response) == ["Hạt dẻ"]
        assert "Quả hạch 1" in links(response)

    def test_what_is_chosen_can_be_dropped(self, client):
        listing = ListingFactory(title="Chè", commune=commune(name="Xã Phục Hòa"))
        index_all()
        response = client.get(
            "/tim/", {"q": "che", "xa": listing.commune_id, "tu": "50.000", "den": "200000", "con": 1, "gia": 2}
        )
        assert titles(response) == ["Chè"]
        dropped = {url for words, url in links(response).items() if words.startswith(("Bỏ:", "Drop:"))}
        assert len(dropped) == 4
        assert f"/tim/?q=che&xa={listing.commune_id}&gia=2&con=1" in dropped

    def test_long_ones_are_folded_and_very_long_ones_have_a_page(self, client):
        for _ in range(12):
            ListingFactory(title="Chè")
        index_all()
        page = client.get("/tim/", {"q": "che"}).content.decode()
        assert page.count('<details class="facet__more">') == 3
        assert "mo=htx" not in page
        for _ in range(30):
            ListingFactory(title="Chè")
        index_all()
        page = client.get("/tim/", {"q": "che"}).content.decode()
        opened = client.get("/tim/", {"q": "che", "mo": "htx"}).content.decode()
        assert "/tim/?q=che&amp;mo=htx#htx" in page
        assert opened.count("htx=") - page.count("htx=") > 30

    @pytest.mark.parametrize(
        "address",
        [
            "xa=999999999",
            "sao=9",
            "chung-nhan=77",
            "gia=-1",
            "khong=1&loai=x",
            "cu=999999999",
            "giao=999999999",
            "gan-xa=999999999",
        ],
    )
    def test_those_that_do_not_exist_do_no_harm(self, client, address):
        ListingFactory(title="Chè")
        index_all()
        assert client.get(f"/tim/?q=che&{address}").status_code == 200


class TestPriceSeasonAndStock:
    def test_a_range_of_prices_is_taken_as_people_write_it(self, client):
        ListingFactory(title="Rẻ", price_per_unit=40_000)
        ListingFactory(title="Vừa", price_per_unit=50_000)
        ListingFactory(title="Đắt", price_per_unit=900_000)
        index_all()
        assert found(client, tu="50.000", den="100.000 ₫") == ["Vừa"]
        assert found(client, den="50000", xep="dat") == ["Vừa", "Rẻ"]
        page = client.get("/tim/", {"tu": "50.000"}).content.decode()
        assert 'name="tu" value="50.000"' in page

    def test_only_what_is_in_stock(self, client):
        ListingFactory(title="Còn")
        ListingFactory(title="Hết", stock=0)
        index_all()
        assert found(client, con=1) == ["Còn"]

    @pytest.mark.parametrize(("order", "shown"), [("re", ["Rẻ", "Đắt"]), ("dat", ["Đắt", "Rẻ"])])
    def test_orders_by_price(self, client, order, shown):
        ListingFactory(title="Đắt", price_per_unit=900_000)
        ListingFactory(title="Rẻ", price_per_unit=40_000)
        index_all()
        assert found(client, con=1, xep=order) == shown


class TestPlaces:
    def test_near_a_commune_says_how_far_and_puts_the_nearest_first(self, client):
        here = commune(name="Xã Đàm Thủy", short_name="Đàm Thủy", **AROUND)
        for title, latitude in (("Xa", 22.9), ("Gần", 22.7), ("Rất xa", 23.9)):
            ListingFactory(title=title, commune=commune(latitude=latitude, longitude=106.26))
        index_all()
        response = client.get("/tim/", {"gan-ten": "dam thuy", "km": 50}, follow=True)
        assert response.redirect_chain == [(f"/tim/?gan-xa={here.pk}&xep=gan", 302)]
        assert titles(response) == ["Gần", "Xa"]
        assert "· 3 km" in response.content.decode()
        by_position = client.get("/tim/", {"gan": "22.67,106.26", "xep": "gan"})
        assert titles(by_position) == ["Gần", "Xa"]

    def test_of_several_communes_of_a_name_one_is_chosen(self, client):
        first, second = (
            commune(name="Xã Hòa An", short_name="Hòa An"),
            commune(name="Phường Hòa An", short_name="Hòa An"),
        )
        response = client.get("/tim/", {"q": "che", "giao-ten": "hoa an"})
        addresses = set(links(response).values())
        assert {f"/tim/?q=che&giao={unit.pk}" for unit in (first, second)} <= addresses

    def test_an_unknown_commune_is_said_to_be_so(self, client):
        ListingFactory(title="Chè")
        index_all()
        response = client.get("/tim/", {"q": "che", "giao-ten": "zzzz"})
        assert titles(response) == ["Chè"]
        assert "“zzzz”" in response.content.decode()

    def test_who_delivers_to_my_commune(self, client):
        mine, other = commune(), commune()
        for title, unit in (("Tới", mine), ("Không tới", other)):
            maker = CooperativeFactory(delivery_charge=False)
            ZoneFactory(method__cooperative=maker, areas=[unit])
            ListingFactory(title=title, cooperative=maker)
        index_all()
        assert found(client, giao=mine.pk) == ["Tới"]

    def test_the_area_of_a_former_district(self, client):
        district = DistrictFactory(name="Huyện Trùng Khánh")
        succession = SuccessionFactory(predecessor=CommuneFactory(parent=district))
        ListingFactory(title="Trong", commune=succession.successor)
        ListingFactory(title="Ngoài")
        index_all()
        response = client.get("/tim/", {"cu": district.pk})
        assert titles(response) == ["Trong"]
        assert "Huyện Trùng Khánh" in response.content.decode()

    @pytest.mark.parametrize("point", ["0,0", "nan,nan", "1e999,1", "22.6657", "abc", "91,181"])
    def test_a_position_off_the_map_gets_a_clear_message(self, client, point):
        ListingFactory(title="Chè")
        index_all()
        response = client.get("/tim/", {"q": "che", "gan": point})
        assert titles(response) == ["Chè"]
        assert 'class="message message--warning"' in response.content.decode()


class TestNothingFound:
    def test_it_says_what_a_wider_question_finds(self, client):
        ListingFactory(title="Chè")
        index_all()
        response = client.get("/tim/", {"q": "che", "sao": 5, "tu": 999_999_999})
        wider = {words: url for words, url in links(response).items() if words.endswith(" 1")}
        assert list(wider.values()) == ["/tim/?q=che"]
        assert titles(client.get(wider.popitem()[1])) == ["Chè"]

    def test_it_shows_what_is_in_season_and_all_goods(self, client):
        ListingFactory(title="Chè", season_months=0b1111_1111_1110)
        index_all()
        page = client.get("/tim/", {"q": "zzzzzz"}).content.decode()
        assert 'class="empty"' in page
        assert 'href="/san-pham/"' in page
        assert ">Chè<" in page


class TestBadInput:
    @pytest.mark.parametrize(
        "text",
        [
            "a" * 10_000,
            "́̀ ̃",
            "\x00\x01\x1b",
            "và của là",
            '"" OR * NOT ( ) : ^ ~ NEAR/2',
            "%_'; DROP TABLE",
            ":t:mien :t=miến",
            "😀 🌾",
            "x " * 5_000,
        ],
    )
    def test_whatever_is_typed_is_answered(self, client, text):
        ListingFactory()
        index_all()
        response = client.get("/tim/", {"q": text})
        assert response.status_code == 200
        assert len(response.content) < 100_000
        assert client.get("/tim/goi-y/", {"q": text}).status_code == 200

    @pytest.mark.parametrize("text", ["", "   ", "%", "_", "!?", "\x00"])
    def test_without_words_it_invites_to_type_some(self, client, text):
        ListingFactory()
        response = client.get("/tim/", {"q": text})
        assert response.status_code == 200
        assert 'id="ket-qua"' not in response.content.decode()

    @pytest.mark.parametrize("page", ["1000000000", "999999999", "400", "2", "-1", "x"])
    def test_pages_beyond_the_end_are_the_last(self, client, page):
        ListingFactory.create_batch(3, cooperative=CooperativeFactory(), title="Chè")
        index_all()
        assert len(found(client, q="che", trang=page)) == 3

    def test_before_there_is_an_index_it_says_so(self, client):
        ListingFactory(title="Chè")
        IndexState.objects.all().delete()
        response = client.get("/tim/", {"q": "che"})
        assert response.status_code == 200
        assert "icon-hourglass" in response.content.decode()
        assert client.get("/tim/goi-y/", {"q": "che"}).status_code == 200

    def test_an_index_of_another_version_is_no_error(self, client):
        ListingFactory(title="Chè")
        index_all()
        IndexState.objects.update(version=0)
        assert client.get("/tim/", {"q": "che"}).status_code == 200
        assert client.get("/tim/goi-y/", {"q": "che"}).status_code == 200


class TestSuggestions:
    def test_the_beginning_of_a_title_is_enough(self, client):
        ListingFactory(title="Hạt dẻ Trùng Khánh")
        index_all()
        response = client.get("/tim/goi-y/", {"q": "hat d"})
        part = response.content.decode()
        assert "Hạt dẻ Trùng Khánh" in part
        assert part.count('role="option"') <= 8
        assert "max-age=60" in response.headers["Cache-Control"]
        assert not response.cookies

    @pytest.mark.parametrize("text", ["", "h", " "])
    def test_nothing_is_suggested_for_less_than_two_letters(self, client, text, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert client.get("/tim/goi-y/", {"q": text}).content == b""

    def test_a_label_is_printed_as_text(self, client):
        ListingFactory(title="Hạt <b>dẻ</b>")
        index_all()
        assert b"<b>" not in client.get("/tim/goi-y/", {"q": "hat de"}).content


class TestSpeed:
    @pytest.mark.parametrize("rows", [1, 30])
    def test_a_search_costs_the_same_statements_whatever_it_finds(self, client, rows):
        for _ in range(rows):
            ListingFactory(title="Chè Trùng Khánh")
        index_all()
        client.get("/tim/", {"q": "che"})
        with CaptureQueriesContext(connection) as statements:
            client.get("/tim/", {"q": "trung khanh"})
        assert len(statements) <= 13

    @pytest.mark.parametrize("rows", [1, 30])
    def test_suggestions_cost_the_same_statements_whatever_they_find(self, client, rows):
        for _ in range(rows):
            ListingFactory(title="Chè Trùng Khánh")
        index_all()
        client.get("/tim/goi-y/", {"q": "che"})
        with CaptureQueriesContext(connection) as statements:
            client.get("/tim/goi-y/", {"q": "trung kh"})
        assert len(statements) <= 4


def test_the_rule_of_the_order_is_published_from_the_code(client):
    page = client.get("/tim/cach-xep-hang/").content.decode()
    for points, what in PARTS:
        assert str(what) in unescape(page)
        assert f'<td class="num">{points}</td>' in page
    assert page.count("<li>", page.index("<ol")) >= len(tiers(query_words("miến dong"))) + 1


@pytest.mark.parametrize("address", ["/tim/", "/tim/goi-y/"])
def test_an_address_that_asks_too_often_waits_and_no_other_does(client, settings, address):
    settings.SEARCH_LIMIT = 100
    index_all()
    answers = [client.get(address, {"q": "a"}, REMOTE_ADDR="203.0.113.77") for _ in range(151)]
    assert {answer.status_code for answer in answers[:149]} == {200}
    assert [answer.status_code for answer in answers[-2:]] == [429, 429]
    assert answers[-1]["Retry-After"] == "600"
    assert "public" not in answers[-1].get("Cache-Control", "")
    assert client.get(address, {"q": "a"}, REMOTE_ADDR="203.0.113.78").status_code == 200
