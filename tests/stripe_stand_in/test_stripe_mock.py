"""What the stand-in takes is what Stripe's own stripe-mock takes, and what it answers has Stripe's names."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import stripe

from tests.services import absent
from tests.stripe_stand_in import StripeStandIn

from .conftest import an_order, client_of

# In the client library's description (API of 2026-10-28), not yet in the mock's fixtures.
NEWER: dict[str, set[str]] = {"refund": {"failure_reason", "failure_balance_transaction"}}


@pytest.fixture
def mock_url() -> str:
    url = os.environ.get("STRIPE_MOCK_URL", "")
    if not url:
        reason = "no stripe-mock is named (set STRIPE_MOCK_URL)"
        if shutil.which("go"):
            absent(reason)
        pytest.skip(f"{reason}, and there is no Go to build it")
    return url


@pytest.fixture
def validated(mock_url: str) -> Iterator[StripeStandIn]:
    with StripeStandIn(stripe_mock_url=mock_url) as running:
        yield running


def everything(stand_in: StripeStandIn) -> None:
    """Each call that the market makes, once."""
    client = client_of(stand_in)
    order: Any = an_order(stand_in)
    session = client.v1.checkout.sessions.create(order, {"idempotency_key": "attempt-1"})
    lost = client.v1.checkout.sessions.create(order)
    client.v1.checkout.sessions.expire(lost.id)
    client.v1.checkout.sessions.line_items.list(session.id)
    stand_in.pay(session.id)
    paid: Any = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    )
    intent = paid.payment_intent
    client.v1.checkout.sessions.list({"payment_intent": intent.id})
    client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    client.v1.charges.retrieve(intent.latest_charge.id, {"expand": ["balance_transaction"]})
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 5_000, "metadata": {"parcel": "P1"}})
    client.v1.refunds.retrieve(refund.id)
    client.v1.refunds.list({"payment_intent": intent.id})
    account = client.v1.accounts.create({"type": "express", "capabilities": {"transfers": {"requested": True}}})
    stand_in.activate_account(account.id)
    client.v1.accounts.retrieve(account.id)
    transfer = client.v1.transfers.create(
        {"amount": 9_000, "currency": "vnd", "destination": account.id, "transfer_group": "CLK-7F3K"}
    )
    client.v1.transfers.reversals.create(transfer.id, {"amount": 4_000})
    client.v1.transfers.retrieve(transfer.id)
    dispute = stand_in.open_dispute(intent.id)
    client.v1.disputes.retrieve(dispute["id"])
    client.v1.disputes.update(dispute["id"], {"evidence": {"uncategorized_text": "signed for"}})
    client.v1.disputes.close(dispute["id"])
    client.v1.events.list({"created": {"gte": 1}, "types": ["charge.refunded"], "limit": 3})
    client.v1.balance.retrieve()
    client.v1.balance_transactions.list({"limit": 5})


def test_every_call_that_the_market_makes_is_taken_by_stripe_mock(validated: StripeStandIn):
    everything(validated)
    asked = validated.requests()
    assert len(asked) > 20
    assert {row["status"] for row in asked} == {200}
    assert {row["refused_by_stripe_mock"] for row in asked} == {False}


@pytest.mark.parametrize("wrong", [{"succes_url": "https://x.example"}, {"expires_at": "soon"}, {"line_items": "x"}])
def test_what_stripe_mock_refuses_is_refused_in_its_words_and_not_done(validated: StripeStandIn, wrong: dict[str, Any]):
    with pytest.raises(stripe.InvalidRequestError, match=r"(?i)request validation error"):
        client_of(validated).v1.checkout.sessions.create(an_order(validated, **wrong))
    assert validated.state()["checkout.session"] == []
    assert validated.requests()[-1]["refused_by_stripe_mock"] is True


def test_without_stripe_mock_it_says_that_nothing_is_validated(capfd: pytest.CaptureFixture[str]):
    with StripeStandIn(stripe_mock_url="") as running:
        everything(running)
        assert running.state()["validated"] is False
    assert "unvalidated" in capfd.readouterr().err


def test_a_stripe_mock_that_is_down_is_a_loud_failure():
    with (
        StripeStandIn(stripe_mock_url="http://127.0.0.1:9") as running,
        pytest.raises(stripe.APIError, match="cannot validate"),
    ):
        client_of(running, retries=0).v1.events.list()


PATHS = {
    "checkout.session": "/v1/checkout/sessions/x",
    "payment_intent": "/v1/payment_intents/x",
    "charge": "/v1/charges/x",
    "refund": "/v1/refunds/x",
    "dispute": "/v1/disputes/x",
    "transfer": "/v1/transfers/x",
    "transfer_reversal": "/v1/transfers/x/reversals/y",
    "account": "/v1/accounts/x",
    "balance_transaction": "/v1/balance_transactions/x",
}


def test_every_field_of_our_answers_has_a_name_that_stripe_answers_too(mock_url: str, validated: StripeStandIn):
    everything(validated)
    state = validated.state()
    for kind, path in PATHS.items():
        theirs = requests.get(mock_url + path, headers={"Authorization": "Bearer sk_test_1"}, timeout=20).json()
        for ours in state[kind]:
            assert set(ours) - set(theirs) - NEWER.get(kind, set()) == set(), kind
