"""Refunds, disputes, transfers and what they leave on the balance."""

import pytest
import stripe

from tests.stripe_stand_in import ControlFailed, StripeStandIn

from .conftest import Opens

FEE = 15_790


@pytest.fixture
def paid(open_session: Opens, stand_in: StripeStandIn, client: stripe.StripeClient) -> stripe.PaymentIntent:
    session = open_session()
    stand_in.pay(session.id)
    return client.v1.payment_intents.retrieve(stand_in.state()["payment_intent"][0]["id"])


def balance(client: stripe.StripeClient) -> int:
    return client.v1.balance.retrieve().available[0].amount


def kinds(stand_in: StripeStandIn, prefix: str) -> list[str]:
    return [event["type"] for event in stand_in.events() if event["type"].startswith(prefix)]


def test_refunds_in_part_add_up_and_the_last_dong_closes_the_charge(
    paid: stripe.PaymentIntent, stand_in: StripeStandIn, client: stripe.StripeClient
):
    first = client.v1.refunds.create(
        {"payment_intent": paid.id, "amount": 85_000, "metadata": {"parcel": "P1"}, "reason": "requested_by_customer"}
    )
    assert (first.status, first.amount, first.reason) == ("succeeded", 85_000, "requested_by_customer")
    assert first.metadata is not None
    assert first.metadata.to_dict() == {"parcel": "P1"}
    charge = client.v1.charges.retrieve(str(paid.latest_charge))
    assert (charge.amount_refunded, charge.refunded) == (85_000, False)
    rest = client.v1.refunds.create({"payment_intent": paid.id})
    assert rest.amount == 100_000
    charge = client.v1.charges.retrieve(str(paid.latest_charge))
    assert (charge.amount_refunded, charge.refunded) == (185_000, True)
    assert [row.id for row in client.v1.refunds.list({"payment_intent": paid.id}).data] == [rest.id, first.id]
    assert len(stand_in.events("charge.refunded")) == 2
    assert balance(client) == -FEE  # Stripe keeps its fee


def test_a_refund_above_what_remains_is_refused_and_changes_nothing(
    paid: stripe.PaymentIntent, stand_in: StripeStandIn, client: stripe.StripeClient
):
    client.v1.refunds.create({"payment_intent": paid.id, "amount": 100_000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"payment_intent": paid.id, "amount": 85_001})
    client.v1.refunds.create({"payment_intent": paid.id, "amount": 85_000})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": paid.id})
    assert refused.value.code == "charge_already_refunded"
    assert [row["amount"] for row in stand_in.state()["refund"]] == [100_000, 85_000]


def test_what_was_never_paid_cannot_be_refunded(
    open_session: Opens, stand_in: StripeStandIn, client: stripe.StripeClient
):
    stand_in.pay(open_session().id, "4000 0000 0000 0002")
    intent = stand_in.state()["payment_intent"][0]["id"]
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        client.v1.refunds.create({"payment_intent": intent})


def test_a_refund_that_fails_later_gives_the_money_back_to_the_charge(
    paid: stripe.PaymentIntent, stand_in: StripeStandIn, client: stripe.StripeClient
):
    refund = client.v1.refunds.create({"payment_intent": paid.id, "amount": 50_000})
    stand_in.settle_refund(refund.id, "failed")
    failed = client.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "unknown")
    assert client.v1.charges.retrieve(str(paid.latest_charge)).amount_refunded == 0
    assert kinds(stand_in, "refund.") == ["refund.created", "refund.updated", "refund.updated", "refund.failed"]
    assert balance(client) == 185_000 - FEE


def test_a_refund_may_wait_and_then_succeed(
    paid: stripe.PaymentIntent, stand_in: StripeStandIn, client: stripe.StripeClient
):
    stand_in.refund_outcome("pending")
    refund = client.v1.refunds.create({"payment_intent": paid.id, "amount": 50_000})
    assert refund.status == "pending"
    stand_in.settle_refund(refund.id, "succeeded")
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"


