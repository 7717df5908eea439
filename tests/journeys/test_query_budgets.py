"""What each page of buying may ask the database, and for what."""

from dataclasses import replace

import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.sites.models import Site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from marketplace.order.links import order_path
from marketplace.order.models import Order, Parcel
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import BUYER, OrderFactory
from tests.factories.places import CommuneFactory, ProvinceFactory
from tests.factories.users import UserFactory
from tests.journeys.test_buying import CHECKOUT, checkout_form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _warm():
    ContentType.objects.get_for_model(Order)
    Site.objects.get_current()
    with translation.override("vi"):
        yield


@pytest.fixture
def commune():
    province = ProvinceFactory(name="Tỉnh Cao Bằng", short_name="Cao Bằng")
    return CommuneFactory(is_new=True, parent=province, name="Xã Đàm Thủy", short_name="Đàm Thủy")


def fill(client: Client, goods: int, cooperatives: int = 1) -> None:
    sellers = [CooperativeFactory() for _ in range(cooperatives)]
    for number in range(goods):
        listing = ListingFactory(cooperative=sellers[number % cooperatives])
        client.post(reverse("basket:add", args=[listing.pk]), {"quantity": "1"})


def queries_of(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.parametrize(("goods", "budget"), [(1, 18), (5, 26)])
@pytest.mark.parametrize("is_chosen", [True, False])
def test_placing_costs_18_queries_for_one_line_and_2_for_each_further(client, commune, goods, budget, is_chosen):
    """With the commune chosen from those suggested, and with its name typed."""
    fill(client, goods)
    typed = {"commune_id": commune.pk} if is_chosen else {"commune": "xã Đàm Thuỷ, Cao Bằng"}
    form = checkout_form(client, **typed)
    with CaptureQueriesContext(connection) as captured:
        response = client.post(CHECKOUT, form)
    assert response.status_code == 302
    assert Order.objects.count() == 1
    assert len(captured) <= budget, "\n".join(query["sql"][:150] for query in captured)


def test_a_person_who_is_logged_in_pays_for_the_session_and_the_account(client, commune):
    client.force_login(UserFactory(email="lan@example.com"))
    fill(client, 1)
    form = checkout_form(client, commune_id=commune.pk)
    # Session, account, the own basket.
    with CaptureQueriesContext(connection) as captured:
        client.post(CHECKOUT, form)
    assert Order.objects.count() == 1
    assert len(captured) <= 21, "\n".join(query["sql"][:150] for query in captured)


@pytest.mark.parametrize("path", ["/gio-hang/", CHECKOUT])
def test_the_basket_and_the_checkout_ask_the_same_for_any_number_of_lines(path):
    counts = []
    for goods in (1, 6):
        client = Client()
        fill(client, goods, cooperatives=min(goods, 3))
        counts.append(len(queries_of(client, path)))
    # The basket's lines; what the cooperatives deliver and ask; at the checkout also how they let themselves be paid.
    assert counts == ([2, 2] if path == "/gio-hang/" else [3, 3])


def test_an_order_page_asks_the_same_for_any_number_of_parcels_and_lines():
    counts = []
    for goods in (1, 5):
        user = UserFactory()
        order = OrderFactory(goods=[(ListingFactory(), 1) for _ in range(goods)], buyer=replace(BUYER, user=user))
        client = Client()
        client.force_login(user)
        counts.append(len(queries_of(client, f"/don-hang/{order.number}/")))
    # Session, account; order, parcels, lines, events; how full the basket is.
    assert counts == [7, 7]


def test_the_list_of_own_orders_asks_the_same_for_any_number_of_orders(client):
    user, counts = UserFactory(), []
    buyer = replace(BUYER, user=user)
    client.force_login(user)
    for orders in (1, 3):
        while Order.objects.count() < orders:
            OrderFactory(buyer=buyer)
        counts.append(len(queries_of(client, "/don-hang/")))
    assert counts[0] == counts[1] <= 6
    assert Parcel.objects.count() == 3


def test_a_filled_basket_costs_any_page_one_query(client):
    empty = len(queries_of(client, "/don-hang/tim/"))
    fill(client, 5, cooperatives=3)
    filled = queries_of(client, "/don-hang/tim/")
    assert (empty, len(filled)) == (0, 1)
    assert "basket_line" in filled[0]


def test_placing_leads_a_guest_straight_to_the_order_and_its_link_costs_no_query(client, commune):
    fill(client, 1)
    placed = client.post(CHECKOUT, checkout_form(client, commune_id=commune.pk))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(placed.url).status_code == 200
    # Order, parcels, lines, events.
    assert len(captured) == 4, [query["sql"] for query in captured]
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(order_path(Order.objects.get())).url == placed.url
    assert len(captured) == 1, [query["sql"] for query in captured]
