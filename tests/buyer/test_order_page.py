"""What the buyer reads on the page of an order."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from marketplace.order.emails_packing import consent_key
from marketplace.order.models import Line, Order, OrderInvoice, Parcel, WeightConsent
from marketplace.order.problems import report_problem
from marketplace.order.services import cancel_parcel, ship_parcel
from marketplace.payment.facts import CURRENCY, Fact, apply_fact
from marketplace.payment.models import BankAccount, Refund
from tests.factories.cooperatives import PickupPointFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import BUYER, OrderFactory, ParcelFactory, bring_to, do
from tests.factories.payments import PARCEL_TOTAL, TRANSFER, attempt_of, prepaid_order
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _in_english():
    """The messages' own words, whatever the catalogue says."""
    with translation.override("en"):
        yield


@pytest.fixture
def now():
    return timezone.now() - 20 * HOUR


@pytest.fixture
def lan():
    return UserFactory(email="lan@example.com")


@pytest.fixture
def buyer(lan):
    return replace(BUYER, user=lan, language="en")


@pytest.fixture
def browser(lan):
    client = Client()
    client.force_login(lan)
    return client


def page_of(browser: Client, order: Order) -> str:
    answer = browser.get(f"/en/don-hang/{order.number}/")
    assert answer.status_code == 200
    return answer.content.decode()


def paid_by_transfer(order: Order, at) -> Parcel:
    fact = Fact("transfer", f"FT{order.pk}", PARCEL_TOTAL, CURRENCY, at)
    apply_fact(fact=fact, target=attempt_of(order), now=at)
    return order.parcels.get()


def test_the_history_says_who_did_what_and_when(browser, buyer, now):
    parcel = ParcelFactory(buyer=buyer, now=now)
    parcel = bring_to(parcel, "confirmed", now=now)
    cancel_parcel(parcel=parcel, by=None, now=now + 3 * HOUR, reason="not_confirmed")
    text = page_of(browser, parcel.order)
    assert "<small>you</small>" in text
    assert f"<small>{parcel.cooperative.short_name}</small>" in text
    assert "by itself" in text
    assert "The cooperative did not confirm it in time" in text


def test_a_transfer_that_is_awaited_shows_the_code_the_text_and_how_long_the_goods_are_held(browser, buyer, now):
    order = prepaid_order(now=now, method=TRANSFER, buyer=buyer)
    parcel = order.parcels.get()
    BankAccount.objects.create(
        cooperative=parcel.cooperative, bank_bin="970405", account_number="8888123456789", holder="HTX", changed_at=now
    )
    text = page_of(browser, order)
    for shown in ("payment-code", "8888123456789", parcel.payment_reference, "Waiting for your transfer of 150.000"):
        assert shown in text, shown
    assert "held for you until" in text
    paid_by_transfer(order, now + HOUR)
    text = page_of(browser, order)
    assert "payment-code" not in text
    assert "Paid on" in text


def test_what_comes_when_and_by_whom_and_where_it_is_fetched(browser, buyer, now):
    parcel = bring_to(ParcelFactory(buyer=buyer, now=now), "packed", now=now)
    assert "Expected" in page_of(browser, parcel.order)
    ship_parcel(parcel=parcel, by=None, now=now + 4 * HOUR)
    Parcel.objects.filter(pk=parcel.pk).update(carrier="GHN", tracking_number="GA123456")
    text = page_of(browser, parcel.order)
    assert "GHN, tracking number GA123456" in text
    assert 'href="https://donhang.ghn.vn/?order_code=GA123456"' in text
    listing = ListingFactory()
    point = PickupPointFactory(cooperative=listing.cooperative)
    fetched = ParcelFactory(listing=listing, buyer=buyer, now=now, deliveries={listing.cooperative_id: str(point.pk)})
    text = page_of(browser, fetched.order)
    assert fetched.pickup_note in text
    assert "to pay in cash when you fetch it" in text


def test_lines_say_what_was_packed_and_sums_what_was_taken_off(browser, buyer, now):
    parcel = bring_to(ParcelFactory(buyer=buyer, now=now, units=2), "packed", now=now)
    Line.objects.filter(parcel=parcel).update(packed_units="1.850", seller_discount=10_000)
    text = page_of(browser, parcel.order)
    assert "Packed: 1,85 kg of 2 kg ordered." in text
    assert "−10.000" in text


