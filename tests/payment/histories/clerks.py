"""What the clerks of cooperatives do: send, pack, cancel, take back, promise money back and give it."""

from decimal import Decimal

from marketplace.order.models import Parcel
from marketplace.order.packing import pack_as
from marketplace.order.states import TRANSITIONS, Status
from marketplace.payment.facts import STRIPE
from marketplace.payment.models import Refund, UnmatchedMoney
from marketplace.payment.refund_sending import apply_answer
from marketplace.payment.refunds import record_refund_given, refund_unmatched, request_refund
from tests.factories.orders import do
from tests.payment.histories.world import World

ONWARD = {
    Status.PLACED: "confirm",
    Status.PACKED: "ship",
    Status.READY: "deliver",
    Status.SHIPPED: "deliver",
    Status.DELIVERY_FAILED: "ship",
    Status.RETURNING: "return",
}
LEADS_TO = {
    "fail": Status.DELIVERY_FAILED,
    "start_return": Status.RETURNING,
    "return": Status.RETURNED,
    "cancel": Status.CANCELLED,
    "ready": Status.READY,
}
FROM = {act: [status for status, following in TRANSITIONS.items() if to in following] for act, to in LEADS_TO.items()}
ASIDE = [*FROM, "cancel"]


class Clerks(World):
    def move_on(self) -> None:
        """What an ordinary day brings next."""
        parcel = self.one_of(Parcel.objects.filter(status__in=ONWARD))
        if parcel is not None:
            self.pass_time(self.rng.randint(0, 1))
            self.attempt(lambda: do(parcel, ONWARD[Status(parcel.status)], now=self.now))

    def move_aside(self) -> None:
        act = self.rng.choice(ASIDE)
        parcel = self.one_of(Parcel.objects.filter(status__in=FROM[act]))
        if parcel is not None:
            self.pass_time(self.rng.randint(0, 8))
            self.attempt(lambda: do(parcel, act, now=self.now))

    def pack(self) -> None:
        """Weighs what is weighed; the rest may be short."""
        parcel = self.one_of(Parcel.objects.filter(status=Status.CONFIRMED))
        if parcel is None:
            return
        lines = list(parcel.lines.order_by("pk"))
        missing, is_written_off = self.rng.choice([0, 0, 1, 2]), self.chance(0.5)
        packed = {
            line.pk: round(line.units * self.rng.randint(850, 1_150) / 1000, 3)
            if line.is_weighed
            else max(Decimal(0), line.units - missing)
            for line in lines
        }
        self.pass_time(0)
        before = {line.pk: line.num_allocated for line in lines}
        said = {"reason": "ran_out", "is_written_off": is_written_off}
        is_packed = self.attempt(lambda: pack_as(parcel=parcel, packed=packed, by=None, now=self.now, **said))
        if is_packed and is_written_off:
            for line in parcel.lines.all():
                self.written_off[line.stockrecord_id] += before[line.pk] - line.num_allocated

    def ask_refund(self) -> None:
        """By line or by amount, at most a little too much; of one that was paid out, now and then. Pressed twice."""
        parcels = Parcel.objects.filter(amount_received__gt=0)
        settled = parcels.filter(statement_items__isnull=False).distinct()
        parcel = self.one_of(settled if self.chance(0.4) else parcels)
        if parcel is None:
            return
        self.pass_time(0)
        line, percent, key = parcel.lines.order_by("pk")[0], self.rng.randint(1, 110), str(next(self.names))
        part = int(line.line_price_incl_tax) * percent // 100
        wanted = self.rng.choice([{"lines": {line.pk: part}}, {"amount": int(parcel.total) * percent // 100}])
        for _ in range(2):
            self.attempt(lambda: request_refund(parcel=parcel, key=key, reason="damaged", now=self.now, **wanted))

    def give_back(self) -> None:
        """The cooperative has given back what was promised, and says so twice; or the card bank is asked to, twice, and
        its answer is heard, or lost.
        """
        refund = self.one_of(Refund.objects.filter(status__in=["requested", "pending", "succeeded", "contested"]))
        if refund is None:
            return
        self.pass_time(0)
        if refund.provider == STRIPE:
            self._ask_the_bank(refund)
            return
        for _ in range(2):
            self.attempt(lambda: record_refund_given(refund=refund, reference="FT", now=self.now))

    def _ask_the_bank(self, refund: Refund) -> None:
        if refund.status != "requested":
            return
        payment_id = refund.unmatched.reference if refund.unmatched else refund.attempt.payment_id
        for _ in range(2):
            answer = self.bank.refund(
                payment_id=payment_id,
                amount=int(refund.amount),
                currency="VND",
                idempotency_key=refund.key,
                metadata={"refund": refund.key},
            )
        if self.chance(0.6) or not answer.external_id:
            apply_answer(refund=refund, answer=answer, now=self.now)

    def give_back_unmatched(self) -> None:
        money = self.one_of(UnmatchedMoney.objects)
        if money is not None:
            self.pass_time(0)
            self.attempt(lambda: refund_unmatched(money=money, now=self.now))
