"""The hosted card page of Stripe's stand-in, which the demo offers: usable by everybody, and without scripts."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.stripe_stand_in import StripeStandIn
from tests.stripe_stand_in.conftest import an_order, client_of

from .conftest import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def stand_in() -> Iterator[StripeStandIn]:
    with StripeStandIn() as running:
        yield running


def opened(stand_in: StripeStandIn) -> stripe.checkout.Session:
    order: Any = an_order(stand_in) | {"success_url": f"{stand_in.url}/?paid={{CHECKOUT_SESSION_ID}}"}
    return client_of(stand_in).v1.checkout.sessions.create(order)


def fill(window: Visitor, number: str) -> None:
    window.page.get_by_label("Số thẻ").fill(number)
    window.page.get_by_label("Ngày hết hạn").fill("12/34")
    window.page.get_by_label("Mã bảo mật").fill("123")
    window.press(window.page.get_by_role("button", name="Thanh toán"))


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_a_buyer_is_declined_then_asked_by_the_bank_and_pays(browser, stand_in: StripeStandIn, viewport):
    session = opened(stand_in)
    window = Visitor(browser, stand_in.url, viewport)
    try:
        window.open(f"/c/pay/{session.id}")
        assert window.violations() == []
        assert window.overflow() == 0
        fill(window, "4000 0000 0000 0002")
        assert "bị từ chối" in window.page.get_by_role("alert").inner_text()
        assert window.violations() == []
        fill(window, "4000 0027 6000 3184")
        assert window.violations() == []
        window.press(window.page.get_by_role("button", name="Xác thực thành công"))
        window.page.wait_for_url(f"{stand_in.url}/?paid={session.id}")
    finally:
        window.close()
    assert stand_in.state()["checkout.session"][0]["payment_status"] == "paid"


def test_it_works_without_scripts(browser, stand_in: StripeStandIn):
    session = opened(stand_in)
    window = Visitor(browser, stand_in.url, PHONE, scripts=False)
    try:
        window.open(f"/c/pay/{session.id}")
        fill(window, "4242 4242 4242 4242")
        window.page.wait_for_url(f"{stand_in.url}/?paid={session.id}")
    finally:
        window.close()
    assert window.errors == []