@pytest.mark.parametrize(("verdict", "left"), [("won", 185_000 - FEE), ("lost", -FEE)])
def test_a_dispute_takes_the_money_at_once_and_only_a_won_one_gives_it_back(
    paid: stripe.PaymentIntent, stand_in: StripeStandIn, client: stripe.StripeClient, verdict: str, left: int
):
    dispute = stand_in.open_dispute(paid.id, reason="product_not_received")
    assert balance(client) == -FEE
    assert client.v1.charges.retrieve(str(paid.latest_charge)).disputed
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": paid.id})
    assert refused.value.code == "charge_disputed"
    stand_in.close_dispute(dispute["id"], verdict)
    found = client.v1.disputes.list({"payment_intent": paid.id}).data
    assert [(row.status, row.amount, row.reason) for row in found] == [(verdict, 185_000, "product_not_received")]
    assert balance(client) == left
    told = ["charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"]
    assert kinds(stand_in, "charge.dispute") == told + ["charge.dispute.funds_reinstated"] * (verdict == "won")
    with pytest.raises(ControlFailed):
        stand_in.close_dispute(dispute["id"], "won")


def test_evidence_puts_a_dispute_under_review_and_giving_up_loses_it(
    paid: stripe.PaymentIntent, stand_in: StripeStandIn, client: stripe.StripeClient
):
    dispute = stand_in.open_dispute(paid.id)
    answered = client.v1.disputes.update(dispute["id"], {"evidence": {"uncategorized_text": "signed for"}})
    assert answered.status == "under_review"
    assert client.v1.disputes.close(dispute["id"]).status == "lost"
    assert len(stand_in.events("charge.dispute.updated")) == 1


def test_a_transfer_needs_an_active_account_and_available_money(
    paid: stripe.PaymentIntent, stand_in: StripeStandIn, client: stripe.StripeClient
):
    account = client.v1.accounts.create(
        {"type": "express", "country": "SG", "capabilities": {"transfers": {"requested": True}}}
    )
    to_them = {"amount": 60_000, "currency": "vnd", "destination": account.id, "transfer_group": "CLK-7F3K"}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create(to_them)
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    stand_in.activate_account(account.id)
    assert client.v1.accounts.retrieve(account.id).charges_enabled
    transfer = client.v1.transfers.create(to_them)
    assert balance(client) == 185_000 - FEE - 60_000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create(to_them | {"amount": 185_000})
    assert refused.value.code == "balance_insufficient"
    found = client.v1.transfers.list({"transfer_group": "CLK-7F3K"}).data
    assert [row.id for row in found] == [transfer.id]


def test_a_transfer_is_reversed_in_parts_and_never_above_what_was_sent(
    paid: stripe.PaymentIntent, stand_in: StripeStandIn, client: stripe.StripeClient
):
    account = stand_in.add_account()["id"]
    transfer = client.v1.transfers.create(
        {"amount": 60_000, "currency": "vnd", "destination": account, "source_transaction": str(paid.latest_charge)}
    )
    assert transfer.transfer_group == "CLK-7F3K"
    client.v1.transfers.reversals.create(transfer.id, {"amount": 20_000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unreversed"):
        client.v1.transfers.reversals.create(transfer.id, {"amount": 40_001})
    client.v1.transfers.reversals.create(transfer.id)
    after = client.v1.transfers.retrieve(transfer.id)
    assert (after.amount_reversed, after.reversed) == (60_000, True)
    assert kinds(stand_in, "transfer.") == ["transfer.created", "transfer.reversed", "transfer.reversed"]
    assert [row.amount for row in client.v1.transfers.reversals.list(transfer.id).data] == [40_000, 20_000]


def test_a_charge_is_not_transferred_twice(
    paid: stripe.PaymentIntent, stand_in: StripeStandIn, client: stripe.StripeClient
):
    params = {"amount": 100_000, "currency": "vnd", "destination": stand_in.add_account()["id"],
              "source_transaction": str(paid.latest_charge)}  # fmt: skip
    client.v1.transfers.create(params)
    with pytest.raises(stripe.InvalidRequestError, match="must not exceed the source amount"):
        client.v1.transfers.create(params)


def test_a_transfer_to_nobody_is_refused(paid: stripe.PaymentIntent, client: stripe.StripeClient):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 1_000, "currency": "vnd", "destination": "acct_nobody"})
    assert (refused.value.param, refused.value.code) == ("destination", "resource_missing")


def test_the_balance_is_the_sum_of_its_transactions(
    paid: stripe.PaymentIntent, stand_in: StripeStandIn, client: stripe.StripeClient
):
    client.v1.refunds.create({"payment_intent": paid.id, "amount": 35_000})
    rows = client.v1.balance_transactions.list({"limit": 100}).data
    assert [(row.type, row.net) for row in rows] == [("refund", -35_000), ("charge", 185_000 - FEE)]
    assert balance(client) == sum(row.net for row in rows)