def test_a_refund_says_how_far_it_is_and_can_be_contested_once_it_is_given(browser, buyer, now):
    order = prepaid_order(now=now, method=TRANSFER, buyer=buyer)
    parcel = paid_by_transfer(order, now + HOUR)
    do(parcel, "cancel", now=now + 2 * HOUR)
    refund = Refund.objects.get()
    contest = f"/en/don-hang/{order.number}/hoan-tien/{refund.pk}/"
    text = page_of(browser, order)
    assert "To be refunded" in text
    assert contest not in text
    Refund.objects.filter(pk=refund.pk).update(status="succeeded", finished_at=now + 3 * HOUR, external_id="FT99")
    text = page_of(browser, order)
    assert contest in text
    assert "FT99" in text
    assert browser.get(contest).status_code == 200
    assert browser.post(contest, {"note": ""}).status_code == 422
    assert browser.post(contest, {"note": "I looked until today"}).status_code == 302
    refund.refresh_from_db()
    assert (refund.status, refund.contest_note) == ("contested", "I looked until today")


def test_invoice_data_and_notes_stand_on_the_page(browser, buyer, now):
    parcel = ParcelFactory(buyer=buyer, now=now, note="Gọi trước khi đến")
    OrderInvoice.objects.create(
        order=parcel.order, name="Công ty An", tax_code="0101234567", address="1 Kim Đồng", email="an@example.com"
    )
    text = page_of(browser, parcel.order)
    for shown in ("Gọi trước khi đến", "Công ty An", "0101234567"):
        assert shown in text


def test_the_list_of_orders_says_how_they_are_paid(browser, buyer, now):
    order = prepaid_order(now=now, method=TRANSFER, buyer=buyer)
    assert "Awaiting payment" in browser.get("/en/don-hang/").content.decode()
    paid_by_transfer(order, now + HOUR)
    assert ">Paid<" in browser.get("/en/don-hang/").content.decode()


def queries_of(browser: Client, order: Order) -> int:
    page_of(browser, order)
    with CaptureQueriesContext(connection) as captured:
        page_of(browser, order)
    return len(captured)


def test_an_order_in_cash_costs_one_query_more_once_it_has_moved_and_problems_two_at_any_number(browser, buyer, now):
    parcel = ParcelFactory(buyer=buyer, now=now)
    # Session, account; order, parcels, lines, events; how full the basket is.
    assert queries_of(browser, parcel.order) == 7
    parcel = bring_to(parcel, "delivered", now=now)
    # Whether there are refunds or problems.
    assert queries_of(browser, parcel.order) == 8
    counts = []
    for _number in range(2):
        report_problem(parcel=parcel, key=uuid4(), kind="late", text="Muộn", photos=[], by=None, now=timezone.now())
        counts.append(queries_of(browser, parcel.order))
    # The problems and their photos.
    assert counts == [10, 10]


def test_a_transfer_costs_one_query_for_the_accounts_of_all_cooperatives(browser, buyer, now):
    listings = [ListingFactory() for _number in range(3)]
    counts = []
    for some in (listings[:1], listings):
        order = prepaid_order(*some, now=now, method=TRANSFER, buyer=buyer)
        counts.append(queries_of(browser, order))
    assert counts == [8, 8]


def test_a_stranger_gets_404_of_every_page_of_the_order(now):
    order = OrderFactory(now=now)
    parcel = order.parcels.get()
    stranger = Client()
    stranger.force_login(UserFactory())
    paths = [
        reverse("order:detail", args=[order.number]),
        reverse("order:recipient", args=[order.number]),
        reverse("order:contest", args=[order.number, 1]),
        reverse("order:problem", args=[order.number, parcel.number]),
        reverse("order:cancel", args=[order.number, parcel.number]),
    ]
    for browser in (Client(), stranger):
        for path in paths:
            assert browser.get(path).status_code == 404, path
            assert browser.post(path).status_code in {404, 405}, path
        assert browser.post(reverse("order:again", args=[order.number])).status_code == 404


def test_a_question_about_a_weight_stands_on_the_page_until_it_is_answered(browser, buyer, now):
    parcel = bring_to(ParcelFactory(buyer=buyer, now=now, units=2), "confirmed", now=now)
    line = parcel.lines.get()
    Line.objects.filter(pk=line.pk).update(is_weighed=True)
    consent = WeightConsent.objects.create(
        line=line, weight="2.300", charge=300_000, requested_at=now, expires_at=timezone.now() + HOUR
    )
    link = f"/en/don-hang/can-nang/{consent_key(consent)}/"
    text = page_of(browser, parcel.order)
    assert "weighs 2,3 kg instead of the 2 kg that you ordered" in text
    assert link in text
    WeightConsent.objects.update(answer="accepted", answered_at=timezone.now())
    assert link not in page_of(browser, parcel.order)
