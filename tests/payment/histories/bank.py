"""The card's provider, in memory: it keeps its own truth, refuses what Stripe refuses, loses answers, and tells of
everything in events that are read in any order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from random import Random

from marketplace.payment.facts import STRIPE
from marketplace.payment.providers.base import (
    CardPage,
    DisputeState,
    News,
    PageRequest,
    PaymentTrace,
    ProviderRefusedError,
    ProviderUnavailableError,
    RefundAnswer,
)


class CardBank:
    """A CardProvider whose `now` the history sets."""

    name = STRIPE

    def __init__(self, rng: Random, now: datetime) -> None:
        self.rng, self.now = rng, now
        self.names = count(1)
        self.pages: dict[str, CardPage] = {}
        self.refunds: dict[str, RefundAnswer] = {}
        self.disputes: dict[str, DisputeState] = {}
        self.transfers: dict[str, int] = {}
        self.answers: dict[str, RefundAnswer] = {}
        self.refused: set[str] = set()
        self.news: list[News] = []

    # What happens there.

    def pays(self, external_id: str, *, amount: int, currency: str = "VND", fee: int | None = None) -> None:
        page = self.pages[external_id]
        if not page.is_open:
            return
        payment_id = self._name("pi")
        self.pages[external_id] = replace(
            page,
            is_open=False,
            is_paid=True,
            amount=amount,
            currency=currency,
            payment_id=payment_id,
            paid_at=self.now,
            fee=fee,
        )
        self.tell("checkout.session.completed", external_id)
        self.tell("payment_intent.succeeded", payment_id)

    def settle_refund(self, external_id: str, status: str) -> None:
        """From pending to succeeded or failed, from succeeded to failed, and never back."""
        refund = self.refunds[external_id]
        if refund.status in {status, "failed"}:
            return
        self.refunds[external_id] = replace(refund, status=status, error="lost_or_stolen_card" * (status == "failed"))
        self.tell("refund.failed" if status == "failed" else "refund.updated", external_id)

    def open_dispute(self, payment_id: str, amount: int) -> None:
        name = self._name("dp")
        self.disputes[name] = DisputeState(name, payment_id, amount, "VND", "open", "fraudulent", self.now)
        self.tell("charge.dispute.created", name)

    def close_dispute(self, name: str, status: str) -> None:
        self.disputes[name] = replace(self.disputes[name], status=status)
        self.tell("charge.dispute.closed", name)

    def tell(self, kind: str, object_id: str) -> None:
        self.news.append(News(self._name("evt"), kind, object_id, {"object": object_id}))

    def left_of(self, payment_id: str) -> int:
        """What can be given back of the payment; below 0 when a dispute took what had been given back."""
        return self.held_of(payment_id) - self._refunded(payment_id, "pending")

    def held_of(self, payment_id: str) -> int:
        """What is there of the payment, as long as refunds are on their way."""
        return self._page_of(payment_id).amount - self._refunded(payment_id, "succeeded") - self._lost(payment_id)

    # What it is asked.

    def create_page(self, request: PageRequest) -> CardPage:
        for page in self.pages.values():
            if page.key == request.key:
                return page
        page = CardPage(
            external_id=self._name("cs"),
            is_open=True,
            is_paid=False,
            url="https://checkout.example/",
            amount=sum(item.amount for item in request.items),
            currency="VND",
            key=request.key,
            order_number=request.order_number,
        )
        self.pages[page.external_id] = page
        return page

    def read_page(self, external_id: str) -> CardPage:
        return self.pages[external_id]

    def expire_page(self, external_id: str) -> CardPage:
        if self.pages[external_id].is_open:
            self.pages[external_id] = replace(self.pages[external_id], is_open=False)
            self.tell("checkout.session.expired", external_id)
        return self.pages[external_id]

    def page_of_payment(self, payment_id: str) -> CardPage | None:
        return self._page_of(payment_id)

    def trace(self, payment_id: str) -> PaymentTrace:
        page = self._page_of(payment_id)
        return PaymentTrace(payment_id, page.key, page.order_number)

    def refund(
        self, *, payment_id: str, amount: int, currency: str, idempotency_key: str, metadata: Mapping[str, str]
    ) -> RefundAnswer:
        known = self.answers.get(idempotency_key)
        if known is not None:
            return known
        is_disputed = any(
            dispute.payment_id == payment_id and dispute.status != "won" for dispute in self.disputes.values()
        )
        if is_disputed or amount > self.left_of(payment_id):
            answer = RefundAnswer("failed", "", error="charge_disputed" if is_disputed else "too much")
        else:
            answer = RefundAnswer(
                status=self.rng.choice(["succeeded"] * 5 + ["pending", "failed"]),
                external_id=self._name("re"),
                amount=amount,
                currency=currency,
                payment_id=payment_id,
                created_at=self.now,
                metadata=metadata,
            )
            self.refunds[answer.external_id] = answer
            self.tell("refund.created", answer.external_id)
        self.answers[idempotency_key] = answer
        return answer

    def read_refund(self, external_id: str) -> RefundAnswer:
        return self.refunds[external_id]

    def refunds_of(self, payment_id: str) -> list[RefundAnswer]:
        return [refund for refund in self.refunds.values() if refund.payment_id == payment_id]

    def read_dispute(self, external_id: str) -> DisputeState:
        return self.disputes[external_id]

    def create_transfer(
        self, *, amount: int, account: str, idempotency_key: str, transfer_group: str, metadata: Mapping[str, str]
    ) -> str:
        outcome = self.rng.choice(["made"] * 4 + ["lost", "down", "refused"])
        if idempotency_key in self.refused or (outcome == "refused" and idempotency_key not in self.transfers):
            self.refused.add(idempotency_key)
            raise ProviderRefusedError(reason="account_closed")
        if outcome != "down":
            self.transfers[idempotency_key] = amount
        if outcome in {"down", "lost"}:
            raise ProviderUnavailableError
        return f"tr_{idempotency_key}"

    def reverse_transfer(self, *, transfer_id: str, amount: int, idempotency_key: str) -> str:
        del self.transfers[transfer_id.removeprefix("tr_")]
        return self._name("trr")

    def read_event(self, body: bytes, signature: str) -> News:
        raise NotImplementedError

    def events_since(self, moment: datetime) -> Iterator[News]:
        return iter(self.news)

    def _refunded(self, payment_id: str, status: str) -> int:
        return sum(refund.amount for refund in self.refunds_of(payment_id) if refund.status == status)

    def _lost(self, payment_id: str) -> int:
        mine = (dispute for dispute in self.disputes.values() if dispute.payment_id == payment_id)
        return sum(dispute.amount for dispute in mine if dispute.status == "lost")

    def _page_of(self, payment_id: str) -> CardPage:
        return next(page for page in self.pages.values() if page.payment_id == payment_id)

    def _name(self, prefix: str) -> str:
        return f"{prefix}_{next(self.names)}"
