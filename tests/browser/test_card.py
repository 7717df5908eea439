"""Paying by card in a real Chromium: over the hosted page and 3-D Secure, back, and the money given back."""

import pytest
from django.utils import timezone, translation

from marketplace.order.links import order_path
from marketplace.order.services import cancel_parcel
from marketplace.payment.models import Refund
from marketplace.payment.refund_sending import send_due_refunds
from tests.browser.conftest import PHONE
from tests.browser.hands import type_card
from tests.factories.payments import prepaid_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DECLINED, ASKS = "4000 0000 0000 0002", "4000 0025 0000 3155"


def test_a_guest_pays_on_the_hosted_page_and_gets_the_money_back(visit, stripe):
    order = prepaid_order(now=timezone.now())
    visitor = visit(PHONE)
    with translation.override("vi"):
        page = visitor.open(order_path(order))
    assert "150.000" in page.inner_text("main")
    assert not visitor.violations()
    assert visitor.overflow() <= 0
    visitor.press("form[action*='/the/'] button")
    page.wait_for_url(f"{stripe.url}/c/pay/*")
    type_card(visitor, DECLINED)
    page.wait_for_selector("[role=alert]")
    visitor.errors.clear()  # The hosted page answers 402.
    type_card(visitor, ASKS)
    visitor.press("#complete")
    page.wait_for_url(f"**/don-hang/{order.number}/")
    assert page.locator("form[action*='/the/']").count() == 0
    assert order.parcels.get().payment_status == "paid"
    assert stripe.drain()
    assert {row["status"] for row in stripe.deliveries()} == {"delivered"}

    cancel_parcel(parcel=order.parcels.get(), by=None, now=timezone.now(), reason="buyer")
    send_due_refunds(now=timezone.now())
    assert Refund.objects.get().status == "succeeded"
    visitor.open(f"/don-hang/{order.number}/")
    assert order.parcels.get().payment_status == "refunded"
    assert not visitor.errors
