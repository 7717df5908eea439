"""The pages of money and delivery at the width of a phone and of a desk, with data and empty: axe finds nothing."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cooperatives.models import Membership
from marketplace.order.links import order_key
from marketplace.order.models import Parcel
from marketplace.order.services import confirm_parcel
from marketplace.settlement.sweep import sweep
from tests.architecture.world import World, build_world
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_pages import enter, faults
from tests.factories.cooperatives import MembershipFactory
from tests.factories.payments import CARD, TRANSFER, prepaid_order
from tests.factories.settlement import PERIOD_TO, SWEPT_AT, name_account, pay, sold_parcel

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = pytest.mark.parametrize("width", [PHONE, DESK], ids=["phone", "desk"])
LISTS = (
    "money",
    "bank_account",
    "refunds",
    "terms",
    "settlement",
    "problems",
    "delivery",
    "ordering_rules",
    "delivery_new",
    "pickup_new",
)
OBJECTS = (
    "parcel",
    "pack",
    "refund",
    "refund_given",
    "statement",
    "unmatched",
    "settlement_statement",
    "problem",
    "delivery_edit",
    "delivery_zone_new",
    "delivery_zone",
    "pickup_edit",
)


@pytest.fixture
def world(transactional_db) -> World:
    """With money in a statement, and money that waits for the next."""
    world = build_world()
    cooperative = world.listing.cooperative
    name_account(cooperative)
    for paid_by in ("card", "cash", "transfer"):
        sold_parcel(cooperative, paid_by=paid_by)
    [world.statement] = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    sold_parcel(cooperative, paid_by="card", now=SWEPT_AT)
    confirm_parcel(parcel=world.parcel, by=None, now=timezone.now())
    pay(world.parcel, "transfer", now=timezone.now())
    return world


@WIDTHS
def test_money_and_delivery_with_data(visit, world, width):
    manager = visit(width)
    # Who uploaded the statement is the one who looks at it.
    Membership.objects.filter(user=world.people["clerk"]).update(role=Membership.Role.MANAGER)
    enter(manager, world.people["clerk"])
    awaited = prepaid_order(world.listing, method=TRANSFER, now=timezone.now()).parcels.get()
    addresses = [world.url(f"portal:{name}") for name in (*LISTS, *OBJECTS)]
    assert faults(manager, [*addresses, reverse("portal:transfer_received", args=[awaited.number])]) == []


@WIDTHS
def test_money_and_delivery_of_a_cooperative_that_has_none(visit, transactional_db, width):
    manager = visit(width)
    enter(manager, MembershipFactory(role=Membership.Role.MANAGER).user)
    assert faults(manager, [reverse(f"portal:{name}") for name in LISTS]) == []


@WIDTHS
@pytest.mark.parametrize("method", [CARD, TRANSFER])
def test_an_order_to_be_paid_and_the_checkout_that_offers_every_way(visit, world, stripe, width, method):
    order = prepaid_order(world.listing, method=method, now=timezone.now())
    buyer = visit(width)
    buyer.open(f"{reverse('order:detail', args=[order.number])}?khoa={order_key(order.number)}")
    assert [*buyer.violations(), *buyer.errors] == []
    page = buyer.open(world.url("catalogue:detail"))
    buyer.press(".buy button.button--main")
    page.wait_for_url(f"**{reverse('basket:summary')}")
    page = buyer.open(reverse("checkout:checkout"))
    offered = page.locator("#payment input[name=payment]").evaluate_all("fields => fields.map(field => field.value)")
    assert set(offered) == set(Parcel.PaymentMethod.values)
    assert [*buyer.violations(), *buyer.errors] == []
    assert buyer.overflow() <= 0
