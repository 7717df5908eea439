"""Searching with the hands: suggestions while typing, and every choice without scripts."""

import re

import pytest
from playwright.sync_api import expect

from catalog.taxonomy import category_of
from cms.services import ensure_site
from cooperatives.certificates.models import Certificate
from cooperatives.commodities.models import Commodity
from cooperatives.indicators.services import load_rules_and_targets
from search.models import IndexState
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.test_pages import faults
from tests.factories.certificates import CertificateFactory, OcopRecognitionFactory
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory, ZoneFactory
from tests.factories.listings import ListingFactory
from tests.factories.places import CommuneFactory, ProvinceFactory
from tests.search.shelf import index_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = pytest.mark.parametrize("width", [PHONE, DESK], ids=["phone", "desk"])
HERE = {"latitude": 22.835, "longitude": 106.527}
CHESTNUTS = "Hạt dẻ Trùng Khánh"


@pytest.fixture
def shop(transactional_db) -> None:
    """Two cooperatives in two communes of Cao Bằng, whose goods differ in everything that one can choose by."""
    ensure_site()
    load_rules_and_targets()
    province = ProvinceFactory(name="Tỉnh Cao Bằng", short_name="Cao Bằng")
    near = CommuneFactory(is_new=True, parent=province, name="Xã Trùng Khánh", short_name="Trùng Khánh", **HERE)
    far = CommuneFactory(
        is_new=True, parent=province, name="Xã Bảo Lạc", short_name="Bảo Lạc", latitude=22.95, longitude=105.67
    )
    chestnuts = CooperativeFactory(short_name="HTX Hạt dẻ", home=near)
    noodles = CooperativeFactory(short_name="HTX Miến", home=far, delivery_charge=False)
    ZoneFactory(method__cooperative=noodles, areas=[far])
    CertificateFactory(cooperative=chestnuts)
    nut = CommodityFactory(name="Hạt dẻ", category=Commodity.Category.FRUIT)
    starch = CommodityFactory(name="Miến dong", category=Commodity.Category.PROCESSED)
    CertificateFactory(cooperative=noodles, scheme=Certificate.Scheme.HACCP)
    stars = OcopRecognitionFactory(cooperative=chestnuts, commodity=nut)
    fewer = OcopRecognitionFactory(cooperative=noodles, commodity=starch, stars=3)
    ListingFactory(
        title=CHESTNUTS, cooperative=chestnuts, commodity=nut, category=category_of(nut), commune=near,
        recognition=stars, price_per_unit=120_000,
    )  # fmt: skip
    for number in range(2):
        ListingFactory(
            title=f"Miến dong loại {number}", cooperative=noodles, commodity=starch, category=category_of(starch),
            commune=far, recognition=fewer, price_per_unit=60_000 + 1_000 * number,
        )  # fmt: skip
    index_all()


def shown(visitor: Visitor) -> list[str]:
    return visitor.page.locator("#ket-qua .card__title").all_inner_texts()


def open_panel(visitor: Visitor) -> None:
    """On a phone the panel stands behind the link "Filter"."""
    link = visitor.page.locator("a[href='#loc'].button")
    if link.is_visible():
        link.click()
        visitor.page.locator("#loc").wait_for(state="visible")


@WIDTHS
def test_typing_suggests_and_finds(visit, shop, width):
    visitor = visit(width)
    page = visitor.open("/")
    page.locator("#site-search").press_sequentially("hat de")
    option = page.locator("#goi-y [role=option]", has_text=CHESTNUTS).first
    option.wait_for()
    expect(page.locator("#site-search")).to_have_attribute("aria-expanded", "true")
    assert option.bounding_box()["height"] >= 44
    assert visitor.violations() == []
    assert visitor.overflow() <= 0
    visitor.press(option)
    assert CHESTNUTS in page.inner_text("h1")
    visitor.open("/tim/?q=hat+de")
    assert shown(visitor) == [CHESTNUTS]
    assert visitor.errors == []


def test_the_keyboard_chooses_opens_and_closes(visit, shop):
    visitor = visit(DESK)
    page = visitor.open("/")
    box, options = page.locator("#site-search"), page.locator("#goi-y [role=option]")
    box.press_sequentially("hat de")
    options.first.wait_for()
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    box.press("Escape")
    expect(page.locator("#goi-y")).to_be_hidden()
    expect(box).to_have_value("hat de")
    box.press("ArrowDown")
    expect(page.locator("#goi-y")).to_be_visible()
    address = options.first.get_attribute("href")
    box.press("ArrowUp")
    box.press("ArrowDown")
    with page.expect_navigation():
        box.press("Enter")
    assert page.url.endswith(address)


