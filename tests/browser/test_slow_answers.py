"""On a slow line people go on typing and pressing while an answer is under way: it takes nothing of that away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.urls import reverse
from playwright.sync_api import Route

from marketplace.basket.models import Line
from tests.browser.conftest import PHONE, Visitor
from tests.factories.cooperatives import ZoneFactory
from tests.factories.listings import ListingFactory
from tests.factories.places import CommuneFactory, ProvinceFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TURNS = 600


@pytest.fixture
def buyer(transactional_db, visit) -> Visitor:
    """Has a unit of one listing in the basket, which its cooperative brings to one commune for less than elsewhere."""
    province = ProvinceFactory(name="Tỉnh Cao Bằng", short_name="Cao Bằng")
    commune = CommuneFactory(is_new=True, parent=province, name="Xã Đàm Thủy", short_name="Đàm Thủy")
    listing = ListingFactory(step=1)
    ZoneFactory(method=listing.cooperative.delivery_methods.get(), areas=[commune], tiers=[[None, 15_000]])
    buyer = visit(PHONE)
    buyer.open(listing.get_absolute_url())
    buyer.press(".buy button.button--main")
    return buyer


def until(visitor: Visitor, is_so: Callable[[], object]) -> None:
    for _turn in range(TURNS):
        if is_so():
            return
        visitor.page.wait_for_timeout(50)
    raise AssertionError("it never came about")


@contextmanager
def nothing_is_answered(visitor: Visitor, act: Callable[[], None]) -> Iterator[None]:
    """`act` asks for something; inside, the answer is under way, and it comes at the end."""
    asked: list[Route] = []
    is_over = False

    def hold(route: Route) -> None:
        if route.request.method == "POST" and not is_over:
            asked.append(route)
        else:
            route.continue_()

    visitor.page.route("**/*", hold)
    act()
    until(visitor, lambda: asked)
    yield
    is_over = True
    for route in asked:
        route.continue_()


def test_a_note_and_a_code_typed_while_the_charges_are_under_way_stay(buyer):
    page = buyer.open(reverse("checkout:checkout"))

    def name_the_commune() -> None:
        page.fill("[name=commune]", "xa dam thuy")
        page.locator("[name=commune]").blur()

    with nothing_is_answered(buyer, name_the_commune):
        page.click("#voucher summary")
        page.fill("#id_voucher", "TET2027")
        note = page.locator("[name^=note-]")
        note.fill("Gọi trước")
    page.wait_for_selector("button[value=place]")
    buyer.settle()
    assert note.input_value() == "Gọi trước"
    assert note.evaluate("field => field === document.activeElement")
    assert page.locator("#id_voucher").is_visible()
    assert page.input_value("#id_voucher") == "TET2027"
    assert buyer.errors == []


def test_the_last_of_several_quick_presses_counts(buyer):
    page = buyer.open(reverse("basket:summary"))
    more = page.locator("[data-by='1']")
    before = Line.objects.get().quantity
    with nothing_is_answered(buyer, more.click):
        more.click()
        more.click()
    until(buyer, lambda: Line.objects.get().quantity == before + 3)
    page.reload()
    assert page.input_value("[name=quantity]") == str(before + 3)
    # The console is told of what a later press has overtaken.
    assert {error.split(",")[0] for error in buyer.errors} <= {"htmx:afterRequest", "htmx:sendAbort"}
