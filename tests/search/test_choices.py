"""The address of a question: what is read from it, and what is written into it."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from search.choices import (
    MAXIMUM_KEYS,
    cleared,
    facet_links,
    has_question,
    is_filtered,
    query_string,
    read_question,
    read_text,
    toggled,
    without_nearest,
)
from search.facets import SCHEMES
from search.query import MAXIMUM_KM, MAXIMUM_PAGE, Facet, ListingQuery, Near, NearUnit, Sort


def read(address: str) -> ListingQuery:
    return read_question(QueryDict(address.removeprefix("?"))).query


def keys(*, least: int = 0, most: int = 999_999_999):
    return st.frozensets(st.integers(least, most), max_size=4)


KEY = st.integers(0, 999_999_999) | st.none()
AMOUNT = st.integers(0, 2_000_000_000) | st.none()
KM = st.integers(1, MAXIMUM_KM)
CHOSEN = st.fixed_dictionaries(
    {
        Facet.CATEGORY: keys(),
        Facet.COMMODITY: keys(),
        Facet.COMMUNE: keys(),
        Facet.COOPERATIVE: keys(),
        Facet.STARS: keys(least=3, most=5),
        Facet.CERTIFICATE: keys(most=len(SCHEMES) - 1),
        Facet.PRICE_BAND: keys(most=4),
    }
)
POINT = st.builds(
    lambda latitude, longitude, km: Near(round(latitude, 2), round(longitude, 2), km),
    st.floats(6, 24),
    st.floats(102, 118),
    KM,
)


@st.composite
def questions(draw) -> ListingQuery:
    amounts = [draw(AMOUNT), draw(AMOUNT)]
    if None not in amounts:
        amounts.sort()
    return without_nearest(
        ListingQuery(
            text=read_text(draw(st.text(max_size=250))),
            is_exact=draw(st.booleans()),
            chosen={facet: found for facet, found in draw(CHOSEN).items() if found},
            former_unit=draw(KEY),
            in_season=draw(st.booleans()),
            in_stock=draw(st.booleans()),
            delivers_to=draw(KEY),
            near=draw(st.none() | POINT | st.builds(NearUnit, st.integers(0, 999_999_999), KM)),
            price_from=amounts[0],
            price_to=amounts[1],
            sort=draw(st.sampled_from(Sort)),
            page=draw(st.integers(1, MAXIMUM_PAGE)),
        )
    )


@given(questions())
def test_what_is_written_is_what_is_read(query):
    assert read(query_string(query)) == query


@given(questions(), st.sampled_from([Facet.CATEGORY, Facet.COOPERATIVE, Facet.STARS]), st.integers(3, 5))
def test_a_link_of_a_facet_is_the_address_of_the_question_with_that_key_toggled(query, facet, key):
    assert facet_links(query, facet)(key) == query_string(toggled(query, facet, key))


@given(st.text(max_size=300))
def test_a_text_that_was_read_is_read_as_itself(text):
    assert read_text(read_text(text)) == read_text(text)


@given(
    st.dictionaries(
        st.sampled_from(["q", "gan", "km", "tu", "den", "xep", "trang", "xa", "sao", "cu", "mo"]), st.text()
    )
)
def test_whatever_stands_in_the_address_is_read(values):
    query = QueryDict(mutable=True)
    query.update(values)
    read_question(query)


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("xa=7&q=x&loai=2&xa=3&loai=2", "?q=x&loai=2&xa=3&xa=7"),
        ("xa=07", "?xa=7"),
        ("trang=1&xep=", ""),
        ("tu=50.000&den=10000", "?tu=10000&den=50000"),
        ("gan=22.66667,106.25&km=50", "?gan=22.67,106.25"),
        ("mua=1&con=1&dung=1&q=a", "?q=a&dung=1&mua=1&con=1"),
        # Near to nothing, nothing is nearest.
        ("xep=gan", ""),
        ("xep=gan&gan-xa=5", "?gan-xa=5&xep=gan"),
    ],
)
def test_one_question_has_one_address(address, written):
    assert query_string(read(address)) == written


@pytest.mark.parametrize(
    "address",
    [
        "xa=abc&xa=-1&xa=1.5&xa=1234567890&xa=%D9%A3",
        "sao=2&sao=6&gia=5&chung-nhan=99",
        "tu=abc&den=-5",
        "tu=99999999999",
        "xep=zzz&trang=x",
        "mua=yes&con=true&dung=0",
        "cu=x&giao=&gan-xa=y",
        "khong-co=1",
    ],
)
def test_what_is_malformed_or_unknown_is_left_out(address):
    assert read(address) == ListingQuery()


@pytest.mark.parametrize(
    "point", ["nan,nan", "1e999,106", "22.6", "a,b", "91,181", "-22.6,106.2", "22.6,inf", ",", "x" * 10_000]
)
def test_a_position_off_the_map_is_said_to_be_so(point):
    asked = read_question(QueryDict(f"gan={point}"))
    assert asked.query.near is None
    assert asked.is_off_map


@pytest.mark.parametrize(
    ("given", "page"), [("1000000000", 1), ("999999999", MAXIMUM_PAGE), ("0", 1), ("-3", 1), ("3", 3)]
)
def test_pages_are_bounded(given, page):
    assert read(f"trang={given}").page == page


def test_keys_of_a_facet_and_the_radius_are_bounded():
    many = "&".join(f"xa={number}" for number in range(100))
    assert len(read(many).chosen[Facet.COMMUNE]) == MAXIMUM_KEYS
    assert read("gan-xa=1&km=100000").near == NearUnit(1, MAXIMUM_KM)
    assert read("gan-xa=1&km=0").near == NearUnit(1, 50)


def test_a_text_is_cut_and_has_no_controls():
    assert read_text("a" * 10_000) == "a" * 200
    assert read_text("hạt\x00 \x1b dẻ\u200b\n") == "hạt dẻ"


def test_typed_names_of_places_stand_beside_the_question():
    asked = read_question(QueryDict("gan-ten= Trùng  Khánh &giao-ten=Đàm+Thủy&mo=htx"))
    assert (asked.near_name, asked.delivery_name, asked.opened) == ("Trùng Khánh", "Đàm Thủy", Facet.COOPERATIVE)
    assert asked.query == ListingQuery()


@pytest.mark.parametrize(
    ("address", "asks", "filters"),
    [
        ("", False, False),
        ("q=%25", False, False),
        ("q=mien", True, False),
        ("mua=1", True, True),
        ("q=a&gia=1", True, True),
        ("trang=3", False, False),
    ],
)
def test_what_is_a_question_and_what_a_filter(address, asks, filters):
    query = read(address)
    assert (has_question(query), is_filtered(query)) == (asks, filters)


def test_clearing_keeps_the_words_and_their_order():
    assert query_string(cleared(read("q=mien&xep=re&xa=1&trang=4&gan-xa=2"))) == "?q=mien&xep=re"
    assert query_string(cleared(read("q=mien&xep=gan&gan-xa=2"))) == "?q=mien"
