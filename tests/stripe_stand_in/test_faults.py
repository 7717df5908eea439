"""Faults on demand, and what the real client makes of them."""

import time
from typing import Any

import pytest
import stripe

from tests.stripe_stand_in import ControlFailed, StripeStandIn

from .conftest import an_order, client_of

SESSIONS = "/v1/checkout/sessions"


def made(stand_in: StripeStandIn) -> int:
    return len(stand_in.state()["checkout.session"])


@pytest.mark.parametrize("kind", ["error", "error_after", "reset", "reset_after"])
def test_the_clients_own_retry_heals_one_fault_with_one_session(
    stand_in: StripeStandIn, client: stripe.StripeClient, kind: str
):
    stand_in.fault(kind, SESSIONS, "POST")
    session = client.v1.checkout.sessions.create(an_order(stand_in))
    assert [row["id"] for row in stand_in.state()["checkout.session"]] == [session.id]
    asked = [row for row in stand_in.requests() if row["method"] == "POST"]
    assert len(asked) == 2
    assert asked[0]["key"] == asked[1]["key"]
    assert asked[1]["replayed"] == kind.endswith("_after")


@pytest.mark.parametrize(("kind", "sessions"), [("reset", 0), ("reset_after", 1), ("error", 0), ("error_after", 1)])
def test_a_fault_that_stays_leaves_the_result_unknown_and_the_key_finds_it_out(
    stand_in: StripeStandIn, kind: str, sessions: int
):
    order: Any = an_order(stand_in)
    stand_in.fault(kind, SESSIONS, "POST")
    with pytest.raises((stripe.APIConnectionError, stripe.APIError)):
        client_of(stand_in, retries=0).v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
    assert made(stand_in) == sessions
    client_of(stand_in, retries=0).v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
    assert made(stand_in) == 1


def test_a_saved_failure_stays_with_its_key(stand_in: StripeStandIn, client: stripe.StripeClient):
    order: Any = an_order(stand_in)
    stand_in.fault("error_saved", SESSIONS)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
    client.v1.checkout.sessions.create(order, {"idempotency_key": "attempt-2"})
    assert made(stand_in) == 1


def test_too_many_requests_is_told_as_such(stand_in: StripeStandIn):
    stand_in.fault("busy", "/v1/events")
    with pytest.raises(stripe.RateLimitError):
        client_of(stand_in, retries=0).v1.events.list()


@pytest.mark.parametrize(("kind", "sessions"), [("hang", 0), ("hang_after", 1)])
def test_a_request_that_hangs_is_given_up_by_the_client_and_done_all_the_same(
    stand_in: StripeStandIn, kind: str, sessions: int
):
    order: Any = an_order(stand_in)
    impatient = stripe.StripeClient(
        stand_in.api_key,
        max_network_retries=0,
        base_addresses={"api": stand_in.url},
        http_client=stripe.RequestsClient(timeout=1),
    )
    stand_in.fault(kind, SESSIONS, "POST", seconds=4)
    with pytest.raises(stripe.APIConnectionError):
        impatient.v1.checkout.sessions.create(order)
    assert made(stand_in) == sessions
    end = time.monotonic() + 30
    while made(stand_in) < 1 and time.monotonic() < end:
        time.sleep(0.05)
    assert made(stand_in) == 1


def test_a_fault_hits_only_its_path_method_and_number_of_times(stand_in: StripeStandIn):
    once = client_of(stand_in, retries=0)
    stand_in.fault("error", "/v1/refunds*", times=2)
    once.v1.events.list()
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            once.v1.refunds.list()
    once.v1.refunds.list()
    assert stand_in.state()["faults"] == []


def test_stopped_it_refuses_connections_and_started_again_it_answers_on_the_same_port(stand_in: StripeStandIn):
    once = client_of(stand_in, retries=0)
    once.v1.events.list()
    stand_in.stop()
    with pytest.raises(stripe.APIConnectionError):
        once.v1.events.list()
    stand_in.start()
    once.v1.events.list()


def test_an_unknown_fault_or_control_is_refused(stand_in: StripeStandIn):
    with pytest.raises(ControlFailed, match="Unknown fault"):
        stand_in.fault("explode")
    with pytest.raises(AttributeError):
        stand_in.explode()
