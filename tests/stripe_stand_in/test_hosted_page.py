"""The hosted page as a buyer's browser sees it, without scripts."""

import re

import pytest
import requests
import stripe

from tests.stripe_stand_in import StripeStandIn

from .conftest import Opens

FINE, DECLINED, ASKS = "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0027 6000 3184"


def fill(url: str, number: str, **changes: str) -> requests.Response:
    form = {"number": number, "expiry": "12/34", "cvc": "123"} | changes
    return requests.post(url, data=form, allow_redirects=False, timeout=10)


def paid(stand_in: StripeStandIn) -> list[str]:
    return [row["payment_status"] for row in stand_in.state()["checkout.session"]]


def test_the_page_shows_the_lines_the_total_and_that_no_money_moves(open_session: Opens):
    page = requests.get(str(open_session().url), timeout=10).text
    assert '<html lang="vi">' in page
    assert "không có tiền thật" in page
    assert "Gà Quảng Hòa" in page
    assert "185.000\u00a0₫" in page
    assert 'href="https://cho.example/thoi"' in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("locale", "browser", "title"),
    [("en", "vi", "Pay by card"), ("auto", "en-GB,en", "Pay by card"), ("auto", "vi", "Thanh toán bằng thẻ")],
)
def test_the_page_speaks_the_sessions_language_or_the_browsers(
    open_session: Opens, locale: str, browser: str, title: str
):
    session = open_session(locale=locale)
    page = requests.get(str(session.url), headers={"Accept-Language": browser}, timeout=10).text
    assert f"<h1>{title}</h1>" in page


def test_a_good_card_leads_back_to_the_site_with_the_sessions_id(open_session: Opens, stand_in: StripeStandIn):
    session = open_session()
    answer = fill(str(session.url), FINE)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"https://cho.example/xong?session={session.id}")
    assert paid(stand_in) == ["paid"]


def test_a_second_tab_pays_nothing_twice(open_session: Opens, stand_in: StripeStandIn):
    session = open_session()
    first, second = fill(str(session.url), FINE), fill(str(session.url), FINE)
    assert second.headers["Location"] == first.headers["Location"]
    assert len(stand_in.state()["charge"]) == 1
    assert "Đã thanh toán" in requests.get(str(session.url), timeout=10).text


def test_a_declined_card_is_told_and_another_one_is_taken(open_session: Opens, stand_in: StripeStandIn):
    url = str(open_session().url)
    told = fill(url, DECLINED)
    assert told.status_code == 402
    assert re.search(r'role="alert">.*bị từ chối', told.text)
    assert paid(stand_in) == ["unpaid"]
    assert fill(url, FINE).status_code == 303
    assert paid(stand_in) == ["paid"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"number": "4242 4242 4242 4241"}, "number-problem"),
        ({"number": "5555 5555 5555 4444"}, "number-problem"),
        ({"expiry": "12/20"}, "expiry-problem"),
        ({"expiry": "13/34"}, "expiry-problem"),
        ({"expiry": "²/34"}, "expiry-problem"),
        ({"cvc": "12"}, "cvc-problem"),
        ({"number": ""}, "number-problem"),
    ],
    ids=["bad digit", "not a test card", "past", "no month", "no digit", "short code", "empty"],
)
def test_a_wrong_field_is_named_and_nothing_is_tried(
    open_session: Opens, stand_in: StripeStandIn, changes: dict[str, str], told: str
):
    answer = fill(str(open_session().url), **({"number": FINE} | changes))
    assert answer.status_code == 422
    assert f'id="{told}"' in answer.text
    assert stand_in.state()["payment_intent"] == []


def test_an_unknown_buyer_is_asked_for_an_address(open_session: Opens, stand_in: StripeStandIn):
    session = open_session(customer_email=None)
    assert fill(str(session.url), FINE).status_code == 422
    assert fill(str(session.url), FINE, email="lan@example.com").status_code == 303
    assert stand_in.state()["checkout.session"][0]["customer_details"]["email"] == "lan@example.com"


@pytest.mark.parametrize(
    ("answer", "status", "leads_to"), [("complete", "paid", "cho.example/xong"), ("fail", "unpaid", "/c/pay/")]
)
def test_the_bank_asks_on_a_page_of_its_own(
    open_session: Opens, stand_in: StripeStandIn, answer: str, status: str, leads_to: str
):
    session = open_session()
    asked = fill(str(session.url), ASKS)
    assert asked.headers["Location"] == f"/c/3ds/{session.id}"
    bank = f"{stand_in.url}/c/3ds/{session.id}"
    assert "3-D Secure" in requests.get(bank, timeout=10).text
    answered = requests.post(bank, data={"answer": answer}, allow_redirects=False, timeout=10)
    assert leads_to in answered.headers["Location"]
    assert paid(stand_in) == [status]
    if answer == "fail":
        assert "chưa xác thực" in requests.get(str(session.url), timeout=10).text


def test_an_expired_page_takes_no_card(open_session: Opens, stand_in: StripeStandIn, client: stripe.StripeClient):
    session = open_session()
    client.v1.checkout.sessions.expire(session.id)
    answer = fill(str(session.url), FINE)
    assert answer.status_code == 410
    assert "đã hết hạn" in answer.text
    assert paid(stand_in) == ["unpaid"]
    assert requests.get(f"{stand_in.url}/c/pay/cs_test_nobody", timeout=10).status_code == 404


def test_words_of_the_order_are_escaped(open_session: Opens):
    session = open_session(
        line_items=[
            {
                "quantity": 2,
                "price_data": {
                    "currency": "vnd",
                    "unit_amount": 50_000,
                    "product_data": {"name": "<script>alert(1)</script>"},
                },
            }
        ]
    )
    page = requests.get(str(session.url), timeout=10).text
    assert "&lt;script&gt;" in page
    assert "<script" not in page
