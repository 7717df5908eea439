"""Offers and vouchers: what they take off, who bears it, and how often they may be used."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from oscar.apps.voucher.models import Voucher, VoucherApplication

from marketplace.basket.models import Basket
from marketplace.basket.services import VoucherRefusedError, VoucherUnknownError, use_voucher
from marketplace.checkout.quotes import quote_basket
from marketplace.checkout.services import PriceChangedError
from marketplace.checkout.usage import VoucherGoneError
from marketplace.ledger.parcels import fee_of
from marketplace.offer.models import Benefit, ConditionalOffer
from marketplace.order.models import Line, Order, OrderDiscount
from marketplace.order.services import cancel_parcel
from marketplace.settlement.fees import set_fee
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.offers import offer, voucher
from tests.factories.orders import BUYER, PLACED_AT, basket_with, place
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def quote(basket, *, owner=None, now=PLACED_AT):
    return quote_basket(basket_id=basket.pk, owner=owner, deliveries={}, now=now)


def use(basket, code, *, owner=None, now=PLACED_AT):
    use_voucher(basket=basket, code=code, owner=owner, now=now)


@pytest.fixture
def chestnuts():
    return ListingFactory(price_per_unit=120_000, step=Decimal("0.5"))


@pytest.fixture
def tea():
    return ListingFactory(price_per_unit=99_999, step=1)


def test_an_offer_takes_its_share_off_every_line_and_the_order_adds_up(chestnuts, tea):
    found = offer(value=10)
    order = place(basket_with((chestnuts, "1.5"), (tea, 1)))
    lines = list(Line.objects.filter(order=order).order_by("pk"))
    # 10 % of 279.999 is 27.999,9: rounded down once, and shared out by the remainders.
    assert [(int(line.marketplace_discount), int(line.line_price_incl_tax)) for line in lines] == [
        (18_000, 162_000),
        (9_999, 90_000),
    ]
    assert [int(line.line_price_before_discounts_incl_tax) for line in lines] == [180_000, 99_999]
    assert order.total_incl_tax == 252_000 + 60_000 == sum(parcel.total for parcel in order.parcels.all())
    assert [int(parcel.goods_total) for parcel in order.parcels.order_by("pk")] == [162_000, 90_000]
    given = OrderDiscount.objects.get(order=order)
    assert (given.offer_id, int(given.amount), given.frequency) == (found.pk, 27_999, 1)


def test_an_amount_is_split_over_three_parcels_to_the_dong():
    offer(kind=Benefit.FIXED, value=10_000)
    goods = [(ListingFactory(price_per_unit=30_000, step=1), 1) for _ in range(3)]
    order = place(basket_with(*goods))
    assert [int(line.marketplace_discount) for line in Line.objects.filter(order=order).order_by("pk")] == [
        3_334,
        3_333,
        3_333,
    ]
    assert order.total_incl_tax == 80_000 + 90_000


def test_what_a_cooperative_bears_falls_on_its_own_goods_alone(chestnuts, tea):
    offer(value=50, funded_by=chestnuts.cooperative)
    order = place(basket_with((chestnuts, 1), (tea, 1)))
    lines = {line.product_id: line for line in Line.objects.filter(order=order)}
    assert (lines[chestnuts.pk].seller_discount, lines[chestnuts.pk].marketplace_discount) == (60_000, 0)
    assert (lines[tea.pk].seller_discount, lines[tea.pk].marketplace_discount) == (0, 0)


def test_its_condition_counts_its_own_goods_alone(chestnuts, tea):
    offer(value=50, least=150_000, funded_by=chestnuts.cooperative)
    assert quote(basket_with((chestnuts, 1), (tea, 3))).discount == 0
    assert quote(basket_with((chestnuts, "1.5"))).discount == 90_000


def test_an_offer_on_some_goods_leaves_the_others_alone(chestnuts, tea):
    offer(tea, value=10)
    found = quote(basket_with((chestnuts, 1), (tea, 1)))
    assert [parcel.discount for parcel in found.parcels] == [0, 9_999]


def test_two_offers_on_one_line_never_take_more_than_it_costs(tea):
    for _turn in range(2):
        offer(value=70, exclusive=False)
    found = quote(basket_with((tea, 1)))
    assert 0 < found.discount <= 99_999
    assert found.total >= 30_000


def test_the_fee_is_on_goods_after_what_the_seller_bears(chestnuts):
    set_fee(rate=Decimal(5), valid_from=PLACED_AT.date() - timedelta(days=30))
    offer(value=10)
    offer(value=20, funded_by=chestnuts.cooperative, exclusive=False, priority=5)
    ConditionalOffer.objects.update(exclusive=False)
    order = place(basket_with((chestnuts, 1)))
    line = Line.objects.get(order=order)
    assert (line.fee_rate, line.seller_discount) == (5, 24_000)
    assert line.marketplace_discount > 0
    assert fee_of([line], {}) == 4_800


def test_without_offers_and_codes_an_order_asks_nothing_of_them(chestnuts):
    basket = basket_with((chestnuts, 1))
    quote(basket)
    with CaptureQueriesContext(connection) as asked:
        quote(basket)
    assert len(asked) == 3
    assert not any('FROM "offer_' in query["sql"].replace("EXISTS", "")[:60] for query in asked)


def test_a_code_gives_its_discount_and_is_counted(chestnuts):
    code = voucher(value=10)
    basket = basket_with((chestnuts, 1))
    use(basket, " tet2027 ")
    order = place(basket)
    code.refresh_from_db()
    assert (order.total_incl_tax, code.num_orders, code.total_discount) == (138_000, 1, 12_000)
    assert VoucherApplication.objects.get().order == order
    assert OrderDiscount.objects.get().voucher_code == "TET2027"


@pytest.mark.parametrize(
    ("changes", "days", "owner"),
    [
        ({}, -30, None),
        ({}, 400, None),
        ({"usage": Voucher.ONCE_PER_CUSTOMER}, 0, None),
        ({"status": ConditionalOffer.SUSPENDED}, 0, None),
        ({"max_global_applications": 1, "num_applications": 1}, 0, None),
    ],
)
def test_a_code_that_is_early_late_used_up_or_for_members_is_refused_with_its_reason(chestnuts, changes, days, owner):
    voucher(**changes)
    basket = basket_with((chestnuts, 1))
    with pytest.raises(VoucherRefusedError) as caught:
        use(basket, "TET2027", owner=owner, now=PLACED_AT + timedelta(days=days))
    assert str(caught.value)
    assert not basket.vouchers.exists()


def test_an_unknown_code_is_refused(chestnuts):
    with pytest.raises(VoucherUnknownError):
        use(basket_with((chestnuts, 1)), "KHONGCO")


def test_a_code_for_other_goods_says_so_and_gives_nothing(chestnuts, tea):
    voucher(tea)
    basket = basket_with((chestnuts, 1))
    use(basket, "TET2027")
    found = quote(basket)
    assert found.discount == 0
    assert found.reductions.vouchers[0].problem


def test_a_code_once_a_person_is_refused_the_second_time(chestnuts):
    voucher(usage=Voucher.ONCE_PER_CUSTOMER)
    user = UserFactory()
    basket = basket_with((chestnuts, 1), owner=user)
    use(basket, "TET2027", owner=user)
    place(basket, buyer=replace(BUYER, user=user))
    with pytest.raises(VoucherRefusedError):
        use(basket_with((chestnuts, 1), owner=user), "TET2027", owner=user)


def test_a_code_that_was_used_up_meanwhile_places_nothing_and_keeps_the_basket(chestnuts):
    voucher(usage=Voucher.SINGLE_USE)
    first, second = basket_with((chestnuts, 1)), basket_with((chestnuts, 1))
    use(first, "TET2027")
    use(second, "TET2027")
    place(first)
    with pytest.raises(PriceChangedError):
        place(second, seen_total=138_000)
    second.refresh_from_db()
    assert (second.status, Order.objects.count()) == (Basket.OPEN, 1)
    assert quote(second).reductions.vouchers[0].problem


def test_cancelling_the_whole_order_gives_the_code_back_and_a_part_of_it_does_not(chestnuts, tea):
    code = voucher(usage=Voucher.SINGLE_USE, max_global_applications=1)
    basket = basket_with((chestnuts, 1), (tea, 1))
    use(basket, "TET2027")
    order = place(basket)
    first, second = order.parcels.order_by("pk")
    offers = ConditionalOffer.objects.filter(vouchers=code)
    assert offers.get().status == ConditionalOffer.CONSUMED
    cancel_parcel(parcel=first, by=None, now=PLACED_AT, reason="buyer")
    assert VoucherApplication.objects.count() == 1
    cancel_parcel(parcel=second, by=None, now=PLACED_AT, reason="buyer")
    assert not VoucherApplication.objects.exists()
    assert (offers.get().status, offers.get().num_applications, offers.get().total_discount) == ("Open", 0, 0)
    use(basket_with((tea, 1)), "TET2027")


def test_an_offer_with_a_last_use_is_given_once(tea):
    offer(value=10, max_global_applications=1)
    assert place(basket_with((tea, 1))).total_incl_tax == 99_999 - 9_999 + 30_000
    assert place(basket_with((tea, 1))).total_incl_tax == 129_999


def test_an_offer_once_a_person_is_given_to_each_person_once(tea):
    offer(value=10, max_user_applications=1)
    user = UserFactory()
    buyer = replace(BUYER, user=user)
    first = place(basket_with((tea, 1), owner=user), buyer=buyer)
    second = place(basket_with((tea, 1), owner=user), buyer=buyer)
    assert (first.total_incl_tax, second.total_incl_tax) == (120_000, 129_999)
    cancel_parcel(parcel=first.parcels.get(), by=None, now=PLACED_AT, reason="buyer")
    assert place(basket_with((tea, 1), owner=user), buyer=buyer).total_incl_tax == 120_000


def test_a_discount_on_delivery_is_not_applied(tea):
    offer(kind=Benefit.SHIPPING_PERCENTAGE, value=100)
    assert quote(basket_with((tea, 1))).total == 129_999


def test_the_number_of_lines_costs_no_further_query():
    offer(value=10)
    cooperative = CooperativeFactory()
    counts = []
    for goods in (1, 6):
        basket = basket_with(*((ListingFactory(cooperative=cooperative), 1) for _ in range(goods)))
        quote(basket)
        with CaptureQueriesContext(connection) as asked:
            quote(basket)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_error_of_a_lost_use_names_the_code():
    assert "TET2027" in str(VoucherGoneError(name="TET2027"))
