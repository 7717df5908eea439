"""Checkout Sessions through the real client: what is paid, declined, asked, expired, and what Stripe refuses."""

import contextlib
import threading
from typing import Any

import pytest
import stripe

from tests.stripe_stand_in import ControlFailed, StripeStandIn

from .conftest import HALF_AN_HOUR, Opens, an_order, client_of

DECLINED = "4000 0000 0000 0002"
ASKS = "4000 0025 0000 3155"


def test_a_new_session_is_open_unpaid_and_has_no_payment_intent_yet(open_session: Opens, stand_in: StripeStandIn):
    session = open_session()
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency, session.mode) == (185_000, "vnd", "payment")
    assert session.client_reference_id == "CLK-7F3K"
    assert session.metadata is not None
    assert session.metadata.to_dict() == {"order": "CLK-7F3K"}
    assert session.url == f"{stand_in.url}/c/pay/{session.id}"


def test_paying_completes_the_session_and_leaves_intent_charge_and_fee(
    open_session: Opens, stand_in: StripeStandIn, client: stripe.StripeClient
):
    session = open_session()
    assert stand_in.pay(session.id)["status"] == "paid"
    paid = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items"]}
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    intent: Any = paid.payment_intent
    assert (intent.status, intent.amount_received, intent.transfer_group) == ("succeeded", 185_000, "CLK-7F3K")
    assert intent.metadata.to_dict() == {"order": "CLK-7F3K"}
    entry = intent.latest_charge.balance_transaction
    assert (entry.amount, entry.fee, entry.net) == (185_000, 15_790, 169_210)  # 3.4 % of 185,000 is 6,290, and 9,500
    assert paid.line_items is not None
    assert sum(line.amount_total for line in paid.line_items.data) == 185_000
    found = client.v1.checkout.sessions.list({"payment_intent": intent.id})
    assert [row.id for row in found.data] == [session.id]


def test_the_events_of_a_payment_are_listed_and_carry_the_objects(
    open_session: Opens, stand_in: StripeStandIn, client: stripe.StripeClient
):
    session = open_session()
    stand_in.pay(session.id)
    events = client.v1.events.list({"limit": 100}).data
    assert [event.type for event in reversed(events)] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    completed = client.v1.events.retrieve(events[0].id)
    assert completed.data.object["id"] == session.id
    assert completed.data.object["payment_status"] == "paid"


def test_a_declined_card_leaves_the_session_open_to_another_try(
    open_session: Opens, stand_in: StripeStandIn, client: stripe.StripeClient
):
    session = open_session()
    assert stand_in.pay(session.id, DECLINED) == {
        "status": "declined",
        "code": "card_declined",
        "message": "Your card was declined.",
    }
    again = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    intent: Any = again.payment_intent
    assert (again.status, again.payment_status, intent.status) == ("open", "unpaid", "requires_payment_method")
    assert intent.last_payment_error.code == "card_declined"
    assert len(stand_in.events("payment_intent.payment_failed")) == 1
    stand_in.pay(session.id)
    paid = client.v1.checkout.sessions.retrieve(session.id)
    assert (paid.payment_status, paid.payment_intent) == ("paid", intent.id)


@pytest.mark.parametrize(("complete", "status"), [(True, "paid"), (False, "declined")])
def test_the_bank_asks_and_the_answer_decides(
    open_session: Opens, stand_in: StripeStandIn, client: stripe.StripeClient, complete: bool, status: str
):
    session = open_session()
    assert stand_in.pay(session.id, ASKS, authenticate=None)["status"] == "asked"
    intent = client.v1.payment_intents.retrieve(client.v1.checkout.sessions.retrieve(session.id).payment_intent)
    assert intent.status == "requires_action"
    assert stand_in.authenticate(session.id, complete)["status"] == status
    assert stand_in.state()["checkout.session"][0]["payment_status"] == ("paid" if complete else "unpaid")


def test_time_expires_a_session_once_and_cancels_its_intent(
    open_session: Opens, stand_in: StripeStandIn, client: stripe.StripeClient
):
    session = open_session()
    stand_in.pay(session.id, DECLINED)
    stand_in.advance_clock(HALF_AN_HOUR + 59)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    stand_in.advance_clock(2)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert len(stand_in.events("checkout.session.expired")) == 1
    assert stand_in.state()["payment_intent"][0]["status"] == "canceled"
    with pytest.raises(ControlFailed, match="not open"):
        stand_in.pay(session.id)


