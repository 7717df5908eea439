"""One key, one deed: the same answer again, other parameters refused, a second one at the same time refused."""

import threading
from typing import Any

import pytest
import stripe

from tests.stripe_stand_in import StripeStandIn

from .conftest import an_order, client_of


def test_the_same_key_gives_the_same_session_and_says_so(stand_in: StripeStandIn, client: stripe.StripeClient):
    order: Any = an_order(stand_in)
    first = client.v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
    again = client.v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
    assert first.id == again.id
    assert first.last_response is not None
    assert again.last_response is not None
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(stand_in.state()["checkout.session"]) == 1


def test_the_answer_is_the_first_one_even_if_the_session_changed(stand_in: StripeStandIn, client: stripe.StripeClient):
    order: Any = an_order(stand_in)
    first = client.v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
    stand_in.pay(first.id)
    again = client.v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
    assert again.status == "open"  # why a caller reads the object again before it believes a state
    assert client.v1.checkout.sessions.retrieve(first.id).status == "complete"


def test_the_same_key_with_other_parameters_or_elsewhere_is_refused(
    stand_in: StripeStandIn, client: stripe.StripeClient
):
    client.v1.checkout.sessions.create(an_order(stand_in), {"idempotency_key": "attempt-1"})
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        client.v1.checkout.sessions.create(
            an_order(stand_in, 99_000),
            {"idempotency_key": "attempt-1"},
        )
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        client.v1.refunds.create({"payment_intent": "pi_x"}, {"idempotency_key": "attempt-1"})
    assert len(stand_in.state()["checkout.session"]) == 1


def test_a_key_is_free_again_after_a_day(stand_in: StripeStandIn, client: stripe.StripeClient):
    for _ in range(2):
        order: Any = an_order(stand_in)
        client.v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
        stand_in.advance_clock(24 * 3600)
    assert len(stand_in.state()["checkout.session"]) == 2


def test_a_refusal_by_value_leaves_the_key_free(stand_in: StripeStandIn, client: stripe.StripeClient):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(
            an_order(stand_in, expires_at=1),
            {"idempotency_key": "attempt-1"},
        )
    client.v1.checkout.sessions.create(an_order(stand_in), {"idempotency_key": "attempt-1"})


def test_a_second_request_with_the_key_at_the_same_time_is_a_conflict(stand_in: StripeStandIn):
    impatient = client_of(stand_in, retries=0)
    order: Any = an_order(stand_in)
    stand_in.fault("hang", "/v1/checkout/sessions", "POST", seconds=3)
    slow = threading.Thread(
        target=impatient.v1.checkout.sessions.create, args=(order, {"idempotency_key": "attempt-1"})
    )
    slow.start()
    while not stand_in.state()["running_keys"]:
        pass
    with pytest.raises(stripe.APIError) as refused:
        impatient.v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
    assert refused.value.http_status == 409
    assert refused.value.json_body["error"]["code"] == "idempotency_key_in_use"
    slow.join()
    patient = client_of(stand_in).v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
    assert [row["id"] for row in stand_in.state()["checkout.session"]] == [patient.id]


def test_the_same_refund_pressed_ten_times_at_once_is_one_refund(stand_in: StripeStandIn, client: stripe.StripeClient):
    session = client.v1.checkout.sessions.create(an_order(stand_in))
    stand_in.pay(session.id)
    intent = stand_in.state()["payment_intent"][0]["id"]
    answers: list[str] = []

    def press() -> None:
        params: Any = {"payment_intent": intent, "amount": 10_000}
        answers.append(client_of(stand_in, retries=5).v1.refunds.create(params, {"idempotency_key": "refund-1"}).id)

    threads = [threading.Thread(target=press) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 10
    assert [row["id"] for row in stand_in.state()["refund"]] == [*set(answers)]
