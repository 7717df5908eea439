"""What buyers do: order, pay in three ways, answer about a weight, say that a refund never came."""

from dataclasses import replace

from django.db import transaction

from cooperatives.partner.services import StockError
from marketplace.order.models import WeightConsent
from marketplace.order.packing import answer_consent
from marketplace.payment.card_pages import OPEN, ask_page
from marketplace.payment.facts import STRIPE, apply_fact
from marketplace.payment.models import PaymentAttempt, Refund
from marketplace.payment.refunds import contest_refund
from tests.factories.money import discount, order_of, received
from tests.payment.histories.world import FEE, Letter, World

METHODS = ["cod", "transfer", "card"]


class Buyers(World):
    def order(self, method: str = "") -> None:
        rng = self.rng
        wanted = [[(listing, rng.randint(0, 5)) for listing in goods] for goods in self.goods]
        parcels = [kept for goods in wanted if (kept := [(listing, n) for listing, n in goods if n])]
        if not parcels:
            return
        self.pass_time(0)
        method = method or rng.choice([*METHODS, "card", "card"])
        try:
            with transaction.atomic():
                order = order_of(*parcels, method=method, now=self.now, fee_rate=FEE, address=self.address)
        except StockError:
            return
        seller, marketplace = rng.randint(0, 9_999), rng.randint(0, 9_999)
        discount(order.lines.order_by("pk")[0], seller=seller, marketplace=marketplace)
        if self.chance(0.7):
            self.pay()

    def pay(self) -> None:
        """The right sum, or another, by transfer perhaps for the second time. We are told of it later."""
        attempts = PaymentAttempt.objects.select_related("order__user")
        waiting = attempts.filter(status__in=OPEN)
        attempt = self.one_of(waiting if waiting and self.chance(0.85) else attempts)
        if attempt is None:
            return
        self.pass_time(0)
        amount = max(1, int(attempt.amount) + self.rng.choice([0] * 11 + [-1, 1, 5_000]))
        currency = self.rng.choice(["VND"] * 12 + ["USD"])
        if attempt.provider == STRIPE:
            self._pay_by_card(attempt, amount, currency)
        else:
            fact = received(attempt, now=self.now, amount=amount, reference=f"pay_{next(self.names)}")
            fact = replace(fact, currency=currency)
            self.letters.append(Letter(lambda: apply_fact(fact=fact, target=attempt, now=self.now)))

    def _pay_by_card(self, attempt: PaymentAttempt, amount: int, currency: str) -> None:
        if attempt.status in OPEN and not attempt.external_id:
            ask_page(provider=self.bank, attempt=attempt, now=self.now)
        if attempt.external_id:
            fee = self.rng.choice([None, amount // 50])
            self.bank.pays(attempt.external_id, amount=amount, currency=currency, fee=fee)

    def answer(self) -> None:
        consent, is_accepted = self.one_of(WeightConsent.objects.filter(answer="")), self.chance(0.6)
        if consent is not None:
            self.attempt(lambda: answer_consent(consent=consent, is_accepted=is_accepted, now=self.now))

    def contest(self) -> None:
        refund = self.one_of(Refund.objects)
        if refund is not None:
            self.attempt(lambda: contest_refund(refund=refund, note="?", now=self.now))
