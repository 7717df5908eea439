"""Every page of ours at the width of a phone and of a desk, with data and empty: axe finds nothing, nothing overflows."""

import pytest
from django.test import Client
from django.urls import reverse

from cms.services import ensure_site
from cooperatives.indicators.services import load_rules_and_targets
from marketplace.order.links import order_key
from marketplace.users.models import User
from tests.architecture.world import World, build_world
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.factories.cooperatives import MembershipFactory
from tests.factories.users import UserFactory
from tests.search.shelf import index_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = pytest.mark.parametrize("width", [PHONE, DESK], ids=["phone", "desk"])
PUBLIC = (
    "catalogue:index",
    "catalogue:category",
    "catalogue:detail",
    "places:index",
    "places:commune",
    "places:district",
    "cooperatives:index",
    "cooperatives:profile",
    "search:search",
    "indicators:coverage",
    "indicators:unit",
    "order:find",
    "account_login",
)
WORKPLACE = ("portal:today", "portal:parcels", "portal:listings", "portal:listing_new")
OBJECTS = ("portal:parcel", "portal:act", "portal:listing_edit", "portal:listing_state")


def enter(visitor: Visitor, user: User) -> None:
    """Logs in without the form: the session's cookie is what a browser would have kept."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"]
    visitor.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": visitor.base}])


def faults(visitor: Visitor, addresses: list[str]) -> list[str]:
    """What is wrong with the pages, one line each."""
    found = []
    for address in addresses:
        visitor.open(address)
        found += [f"{address}: {violation}" for violation in visitor.violations()]
        if visitor.overflow() > 0:
            found.append(f"{address}: {visitor.overflow()} px wider than the window")
    return found + visitor.errors


@pytest.fixture
def world(transactional_db) -> World:
    return build_world()


@pytest.fixture
def empty_site(transactional_db) -> None:
    ensure_site()
    load_rules_and_targets()


@WIDTHS
def test_public_pages_with_data(visit, world, width):
    index_all()
    addresses = ["/", "/en/", *(world.url(name) for name in PUBLIC), reverse("search:search") + "?q=hat+de"]
    assert faults(visit(width), addresses) == []


@WIDTHS
def test_the_way_to_an_order(visit, world, width):
    buyer = visit(width)
    buyer.open(world.url("catalogue:detail"))
    buyer.press(".buy button.button--main")
    order = f"{world.url('order:detail')}?khoa={order_key(world.order.number)}"
    assert faults(buyer, [reverse("basket:summary"), reverse("checkout:checkout"), order]) == []
    buyer.open(reverse("checkout:checkout"))
    buyer.press("button[value=place]")
    assert buyer.page.locator("[data-errors]").count() == 1
    assert buyer.violations() == []


@WIDTHS
def test_the_workplace_with_data(visit, world, width):
    clerk = visit(width)
    enter(clerk, world.people["clerk"])
    assert faults(clerk, [world.url(name) for name in (*WORKPLACE, *OBJECTS)]) == []


@WIDTHS
def test_pages_of_an_empty_market(visit, empty_site, width):
    addresses = ["/", *map(reverse, ("catalogue:index", "places:index", "cooperatives:index", "basket:summary"))]
    addresses += [reverse("search:search") + "?q=khong+co", reverse("indicators:coverage"), reverse("order:find")]
    assert faults(visit(width), addresses) == []


@WIDTHS
def test_an_empty_workplace_and_an_account_without_orders(visit, empty_site, width):
    clerk, buyer = visit(width), visit(width)
    enter(clerk, MembershipFactory().user)
    enter(buyer, UserFactory())
    assert faults(clerk, [reverse(name) for name in WORKPLACE]) == []
    assert faults(buyer, [reverse("order:mine"), reverse("account_change_password")]) == []


@WIDTHS
def test_what_is_not_there(visit, empty_site, width):
    visitor = visit(width)
    visitor.page.goto(visitor.base + "/san-pham/khong-co_999/")
    assert "404" not in visitor.page.title()
    assert visitor.violations() == []
