"""Money on to a cooperative's own Stripe account, and back."""

import pytest

from marketplace.payment.card import start_card_payment
from marketplace.payment.providers.base import ProviderRefusedError, ProviderUnavailableError
from marketplace.payment.providers.choice import card_provider
from tests.factories.payments import PARCEL_TOTAL, attempt_of, prepaid_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(stripe, now):
    """Of a cooperative, and enough money to send there."""
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    return stripe.add_account()["id"]


def send(account: str, amount: int = 100_000, key: str = "payout:1") -> str:
    return card_provider().create_transfer(
        amount=amount, account=account, idempotency_key=key, transfer_group="BK-1", metadata={"payout": "1"}
    )


def test_a_transfer_is_made_once_by_its_key_and_reversed_in_part(stripe, account):
    transfer = send(account)
    assert send(account) == transfer
    card_provider().reverse_transfer(transfer_id=transfer, amount=40_000, idempotency_key="reverse:1")
    (row,) = stripe.state()["transfer"]
    assert (row["id"], row["destination"], row["currency"]) == (transfer, account, "vnd")
    assert (row["amount"], row["amount_reversed"], row["transfer_group"]) == (100_000, 40_000, "BK-1")


def test_more_than_there_is_and_an_unknown_account_are_refused(stripe, account):
    with pytest.raises(ProviderRefusedError):
        send(account, amount=PARCEL_TOTAL)
    with pytest.raises((ProviderRefusedError, ProviderUnavailableError)):
        send("acct_unknown", key="payout:2")
    assert not stripe.state()["transfer"]


def test_an_answer_that_was_lost_is_found_under_the_same_key(stripe, account):
    stripe.fault("reset_after", path="/v1/transfers", times=3)
    with pytest.raises(ProviderUnavailableError):
        send(account)
    send(account)
    assert len(stripe.state()["transfer"]) == 1
