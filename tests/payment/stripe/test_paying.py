"""From our page to Stripe's and back, over Stripe's own client library."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance, owed_to
from marketplace.order.services import cancel_parcel
from marketplace.payment.card import card_is_offered, start_card_payment
from marketplace.payment.models import PaymentAttempt, PaymentFact, UnmatchedMoney
from marketplace.payment.providers.choice import card_provider
from tests.factories.listings import ListingFactory
from tests.factories.payments import PARCEL_TOTAL, attempt_of, prepaid_order

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def sessions(stripe):
    return stripe.state()["checkout.session"]


def test_without_a_key_cards_are_not_offered_and_the_buyer_goes_to_the_order(settings, now):
    settings.STRIPE_SECRET_KEY = ""
    order = prepaid_order(now=now)
    assert not card_is_offered()
    assert start_card_payment(order=order, now=now).startswith(f"/don-hang/{order.number}/")


@pytest.mark.parametrize(
    ("amount", "offered"), [(19_999, False), (20_000, True), (99_999_999, True), (100_000_000, False)]
)
def test_cards_are_offered_between_stripes_limits(stripe, amount, offered):
    assert card_is_offered(amount) is offered


def test_the_page_shows_each_parcel_and_asks_for_the_whole_order(stripe, now):
    order = prepaid_order(ListingFactory(), ListingFactory(), now=now)
    url = start_card_payment(order=order, now=now)
    attempt, session = attempt_of(order), sessions(stripe)[0]
    assert url == session["url"] == attempt.url
    assert (attempt.status, attempt.external_id) == ("pending", session["id"])
    assert (session["amount_total"], session["currency"], session["locale"]) == (2 * PARCEL_TOTAL, "vnd", "vi")
    assert session["metadata"] == {"attempt": attempt.idempotency_key, "order_number": order.number}
    assert session["expires_at"] == int((now + 35 * MINUTE).timestamp())
    assert [row["key"] for row in stripe.requests()] == [attempt.idempotency_key]


def test_paid_on_stripes_page_the_return_marks_every_parcel_paid_and_owes_each_cooperative_its_own(stripe, client, now):
    order = prepaid_order(ListingFactory(), ListingFactory(), now=now)
    start_card_payment(order=order, now=now)
    session = sessions(stripe)[0]
    stripe.pay(session["id"])
    answer = client.get(session["success_url"].removeprefix("http://127.0.0.1:8000"))
    assert answer.url == reverse("order:detail", args=[order.number])
    assert client.get(answer.url).status_code == 200
    attempt = attempt_of(order)
    assert (attempt.status, attempt.payment_id[:3]) == ("succeeded", "pi_")
    for parcel in order.parcels.all():
        assert (parcel.payment_status, parcel.amount_received, parcel.hold_expires_at) == ("paid", PARCEL_TOTAL, None)
        assert owed_to(parcel.cooperative_id) == PARCEL_TOTAL
    fee = stripe.settings.fee_on(2 * PARCEL_TOTAL)
    assert balance(Account.Kind.PROVIDER_FEES) == fee
    assert balance(Account.Kind.CARD_CLEARING) == 2 * PARCEL_TOTAL - fee


def test_coming_back_without_having_paid_marks_nothing_and_pay_now_leads_to_the_same_page(stripe, client, now):
    order = prepaid_order(now=now)
    url = start_card_payment(order=order, now=now)
    back = client.get(sessions(stripe)[0]["cancel_url"].removeprefix("http://127.0.0.1:8000"))
    assert order.parcels.get().payment_status == "awaiting"
    assert "/thanh-toan/the/" in client.get(back.url).content.decode()
    answer = client.post(reverse("payment:pay_by_card", args=[order.number]))
    assert answer.url == url
    assert len(sessions(stripe)) == 1


def test_an_address_of_return_that_we_did_not_give_is_not_there(stripe, client, now):
    attempt = attempt_of(prepaid_order(now=now))
    for token in (f"{attempt.pk}.forged", str(attempt.pk), "x"):
        assert client.get(reverse("payment:card_return", args=[token])).status_code == 404


def test_a_stranger_starts_no_payment_of_somebody_elses_order(stripe, client, now):
    order = prepaid_order(now=now)
    assert client.post(reverse("payment:pay_by_card", args=[order.number])).status_code == 404
    assert not sessions(stripe)


@pytest.mark.parametrize("fault", ["reset_after", "error_after", "hang_after"])
def test_an_answer_that_is_lost_is_asked_for_again_with_the_same_key_and_makes_one_page(stripe, now, fault):
    order = prepaid_order(now=now)
    stripe.fault(fault, path="/v1/checkout/sessions", times=3, seconds=0.1)
    start_card_payment(order=order, now=now)
    stripe.clear_faults()
    url = start_card_payment(order=order, now=now)
    assert url == sessions(stripe)[0]["url"]
    assert len(sessions(stripe)) == 1
    assert {row["key"] for row in stripe.requests() if row["method"] == "POST"} == {attempt_of(order).idempotency_key}


def test_while_stripe_is_down_the_order_waits_with_its_attempt(stripe, now):
    order = prepaid_order(now=now)
    stripe.fault("error", times=100)
    assert start_card_payment(order=order, now=now).startswith("/don-hang/")
    assert attempt_of(order).status == "created"


def test_when_stripe_has_not_answered_three_buyers_the_next_ones_do_not_wait(stripe, now):
    orders = [prepaid_order(now=now) for _ in range(5)]
    stripe.fault("busy", times=100)
    for order in orders:
        assert start_card_payment(order=order, now=now).startswith("/don-hang/")
    assert len(stripe.requests()) == 3
    stripe.clear_faults()
    cache.clear()
    assert start_card_payment(order=orders[4], now=now) == sessions(stripe)[0]["url"]


def test_a_key_under_which_stripe_keeps_a_failure_gives_way_to_a_new_attempt(stripe, now):
    order = prepaid_order(now=now)
    stripe.fault("error_saved", path="/v1/checkout/sessions")
    assert start_card_payment(order=order, now=now).startswith("/don-hang/")
    assert start_card_payment(order=order, now=now) == sessions(stripe)[0]["url"]
    assert list(PaymentAttempt.objects.order_by("pk").values_list("status", flat=True)) == ["failed", "pending"]


def test_an_expired_page_gives_way_to_a_new_one_while_the_goods_are_held(stripe, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    card_provider().expire_page(attempt_of(order).external_id)
    url = start_card_payment(order=order, now=now + 2 * MINUTE)
    assert url == sessions(stripe)[1]["url"]
    assert list(PaymentAttempt.objects.order_by("pk").values_list("status", flat=True)) == ["expired", "pending"]


def test_after_the_hold_nothing_can_be_paid_any_more(stripe, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    assert start_card_payment(order=order, now=now + 36 * MINUTE).startswith("/don-hang/")
    assert sessions(stripe)[0]["status"] == "expired"


def test_a_parcel_cancelled_meanwhile_is_not_asked_for_any_more(stripe, now):
    order = prepaid_order(ListingFactory(), ListingFactory(), now=now)
    start_card_payment(order=order, now=now)
    cancel_parcel(parcel=order.parcels.first(), by=None, now=now, reason="buyer")
    url = start_card_payment(order=order, now=now)
    first, second = sessions(stripe)
    assert (first["status"], second["url"], second["amount_total"]) == ("expired", url, PARCEL_TOTAL)


def test_what_is_paid_on_a_page_that_names_another_order_pays_neither(stripe, now):
    order, other = prepaid_order(now=now), prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    start_card_payment(order=other, now=now)
    mine, theirs = attempt_of(order), attempt_of(other)
    PaymentAttempt.objects.filter(pk=mine.pk).update(external_id="")
    PaymentAttempt.objects.filter(pk=theirs.pk).update(external_id=mine.external_id)
    stripe.pay(mine.external_id)
    start_card_payment(order=other, now=now + 2 * MINUTE)
    assert UnmatchedMoney.objects.get().reason == "unknown_payment"
    assert not PaymentFact.objects.exists()
