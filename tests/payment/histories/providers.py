"""What nobody of ours does: the post, the card bank's own doings, and the clock."""

from django.db.models import Exists, OuterRef

from marketplace.order.deadlines import cancel_unconfirmed
from marketplace.order.models import Parcel
from marketplace.order.packing import expire_consents
from marketplace.order.states import CANCELLABLE
from marketplace.payment.card_pages import OPEN, close_attempt
from marketplace.payment.facts import STRIPE
from marketplace.payment.holds import expire_holds
from marketplace.payment.models import PaymentAttempt, PaymentFact
from tests.payment.histories.world import World


class Providers(World):
    def read_post(self) -> None:
        """Letters that we have not read, in any order, and now and then one that we have."""
        self.collect_news()
        unread = [letter for letter in self.letters if not letter.times]
        pile = self.letters if not unread or self.chance(0.15) else unread
        for letter in self.rng.sample(pile, min(len(pile), 2)):
            self.read_letter(letter)

    def settle_refund(self) -> None:
        """A refund on its way ends; one that was made comes back from the card's bank."""
        if not self.bank.refunds:
            return
        self.pass_time(1)
        name = self.rng.choice(list(self.bank.refunds))
        is_pending = self.bank.refunds[name].status == "pending"
        self.bank.settle_refund(name, "succeeded" if is_pending and self.chance(0.6) else "failed")

    def refund_at_the_desk(self) -> None:
        payment_id = self._some_payment(0.3)
        if payment_id:
            self.pass_time(0)
            left = self.bank.left_of(payment_id)
            self.bank.refund(
                payment_id=payment_id,
                amount=max(1, left * self.rng.randint(1, 60) // 100),
                currency="VND",
                idempotency_key=f"desk-{next(self.names)}",
                metadata={},
            )

    def open_dispute(self) -> None:
        payment_id = self._some_payment(0.8)
        if payment_id:
            self.pass_time(0)
            paid = self.bank.page_of_payment(payment_id).amount
            self.bank.open_dispute(payment_id, max(1, paid * self.rng.randint(30, 100) // 100))

    def close_dispute(self) -> None:
        waiting = [name for name, dispute in self.bank.disputes.items() if dispute.status == "open"]
        if waiting:
            self.pass_time(1)
            self.bank.close_dispute(self.rng.choice(waiting), self.rng.choice(["lost", "lost", "won"]))

    def clock(self) -> None:
        self.pass_time(self.rng.choice([1, 12, 13, 24]))
        self.run_due()

    def run_due(self) -> None:
        """What the timer does: pages whose goods' time is over are closed first, where the bank is asked in time."""
        late = Parcel.objects.filter(order=OuterRef("order"), hold_expires_at__lte=self.now, paid_at=None)
        late = late.filter(status__in=CANCELLABLE)
        for attempt in PaymentAttempt.objects.filter(Exists(late), provider=STRIPE, status__in=OPEN):
            if self.chance(0.5):
                close_attempt(provider=self.bank, attempt=attempt, now=self.now)
        expire_consents(now=self.now)
        cancel_unconfirmed(now=self.now)
        expire_holds(now=self.now)

    def _some_payment(self, of_settled: float) -> str:
        """One that nobody disputed yet: of a parcel that stands in a statement so often, now and then one that fits nothing."""
        disputed = {dispute.payment_id for dispute in self.bank.disputes.values()}
        pages = [page for page in self.bank.pages.values() if page.is_paid and page.currency == "VND"]
        paid = [page.payment_id for page in pages if page.payment_id not in disputed]
        applied = PaymentFact.objects.filter(provider=STRIPE, reference__in=paid, kind="received")
        settled = applied.filter(parcel__statement_items__isnull=False)
        for payments, probability in ((settled, of_settled), (applied, 0.8)):
            names = sorted(set(payments.values_list("reference", flat=True)))
            if names and self.chance(probability):
                return self.rng.choice(names)
        return self.rng.choice(paid) if paid else ""
