"""Which ways of paying are open to a parcel."""

from datetime import timedelta

import pytest

from marketplace.order import services
from marketplace.order.placing import Buyer
from marketplace.payment.models import PaymentTerms
from marketplace.payment.terms import methods_for
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import PLACED_AT, ParcelFactory

pytestmark = pytest.mark.django_db

PHONE = "+84912345678"
NOW = PLACED_AT + timedelta(days=30)


def offered(cooperative, *, total=100_000, phone=PHONE, now=NOW):
    return methods_for(cooperative_ids=[cooperative.pk], totals={cooperative.pk: total}, phone=phone, now=now)[
        cooperative.pk
    ]


def refuse_at_the_door(*, phone=PHONE, times=1):
    """So many parcels of that phone are sent, and refused."""
    for _ in range(times):
        parcel = ParcelFactory(status="shipped", buyer=Buyer(name="Lan", phone=phone))
        services.fail_delivery(parcel=parcel, by=None, now=PLACED_AT + timedelta(hours=6), reason="refused")


def test_without_terms_everything_is_accepted():
    methods = offered(CooperativeFactory())
    assert methods.accepted == {"cod", "transfer", "card"}
    assert not methods.cash_problem


def test_each_way_of_paying_can_be_closed():
    cooperative = CooperativeFactory()
    PaymentTerms.objects.create(
        cooperative=cooperative,
        accepts_cash=False,
        accepts_transfer=True,
        accepts_card=False,
        calls_before_packing=True,
    )
    methods = offered(cooperative)
    assert methods.accepted == {"transfer"}
    assert methods.cash_problem
    assert methods.calls_before_packing


@pytest.mark.parametrize(("total", "is_cash"), [(500_000, True), (500_001, False)])
def test_cash_is_taken_up_to_the_cooperatives_maximum(total, is_cash):
    cooperative = CooperativeFactory()
    PaymentTerms.objects.create(cooperative=cooperative, cash_maximum=500_000)
    assert ("cod" in offered(cooperative, total=total).accepted) is is_cash


@pytest.mark.parametrize(("times", "is_cash"), [(0, True), (1, True), (2, False)])
def test_a_phone_that_refused_twice_at_the_door_pays_in_advance_everywhere(times, is_cash):
    refuse_at_the_door(times=times)
    methods = offered(CooperativeFactory())
    assert ("cod" in methods.accepted) is is_cash
    assert "transfer" in methods.accepted


def test_refusals_of_another_phone_and_of_long_ago_do_not_count():
    refuse_at_the_door(phone="+84987654321", times=2)
    assert "cod" in offered(CooperativeFactory()).accepted
    refuse_at_the_door(times=2)
    assert "cod" in offered(CooperativeFactory(), now=PLACED_AT + timedelta(days=367)).accepted


def test_one_parcel_refused_again_and_again_is_one_refusal():
    parcel = ParcelFactory(status="shipped", buyer=Buyer(name="Lan", phone=PHONE))
    for hours in (6, 8):
        parcel = services.fail_delivery(
            parcel=parcel, by=None, now=PLACED_AT + timedelta(hours=hours), reason="refused"
        )
        parcel = services.ship_parcel(parcel=parcel, by=None, now=PLACED_AT + timedelta(hours=hours + 1))
    assert "cod" in offered(CooperativeFactory()).accepted


def test_it_costs_two_queries_for_any_number_of_cooperatives(django_assert_num_queries):
    cooperatives = [ListingFactory().cooperative for _ in range(4)]
    ids = [cooperative.pk for cooperative in cooperatives]
    with django_assert_num_queries(2):
        methods_for(cooperative_ids=ids, totals={}, phone=PHONE, now=NOW)
    with django_assert_num_queries(1):
        methods_for(cooperative_ids=ids, totals={}, phone="", now=NOW)