def test_expiring_is_refused_once_paid_and_paying_once_expired(
    open_session: Opens, stand_in: StripeStandIn, client: stripe.StripeClient
):
    paid, expired = open_session(), open_session()
    stand_in.pay(paid.id)
    with pytest.raises(stripe.InvalidRequestError, match="has a status of complete"):
        client.v1.checkout.sessions.expire(paid.id)
    assert client.v1.checkout.sessions.expire(expired.id).status == "expired"
    with pytest.raises(ControlFailed):
        stand_in.pay(expired.id)
    with pytest.raises(stripe.InvalidRequestError, match="has a status of expired"):
        client.v1.checkout.sessions.expire(expired.id)
    assert len(stand_in.events("checkout.session.expired")) == 1


@pytest.mark.parametrize("seconds", [HALF_AN_HOUR - 30, 24 * 3600 + 30])
def test_a_session_lives_at_least_thirty_minutes_and_at_most_a_day(
    open_session: Opens, stand_in: StripeStandIn, seconds: int
):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        open_session(expires_at=stand_in.state()["now"] + seconds)
    assert refused.value.param == "expires_at"
    assert stand_in.state()["checkout.session"] == []


@pytest.mark.parametrize(("amount", "code"), [(12_999, "amount_too_small"), (100_000_000, "amount_too_large")])
def test_an_amount_that_stripe_does_not_take_is_refused(open_session: Opens, amount: int, code: str):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        open_session(amount)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "changes",
    [
        {"line_items": []},
        {"success_url": "cho.example"},
        {"customer_email": "lan"},
        {"client_reference_id": "x" * 201},
        {"metadata": {"k" * 41: "v"}},
        {"metadata": {"k": "v" * 501}},
        {"metadata": {str(number): "v" for number in range(51)}},
        {"mode": "payments"},
        {"payment_intent_data": {"metadatas": {}, "transfer_groups": "x"}},
        {"expires": 1},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_stripe_would_not_take_is_refused_and_nothing_is_made(
    open_session: Opens, stand_in: StripeStandIn, changes: dict[str, Any]
):
    with pytest.raises(stripe.InvalidRequestError):
        open_session(**changes)
    assert stand_in.state()["checkout.session"] == []


@pytest.mark.parametrize("price", [{"currency": "usd"}, {"unit_amount": -1}, {"unit_amount": "12.5"}])
def test_another_currency_a_negative_or_a_broken_price_is_refused(
    stand_in: StripeStandIn, client: stripe.StripeClient, price: dict[str, Any]
):
    params: Any = an_order(stand_in)
    params["line_items"][0]["price_data"] |= price
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(params)


def test_a_wrong_key_opens_nothing(stand_in: StripeStandIn):
    with pytest.raises(stripe.AuthenticationError):
        client_of(stand_in, key="sk_test_someone_else").v1.checkout.sessions.list()


def test_what_is_not_there_is_told_as_missing(client: stripe.StripeClient):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.retrieve("pi_nobody")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_a_list_is_paged_newest_first_and_filtered_by_time(
    open_session: Opens, stand_in: StripeStandIn, client: stripe.StripeClient
):
    made = [open_session().id for _ in range(5)]
    first = client.v1.checkout.sessions.list({"limit": 2})
    assert [row.id for row in first.data] == [made[4], made[3]]
    assert first.has_more
    assert [row.id for row in first.auto_paging_iter()] == list(reversed(made))
    before = client.v1.checkout.sessions.list({"ending_before": made[2]})
    assert [row.id for row in before.data] == [made[4], made[3]]
    now = stand_in.advance_clock(100)
    late = open_session()
    assert [row.id for row in client.v1.checkout.sessions.list({"created": {"gte": now}}).data] == [late.id]


def test_events_are_listed_by_kind_and_for_thirty_days(
    open_session: Opens, stand_in: StripeStandIn, client: stripe.StripeClient
):
    stand_in.pay(open_session().id)
    listed = client.v1.events.list({"types": ["payment_intent.succeeded", "checkout.session.completed"]})
    assert [event.type for event in listed.data] == ["checkout.session.completed", "payment_intent.succeeded"]
    assert len(client.v1.events.list({"type": "charge.*"}).data) == 1
    stand_in.advance_clock(30 * 24 * 3600)
    assert client.v1.events.list().data == []


def test_paid_and_expired_at_once_is_one_of_both_and_never_both(
    open_session: Opens, stand_in: StripeStandIn, client: stripe.StripeClient
):
    for _ in range(5):
        session = open_session()
        won: list[str] = []

        def pay(name: str = session.id, won: list[str] = won) -> None:
            with contextlib.suppress(ControlFailed):
                won.append(stand_in.pay(name)["status"])

        def expire(name: str = session.id, won: list[str] = won) -> None:
            with contextlib.suppress(stripe.InvalidRequestError):
                won.append(str(client.v1.checkout.sessions.expire(name).status))

        both = [threading.Thread(target=pay), threading.Thread(target=expire)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        after = client.v1.checkout.sessions.retrieve(session.id)
        assert won in (["paid"], ["expired"])
        assert after.payment_status == ("paid" if won == ["paid"] else "unpaid")
