"""Money that goes back or on: refunds, disputes, transfers to connected accounts."""

from datetime import UTC, datetime
from typing import Any

import stripe

from marketplace.payment.providers.base import DisputeState, ProviderRefusedError, RefundAnswer
from marketplace.payment.providers.stripe.client import our_errors
from marketplace.payment.providers.stripe.pages import CURRENCY

_REFUNDS = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}
_DISPUTES = {"won": "won", "lost": "lost", "warning_closed": "won", "prevented": "won"}


class Money:
    def __init__(self, client: stripe.StripeClient) -> None:
        self._refunds = client.v1.refunds
        self._disputes = client.v1.disputes
        self._transfers = client.v1.transfers

    def refund(
        self, *, payment_id: str, amount: int, currency: str, idempotency_key: str, metadata: dict[str, str]
    ) -> RefundAnswer:
        parameters: Any = {"payment_intent": payment_id, "amount": amount, "metadata": metadata}
        try:
            with our_errors():
                return _refund(self._refunds.create(parameters, {"idempotency_key": idempotency_key}))
        except ProviderRefusedError as error:
            return RefundAnswer(status="failed", external_id="", error=str(error.params["reason"]))

    def read_refund(self, external_id: str) -> RefundAnswer:
        with our_errors():
            return _refund(self._refunds.retrieve(external_id))

    def refunds_of(self, payment_id: str) -> list[RefundAnswer]:
        with our_errors():
            found = self._refunds.list({"payment_intent": payment_id, "limit": 100})
            return [_refund(refund) for refund in found.auto_paging_iter()]

    def read_dispute(self, external_id: str) -> DisputeState:
        with our_errors():
            dispute = self._disputes.retrieve(external_id)
        return DisputeState(
            external_id=dispute.id,
            payment_id=_id(dispute.payment_intent),
            amount=int(dispute.amount),
            currency=dispute.currency.upper(),
            status=_DISPUTES.get(dispute.status, "open"),
            reason=dispute.reason,
            opened_at=datetime.fromtimestamp(dispute.created, UTC),
        )

    def create_transfer(
        self, *, amount: int, account: str, idempotency_key: str, transfer_group: str, metadata: dict[str, str]
    ) -> str:
        parameters: Any = {
            "amount": amount,
            "currency": CURRENCY,
            "destination": account,
            "transfer_group": transfer_group,
            "metadata": metadata,
        }
        with our_errors():
            return self._transfers.create(parameters, {"idempotency_key": idempotency_key}).id

    def reverse_transfer(self, *, transfer_id: str, amount: int, idempotency_key: str) -> str:
        with our_errors():
            reversal = self._transfers.reversals.create(
                transfer_id, {"amount": amount}, {"idempotency_key": idempotency_key}
            )
        return reversal.id


def _refund(refund: stripe.Refund) -> RefundAnswer:
    return RefundAnswer(
        status=_REFUNDS.get(refund.status or "", "pending"),
        external_id=refund.id,
        error=str(getattr(refund, "failure_reason", None) or ""),
        amount=int(refund.amount),
        currency=refund.currency.upper(),
        payment_id=_id(refund.payment_intent),
        created_at=datetime.fromtimestamp(refund.created, UTC),
        metadata=dict(refund.metadata.to_dict()) if refund.metadata else {},  # type: ignore[attr-defined]
    )


def _id(thing: Any) -> str:
    return thing if isinstance(thing, str) else (thing.id if thing else "")
