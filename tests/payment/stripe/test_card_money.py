"""Card money that fits no order, in the administration: seen and given back by finance alone."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from cms.groups import FINANCE, PROVINCE_OFFICIALS, setup_groups
from marketplace.ledger.models import Entry
from marketplace.order.services import cancel_parcel
from marketplace.payment.card import start_card_payment
from marketplace.payment.models import Refund, UnmatchedMoney
from marketplace.payment.reconcile import reconcile_payments
from marketplace.payment.refund_sending import send_due_refunds
from tests.factories.payments import PARCEL_TOTAL, attempt_of, prepaid_order
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def log_in(client, group: str) -> None:
    setup_groups()
    user = UserFactory()
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)


@pytest.fixture
def money(stripe, now) -> UnmatchedMoney:
    """Paid in the moment in which the buyer cancelled."""
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    cancel_parcel(parcel=order.parcels.get(), by=None, now=now, reason="buyer")
    reconcile_payments(now=now)
    return UnmatchedMoney.objects.get()


def test_it_waits_with_its_reason_and_goes_back_to_the_card_once(stripe, client, money, now):
    log_in(client, FINANCE)
    page = client.get(reverse("card_money")).content.decode()
    assert "150.000\u00a0₫" in page
    assert money.attempt.order.number.upper() in page
    for _ in range(2):
        client.post(reverse("card_money_back", args=[money.pk]), {"note": "hủy"}, follow=True)
    send_due_refunds(now=Refund.objects.get().created_at)
    money.refresh_from_db()
    assert (money.status, Refund.objects.get().status) == ("refunded", "succeeded")
    assert [refund["amount"] for refund in stripe.state()["refund"]] == [PARCEL_TOTAL]
    assert not Entry.objects.filter(transaction__parcel__isnull=False).exists()
    assert client.get(reverse("card_money")).status_code == 200


def test_nobody_without_the_right_sees_it_or_gives_it_back(client, money):
    addresses = [reverse("card_money"), reverse("card_money_back", args=[money.pk])]
    assert client.get(addresses[0]).status_code == 302
    log_in(client, PROVINCE_OFFICIALS)
    assert client.get(addresses[0]).status_code in {302, 403}
    client.post(addresses[1])
    assert not Refund.objects.exists()


def test_a_disputes_state_is_shown(stripe, client, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id, card="4000000000000259")
    reconcile_payments(now=now)
    log_in(client, FINANCE)
    page = client.get(reverse("card_money")).content.decode()
    assert stripe.state()["dispute"][0]["id"] in page


@pytest.mark.parametrize("when", ["at once", "days later"])
def test_a_refund_that_the_cards_bank_sends_back_is_shown_to_finance(stripe, client, tell, now, when):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    reconcile_payments(now=now)
    stripe.refund_outcome("failed" if when == "at once" else "succeeded")
    cancel_parcel(parcel=order.parcels.get(), by=None, now=now, reason="out_of_stock")
    send_due_refunds(now=now)
    (refund,) = stripe.state()["refund"]
    if when == "days later":
        stripe.settle_refund(refund["id"], "failed")
    for event in stripe.events("refund.failed"):
        assert tell(event["id"]).status_code == 200
    log_in(client, FINANCE)
    assert refund["id"] in client.get(reverse("card_money")).content.decode()
    assert Refund.objects.get().last_error
