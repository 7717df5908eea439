"""What became of a basket since it was filled: by logging in, and by other prices and stock."""

from decimal import Decimal

import pytest
from django.urls import reverse

from cooperatives.partner.models import StockRecord
from marketplace.basket.models import Basket, Line
from marketplace.shipping.models import OrderingRules
from tests.factories.listings import ListingFactory
from tests.factories.offers import offer, voucher
from tests.factories.orders import basket_with
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

BASKET, CHECKOUT = "/gio-hang/", "/dat-hang/"


@pytest.fixture
def chestnuts():
    return ListingFactory(price_per_unit=120_000, step=Decimal("0.5"), stock=10)


def add(client, listing, units="1"):
    return client.post(reverse("basket:add", args=[listing.pk]), {"quantity": units})


def reprice(listing, step_price):
    listing.price_per_unit = step_price / listing.step
    listing.save()
    StockRecord.objects.filter(product=listing).update(price=step_price)


def test_a_guests_basket_comes_along_when_logging_in_and_the_same_goods_are_summed(client, chestnuts):
    user, tea = UserFactory(), ListingFactory()
    own = basket_with((chestnuts, 1), owner=user)
    add(client, chestnuts, "2")
    add(client, tea)
    guest = Basket.objects.get(owner=None)
    client.force_login(user)
    client.get(BASKET)
    assert {line.product: line.quantity for line in Line.objects.filter(basket=own)} == {chestnuts: 6, tea: 2}
    guest.refresh_from_db()
    assert (guest.status, guest.lines.count()) == (Basket.MERGED, 0)
    assert client.cookies["oscar_open_basket"].value == ""


def test_the_header_counts_the_goods_that_came_along_at_once(client, chestnuts):
    add(client, chestnuts)
    client.force_login(UserFactory())
    client.get("/don-hang/")
    assert Line.objects.get().basket.owner is not None


def test_what_both_held_is_capped_by_what_is_left_with_a_message(client, chestnuts):
    user = UserFactory()
    own = basket_with((chestnuts, 7), owner=user)
    add(client, chestnuts, "6")
    client.force_login(user)
    page = client.get(BASKET)
    assert Line.objects.get(basket=own).quantity == 20
    assert any(chestnuts.title in str(message) for message in page.context["messages"])


def test_two_open_baskets_of_a_person_become_one(client, chestnuts):
    user, tea = UserFactory(), ListingFactory()
    first, second = basket_with((chestnuts, 1), owner=user), basket_with((tea, 1), owner=user)
    client.force_login(user)
    client.get(BASKET)
    assert Line.objects.filter(basket=first).count() == 2
    second.refresh_from_db()
    assert second.status == Basket.MERGED


def test_somebody_elses_basket_is_not_taken_by_its_number(client, chestnuts):
    stranger = basket_with((chestnuts, 1), owner=UserFactory())
    client.cookies["oscar_open_basket"] = f"{stranger.pk}:forged"
    client.force_login(UserFactory())
    client.get(BASKET)
    assert Line.objects.get().basket == stranger


def test_another_price_is_shown_line_by_line_and_accepted_by_one_press(client, chestnuts):
    add(client, chestnuts)
    reprice(chestnuts, 70_000)
    for path in (BASKET, CHECKOUT):
        html = client.get(path).content.decode()
        assert "120.000\xa0₫" in html
        assert "140.000\xa0₫" in html
        assert 'value="place"' not in html
    assert client.post(reverse("basket:accept")).url == CHECKOUT
    html = client.get(CHECKOUT).content.decode()
    assert "120.000\xa0₫" not in html
    assert int(Line.objects.get().price_incl_tax) == 70_000


def test_fewer_left_is_shown_with_how_many_and_accepting_takes_as_many(client, chestnuts):
    add(client, chestnuts, "3")
    StockRecord.objects.filter(product=chestnuts).update(num_in_stock=3)
    assert "1,5 kg" in client.get(CHECKOUT).content.decode()
    client.post(CHECKOUT, {"action": "accept"})
    assert Line.objects.get().quantity == 3


def test_accepting_removes_what_is_gone_and_keeps_the_rest(client, chestnuts):
    tea = ListingFactory()
    add(client, chestnuts)
    add(client, tea)
    StockRecord.objects.filter(product=chestnuts).update(num_in_stock=0)
    client.post(reverse("basket:accept"))
    assert Line.objects.get().product == tea


def test_a_basket_in_which_nothing_changed_says_nothing_of_changes(client, chestnuts):
    add(client, chestnuts)
    assert 'id="changes"' not in client.get(BASKET).content.decode()


def test_a_cooperatives_least_order_is_said_in_the_basket_and_stops_there(client, chestnuts):
    OrderingRules.objects.create(cooperative=chestnuts.cooperative, minimum_order=200_000)
    add(client, chestnuts)
    html = client.get(BASKET).content.decode()
    assert "80.000\xa0₫" in html
    assert f'href="{CHECKOUT}"' not in html


def test_the_basket_shows_discounts_and_what_the_goods_cost_after_them(client, chestnuts):
    offer(value=10, name="Tuần lễ hạt dẻ")
    add(client, chestnuts)
    html = client.get(BASKET).content.decode()
    assert "Tuần lễ hạt dẻ" in html
    assert "108.000\xa0₫" in html


def test_a_code_is_put_in_and_taken_out_without_scripts(client, chestnuts):
    code = voucher()
    add(client, chestnuts)
    assert client.post(reverse("basket:voucher"), {"voucher": "khong-co"}).status_code == 422
    client.post(reverse("basket:voucher"), {"voucher": "tet2027"})
    assert list(Basket.objects.get().vouchers.all()) == [code]
    assert "TET2027" in client.get(BASKET).content.decode()
    client.post(reverse("basket:voucher"), {"action": "no-voucher"})
    assert not Basket.objects.get().vouchers.exists()


def test_who_sends_forms_without_end_is_asked_to_wait(client, chestnuts, settings):
    settings.SHOP_POSTS_LIMIT = 25
    client.defaults["REMOTE_ADDR"] = "203.0.113.9"
    answers = [add(client, chestnuts, "0,5") for _turn in range(20)]
    assert all(answer.status_code in (302, 422) for answer in answers)
    answers = [client.post(CHECKOUT, {"action": "update"}) for _turn in range(6)]
    assert [answer.status_code for answer in answers][-1] == 429
    assert answers[-1]["Retry-After"] == "600"
    client.defaults["REMOTE_ADDR"] = "203.0.113.10"
    assert client.post(CHECKOUT, {"action": "update"}).status_code == 200