def test_enter_without_a_choice_searches_for_the_words(visit, shop):
    visitor = visit(PHONE)
    page = visitor.open("/")
    page.fill("#site-search", "hat de")
    with page.expect_navigation():
        page.press("#site-search", "Enter")
    assert shown(visitor) == [CHESTNUTS]


@pytest.mark.parametrize(
    ("facet", "label"),
    [
        ("loai", None),
        ("nong-san", "Hạt dẻ"),
        ("xa", "Xã Trùng Khánh"),
        ("htx", "HTX Hạt dẻ"),
        ("sao", "4"),
        ("chung-nhan", "VietGAP"),
        ("gia", "100.000 – 200.000"),
    ],
)
def test_each_facet_without_scripts(visit, shop, facet, label):
    visitor = visit(PHONE, scripts=False)
    page = visitor.open("/tim/?con=1")
    open_panel(visitor)
    values = page.locator(f"#{facet} .facet__link:not([aria-current])")
    visitor.press((values.filter(has_text=label) if label else values.filter(has_text=re.compile("1$"))).first)
    assert shown(visitor) == [CHESTNUTS]
    open_panel(visitor)
    visitor.press(page.locator(f"#{facet} .facet__link[aria-current]").first)
    assert len(shown(visitor)) == 3


def test_prices_orders_places_and_deliveries_without_scripts(visit, shop):
    visitor = visit(PHONE, scripts=False)
    page = visitor.open("/tim/?con=1")
    open_panel(visitor)
    page.fill("#tu", "50.000")
    page.fill("#den", "100.000")
    visitor.press("#khoang-gia button")
    assert shown(visitor) == ["Miến dong loại 0", "Miến dong loại 1"]
    visitor.press(page.locator(".toolbar__sorts a[href*='xep=dat']"))
    assert shown(visitor) == ["Miến dong loại 1", "Miến dong loại 0"]
    visitor.press(page.locator(".chip--on[href*='con=1']").first)
    assert len(shown(visitor)) == 3
    open_panel(visitor)
    page.fill("#gan-ten", "trung khanh")
    page.select_option("#km", "25")
    visitor.press("#gan button")
    assert shown(visitor) == [CHESTNUTS]
    assert "0 km" in page.inner_text("#ket-qua .card")
    visitor.open("/tim/?q=mien")
    open_panel(visitor)
    page.fill("#giao-ten", "Trùng Khánh")
    visitor.press("#giao button")
    assert page.locator("#ket-qua .empty").count() == 1
    # A wider search: without the delivery.
    visitor.press(page.locator("#ket-qua .section .chip").first)
    assert len(shown(visitor)) == 2


def test_near_me_when_the_device_says_where_it_is(visit, shop):
    visitor = visit(PHONE)
    visitor.context.set_geolocation(HERE)
    visitor.context.grant_permissions(["geolocation"])
    page = visitor.open("/tim/?con=1")
    visitor.press("[data-near]")
    assert "gan=22.8" in page.url
    assert shown(visitor) == [CHESTNUTS]
    assert visitor.errors == []


def test_near_me_when_it_does_not(visit, shop):
    visitor = visit(PHONE)
    visitor.context.clear_permissions()
    page = visitor.open("/tim/?con=1")
    page.click("[data-near]")
    expect(page.locator("#gan-ten")).to_be_focused()
    assert page.locator("[data-near-note]").inner_text() == page.locator("[data-near]").get_attribute("data-refused")
    assert visitor.errors == []


@WIDTHS
def test_the_pages_of_the_search(visit, shop, width):
    addresses = [
        "/tim/",
        "/tim/?q=hat+de",
        "/tim/?con=1#loc",
        "/tim/?q=zzzz&mua=1",
        "/tim/?q=mien&giao-ten=xa",
        "/tim/?gan=0,0&con=1",
        "/tim/cach-xep-hang/",
    ]
    assert faults(visit(width), addresses) == []


def test_the_page_that_stands_in_before_there_is_an_index(visit, shop):
    IndexState.objects.all().delete()
    assert faults(visit(PHONE), ["/tim/?q=hat+de"]) == []


def test_what_can_be_pressed_on_a_phone_is_big_enough(visit, shop):
    visitor = visit(PHONE)
    page = visitor.open("/tim/?q=mien&con=1#loc")
    small = page.evaluate(
        """() => [...document.querySelectorAll('main a, main button, main input:not([type=hidden]), main select')]
            .filter((part) => part.offsetParent && !part.closest('.card, p'))
            .filter((part) => part.getBoundingClientRect().height < 43.5)
            .map((part) => part.outerHTML.slice(0, 120))"""
    )
    assert small == []
