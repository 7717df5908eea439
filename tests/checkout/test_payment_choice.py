"""By card as a whole, or each cooperative's parcel in cash or by transfer: what is offered, taken and refused."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.checkout.payments import PaymentWish
from marketplace.checkout.quotes import quote_basket
from marketplace.checkout.services import PaymentRefusedError
from marketplace.order.models import Order, Parcel
from marketplace.order.services import fail_delivery
from marketplace.order.states import HOLDS
from marketplace.payment.models import BankAccount, PaymentAttempt, PaymentTerms
from tests.checkout.test_attacks import CHECKOUT, form
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.offers import offer
from tests.factories.orders import PLACED_AT, ParcelFactory, basket_with, place
from tests.factories.places import CommuneFactory, ProvinceFactory

pytestmark = pytest.mark.django_db

COD, TRANSFER, CARD = Parcel.PaymentMethod.values


@pytest.fixture(autouse=True)
def _cards(settings):
    settings.STRIPE_SECRET_KEY = "sk_test_market"


@pytest.fixture
def chestnuts():
    return with_account(ListingFactory())


@pytest.fixture
def tea():
    return with_account(ListingFactory())


def with_account(listing):
    BankAccount.objects.create(
        cooperative=listing.cooperative, bank_bin="970436", account_number="123456", holder="HTX", changed_at=PLACED_AT
    )
    return listing


def terms(listing, **changes):
    PaymentTerms.objects.create(cooperative=listing.cooperative, **changes)


def offered(basket, **wish):
    quote = quote_basket(basket_id=basket.pk, owner=None, deliveries={}, now=PLACED_AT, **wish)
    methods = [list(quote.payment.parcels[parcel.goods.cooperative.pk].offered) for parcel in quote.parcels]
    return methods, quote.payment.is_card_offered


def nothing_was_placed():
    return not Order.objects.exists() and not PaymentAttempt.objects.exists()


def test_each_cooperative_offers_what_it_accepts(chestnuts, tea):
    terms(tea, accepts_cash=False)
    assert offered(basket_with((chestnuts, 1), (tea, 1))) == ([[COD, TRANSFER], [TRANSFER]], True)


def test_without_an_account_no_transfer_is_offered():
    assert offered(basket_with((ListingFactory(), 1))) == ([[COD]], True)


def test_cash_above_the_cooperatives_maximum_is_not_offered_and_the_page_says_so(chestnuts):
    terms(chestnuts, cash_maximum=149_999)
    basket = basket_with((chestnuts, 1))
    assert offered(basket) == ([[TRANSFER]], True)
    with pytest.raises(PaymentRefusedError) as caught:
        place(basket, payment=COD)
    assert "149.999" in str(caught.value)
    assert nothing_was_placed()


def test_a_parcel_by_transfer_has_its_attempt_reference_and_hold(chestnuts, tea):
    wish = PaymentWish("each", {chestnuts.cooperative_id: TRANSFER, tea.cooperative_id: COD})
    order = place(basket_with((chestnuts, 1), (tea, 1)), payment=wish)
    by_transfer, in_cash = order.parcels.order_by("pk")
    assert (by_transfer.payment_method, in_cash.payment_method) == (TRANSFER, COD)
    assert by_transfer.hold_expires_at == PLACED_AT + HOLDS[TRANSFER]
    assert by_transfer.payment_reference == f"CLK{by_transfer.number.upper()}"
    assert (in_cash.hold_expires_at, in_cash.payment_reference) == (None, None)
    attempt = PaymentAttempt.objects.get()
    assert attempt.share_of == {by_transfer.pk: 150_000}


def test_a_card_pays_all_parcels_by_one_attempt(chestnuts, tea):
    order = place(basket_with((chestnuts, 1), (tea, 1)), payment=CARD)
    attempt = PaymentAttempt.objects.get()
    assert (attempt.amount, attempt.status, attempt.external_id) == (300_000, "created", "")
    assert set(attempt.share_of) == {parcel.pk for parcel in order.parcels.all()}


@pytest.mark.parametrize("why", ["off", "below", "terms"])
def test_a_card_that_is_not_offered_is_refused(chestnuts, settings, why):
    if why == "off":
        settings.STRIPE_SECRET_KEY = ""
    elif why == "below":
        settings.CARD_MINIMUM = 150_001
    else:
        terms(chestnuts, accepts_card=False)
    basket = basket_with((chestnuts, 1))
    assert not offered(basket)[1]
    with pytest.raises(PaymentRefusedError):
        place(basket, payment=CARD)
    assert nothing_was_placed()


def test_a_card_for_one_parcel_of_two_is_refused(chestnuts, tea):
    wish = PaymentWish("each", {chestnuts.cooperative_id: CARD, tea.cooperative_id: COD})
    with pytest.raises(PaymentRefusedError):
        place(basket_with((chestnuts, 1), (tea, 1)), payment=wish)
    assert nothing_was_placed()


@pytest.mark.parametrize("method", ["gold", "TRANSFER", "cod' OR 1=1", "é"])
def test_a_method_that_is_none_is_refused(chestnuts, method):
    with pytest.raises(PaymentRefusedError):
        place(basket_with((chestnuts, 1)), payment=PaymentWish("each", {chestnuts.cooperative_id: method}))
    assert nothing_was_placed()


def test_a_transfer_to_a_cooperative_without_an_account_is_refused():
    with pytest.raises(PaymentRefusedError):
        place(basket_with((ListingFactory(), 1)), payment=TRANSFER)
    assert nothing_was_placed()


def test_after_two_refusals_at_the_door_the_phone_pays_in_advance(chestnuts):
    for _turn in range(2):
        parcel = ParcelFactory(status="shipped", now=PLACED_AT - timedelta(days=9))
        fail_delivery(parcel=parcel, by=None, now=PLACED_AT - timedelta(days=5), reason="refused")
    before = Order.objects.count()
    with pytest.raises(PaymentRefusedError):
        place(basket_with((chestnuts, 1)), payment=COD)
    assert Order.objects.count() == before
    assert place(basket_with((chestnuts, 1)), payment=TRANSFER).parcels.get().payment_method == TRANSFER


def test_what_costs_nothing_needs_no_attempt(chestnuts):
    offer(value=100)
    chestnuts.cooperative.delivery_methods.get().zones.update(tiers=[[None, 0]])
    order = place(basket_with((chestnuts, 1)), payment=TRANSFER)
    assert (order.total_incl_tax, order.parcels.get().hold_expires_at) == (0, None)
    assert not PaymentAttempt.objects.exists()


# -- Over the page ----------------------------------------------------------------------------------------------------


@pytest.fixture
def commune():
    province = ProvinceFactory(name="Tỉnh Cao Bằng", short_name="Cao Bằng")
    return CommuneFactory(is_new=True, parent=province, name="Xã Đàm Thủy", short_name="Đàm Thủy")


def fill(client, *listings):
    for listing in listings:
        client.post(reverse("basket:add", args=[listing.pk]), {"quantity": "1"})


def test_who_pays_by_card_is_led_to_the_page_to_pay_on_and_without_it_to_the_order(
    client, commune, chestnuts, settings
):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    fill(client, chestnuts)
    placed = client.post(CHECKOUT, form(commune, payment=CARD))
    order = Order.objects.get()
    assert placed.url == reverse("checkout:pay", args=[order.number])
    # Nobody answers there: the order has its own button to pay with.
    assert f"/don-hang/{order.number}/" in client.get(placed.url).url


def test_the_page_of_one_parcel_lists_three_ways_and_that_of_two_each_parcels_own(client, commune, chestnuts, tea):
    fill(client, chestnuts)
    assert client.get(CHECKOUT).content.decode().count('name="payment"') == 3
    fill(client, tea)
    html = client.get(CHECKOUT).content.decode()
    assert html.count('name="payment"') == 2
    assert html.count(f'name="payment-{tea.cooperative_id}"') == 2


@pytest.mark.parametrize("method", [COD, TRANSFER, CARD])
@pytest.mark.parametrize("goods", [1, 5])
@pytest.mark.django_db(transaction=True)
def test_placing_costs_18_queries_for_one_line_and_2_for_each_further_whatever_the_way_of_paying(
    client, commune, method, goods
):
    """Counted as the benchmark does: what goes through a cursor, so without the transaction's own ends."""
    cooperative = CooperativeFactory()
    listings = [ListingFactory(cooperative=cooperative) for _ in range(goods)]
    with_account(listings[0])
    fill(client, *listings)
    client.get(CHECKOUT)
    data = form(commune, payment=method, commune_id=commune.pk, seen_total=120_000 * goods + 30_000)
    with CaptureQueriesContext(connection) as asked:
        placed = client.post(CHECKOUT, data)
    assert placed.status_code == 302
    assert Order.objects.get().parcels.get().payment_method == method
    # Django has no words for a statement whose arguments it cannot put into its text: it counts all the same.
    statements = [str(query["sql"])[:120] for query in asked if query["sql"] not in ("BEGIN", "COMMIT")]
    assert len(statements) <= 18 + 2 * (goods - 1), "\n".join(statements)
