"""Evidence as trade happens: buyers joined by contacts, insiders never counted, every call idempotent."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from cooperatives.linkage import evidence
from cooperatives.linkage.evidence import (
    ListingClosedBeforeOpenedError,
    ListingNotRecordedError,
    ReductionFact,
    ReductionNotPositiveError,
    SaleFact,
    SaleNotRecordedError,
)
from cooperatives.linkage.models import BuyerContact, ListingEvidence, SaleEvidence, SaleReduction
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory, MembershipFactory
from tests.factories.places import CommuneFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 2)


@pytest.fixture
def seller():
    return CooperativeFactory()


@pytest.fixture
def make_fact(seller):
    commodity, unit = CommodityFactory(), CommuneFactory()

    def make(source="line:1", **changes):
        facts = {
            "source": source,
            "order_key": "order-1",
            "cooperative_id": seller.pk,
            "commodity_id": commodity.pk,
            "unit_id": unit.pk,
            "delivered_on": DAY,
            "paid_on": DAY,
            "amount": Decimal(120_000),
            "account_id": None,
            "phone": "",
            "email": "",
        }
        return SaleFact(**facts | changes)

    return make


def buy(key, *, account_id=None, phone="", email="", on=DAY):
    evidence.record_buyer(order_key=key, placed_on=on, account_id=account_id, phone=phone, email=email)
    return BuyerContact.objects.get(order_key=key).component


def test_orders_that_share_nothing_are_different_buyers():
    assert buy("a", phone="0912000001") != buy("b", phone="0912000002", email="b@example.com")


@pytest.mark.parametrize("written", ["0912000001", "+84 912 000 001", "84912000001", "0912.000.001"])
def test_one_phone_is_one_buyer_however_it_is_written(written):
    assert buy("a", phone="+84912000001") == buy("b", phone=written)


def test_one_email_is_one_buyer_in_upper_and_lower_case():
    assert buy("a", email="Hoa@Example.com ") == buy("b", email="hoa@example.com")


def test_an_account_number_is_not_taken_for_a_phone():
    assert buy("a", account_id=912000001) != buy("b", phone="912000001")


def test_an_order_that_shares_contacts_with_two_buyers_makes_them_one():
    first, second = buy("a", phone="0912000001"), buy("b", email="b@example.com")
    third = buy("c", account_id=7)
    joined = buy("d", phone="0912000001", email="b@example.com")
    assert first != second
    assert set(BuyerContact.objects.exclude(order_key="c").values_list("component", flat=True)) == {joined}
    assert BuyerContact.objects.get(order_key="c").component == third


def test_orders_without_any_contact_are_different_buyers():
    assert buy("a") != buy("b")


def test_a_contact_is_kept_only_as_a_hash_that_needs_the_key(settings):
    buy("a", account_id=5, phone="0912000001", email="hoa@example.com")
    kept = BuyerContact.objects.get()
    assert "912000001" not in kept.phone
    assert "hoa" not in kept.email
    settings.BUYER_HASH_KEY = "another"
    assert evidence.contact_hashes(account_id=None, phone="0912000001", email="").phone != kept.phone


def test_an_order_recorded_twice_stays_as_it_was():
    component = buy("a", phone="0912000001")
    assert buy("a", phone="0912000002") == component
    assert BuyerContact.objects.count() == 1


def test_recording_a_buyer_takes_two_queries(django_assert_num_queries):
    buy("a", phone="0912000001")
    buy("b", email="b@example.com")
    lock = connection.vendor == "postgresql"
    with django_assert_num_queries(2 + lock):  # who shares a contact; the new row
        evidence.record_buyer(order_key="c", placed_on=DAY, account_id=None, phone="0912000001", email="c@example.com")
    with django_assert_num_queries(3 + lock):  # and the buyers that the order joins
        evidence.record_buyer(order_key="d", placed_on=DAY, account_id=None, phone="0912000001", email="b@example.com")


def test_a_sale_is_appended_once_with_its_reductions(make_fact):
    fact = make_fact(reductions=(ReductionFact("return:1", date(2026, 3, 5), Decimal(20_000)),))
    evidence.record_sales([fact])
    evidence.record_sales([fact, make_fact("line:2")])
    assert list(SaleEvidence.objects.order_by("pk").values_list("source", "amount", "by_insider")) == [
        ("line:1", 120_000, False),
        ("line:2", 120_000, False),
    ]
    assert SaleReduction.objects.get().sale.source == "line:1"


@pytest.mark.parametrize("contact", ["phone", "email", "account", "account's phone", "account's e-mail"])
def test_a_purchase_by_the_sellers_own_people_is_marked(make_fact, seller, contact):
    user = UserFactory(phone="+84912000077", email="clerk@example.com")
    told = {
        "phone": ({"user": None, "phone": "+84912000066"}, {"phone": "0912 000 066"}),
        "email": ({"user": None, "email": "Member@example.com"}, {"email": "member@EXAMPLE.com"}),
        "account": ({"user": user}, {"account_id": user.pk}),
        "account's phone": ({"user": user}, {"phone": "0912000077"}),
        "account's e-mail": ({"user": user}, {"email": "clerk@example.com"}),
    }
    membership, bought = told[contact]
    MembershipFactory(cooperative=seller, **membership)
    evidence.record_sales([make_fact(**bought), make_fact("line:2", phone="0912000011")])
    assert list(SaleEvidence.objects.order_by("source").values_list("by_insider", flat=True)) == [True, False]


def test_people_of_another_cooperative_or_of_another_day_are_buyers_like_all(make_fact, seller):
    MembershipFactory(user=None, phone="+84912000066")
    MembershipFactory(cooperative=seller, user=None, phone="+84912000066", valid_to=DAY)
    MembershipFactory(cooperative=seller, user=None, phone="+84912000066", valid_from=date(2026, 3, 3))
    evidence.record_sales([make_fact(phone="0912000066")])
    assert not SaleEvidence.objects.get().by_insider


def test_an_insider_whose_order_tells_nothing_any_more_is_known_by_the_hashes(make_fact, seller):
    MembershipFactory(cooperative=seller, user=None, phone="+84912000066")
    buy("order-1", phone="0912000066")
    evidence.record_sales([make_fact()])
    assert SaleEvidence.objects.get().by_insider


def test_a_reduction_is_appended_once(make_fact):
    evidence.record_sales([make_fact()])
    for _ in range(2):
        evidence.record_reduction(sale_source="line:1", source="refund:1", reduced_on=DAY, amount=Decimal(30_000))
    assert SaleReduction.objects.get().amount == 30_000


def test_a_reduction_of_an_unknown_sale_or_of_nothing_is_refused(make_fact):
    evidence.record_sales([make_fact()])
    with pytest.raises(SaleNotRecordedError):
        evidence.record_reduction(sale_source="line:9", source="r", reduced_on=DAY, amount=Decimal(1))
    with pytest.raises(ReductionNotPositiveError):
        evidence.record_reduction(sale_source="line:1", source="r", reduced_on=DAY, amount=Decimal(0))
    assert not SaleReduction.objects.exists()


def test_a_listing_is_opened_and_closed_once(make_fact):
    fact = make_fact()
    for first_on in (DAY, date(2026, 3, 9)):
        evidence.open_listing(
            source="publication:1",
            cooperative_id=fact.cooperative_id,
            commodity_id=fact.commodity_id,
            unit_id=fact.unit_id,
            first_on=first_on,
        )
    evidence.close_listing(source="publication:1", last_on=DAY)
    evidence.close_listing(source="publication:1", last_on=date(2026, 4, 1))
    row = ListingEvidence.objects.get()
    assert (row.first_on, row.last_on) == (DAY, DAY)


def test_a_listing_cannot_close_before_it_opened_nor_without_having_opened(make_fact):
    fact = make_fact()
    evidence.open_listing(
        source="publication:1",
        cooperative_id=fact.cooperative_id,
        commodity_id=fact.commodity_id,
        unit_id=fact.unit_id,
        first_on=DAY,
    )
    with pytest.raises(ListingClosedBeforeOpenedError):
        evidence.close_listing(source="publication:1", last_on=date(2026, 3, 1))
    with pytest.raises(ListingNotRecordedError):
        evidence.close_listing(source="publication:2", last_on=DAY)
    assert ListingEvidence.objects.get().last_on is None
