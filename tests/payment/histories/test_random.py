"""Random histories of money over the real services: whatever happens, in whatever order, every đồng is accounted for.

Each act is one of a buyer, a clerk, the marketplace's people, a provider or the clock, drawn by chance from a seed that
hypothesis chooses: its own state machines end most histories before anything is sold.
"""

from collections import Counter
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.order.models import Parcel, WeightConsent
from marketplace.order.states import is_sale
from marketplace.payment.models import Dispute, PaymentFact, Refund, UnmatchedMoney
from marketplace.settlement.models import Bill, PayoutEvent, StatementItem
from tests.factories.money import taken_back
from tests.payment.histories.buyers import METHODS, Buyers
from tests.payment.histories.clerks import Clerks
from tests.payment.histories.finance import Finance
from tests.payment.histories.invariants import check, the_card_bank_agrees

EXAMPLES, ROUNDS = 3, 2
# How often each act happens, among the others: while goods are sold, and while their week is settled.
TRADING = {
    "order": 5,
    "pay": 6,
    "read_post": 14,
    "move_on": 36,
    "move_aside": 4,
    "pack": 14,
    "answer": 4,
    "contest": 1,
    "ask_refund": 4,
    "give_back": 6,
    "give_back_unmatched": 1,
    "settle_refund": 2,
    "refund_at_the_desk": 1,
    "clock": 1,
}
SETTLING = {
    "step_payout": 60,
    "payout_comes_back": 6,
    "pay_bill": 6,
    "name_another_account": 1,
    "sweep": 2,
    "read_post": 16,
    "ask_refund": 5,
    "give_back": 9,
    "settle_refund": 3,
    "refund_at_the_desk": 2,
    "open_dispute": 9,
    "close_dispute": 8,
    "move_on": 4,
    "move_aside": 2,
}


ABOUT = {
    "sale cod",
    "sale transfer",
    "sale card",
    "parcel cancelled",
    "parcel returned",
    "consent accepted",
    "fact received",
    "fact refunded",
    "fact charged_back",
    "fact sent_back",
    "unmatched wrong_amount",
    "refund cancelled",
    "refund damaged",
    "refund lighter",
    "refund short",
    "refund succeeded",
    "refund failed",
    "dispute lost",
    "dispute won",
    "letter read again",
    "letter read out of order",
    "sweep",
    "payout approved",
    "payout paid",
    "payout carried",
    "payout came back",
    "bill paid",
    "refunded after the payout",
    "charged_back after the payout",
}


class History(Buyers, Clerks, Finance):
    def run(self, rounds: int, *, check_every: int = 1) -> None:
        for method in [*METHODS, "card"]:
            self.order(method)
        acts = count(1)
        for _ in range(rounds):
            for name in [*self.some(TRADING, 34), "week", *self.some(SETTLING, 26)]:
                getattr(self, name)()
                if next(acts) % check_every == 0:
                    check(self)
        self.read_everything()
        check(self)
        the_card_bank_agrees(self)

    def some(self, weights: dict[str, int], number: int) -> list[str]:
        return self.rng.choices(list(weights), list(weights.values()), k=number)


@pytest.mark.django_db
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_random_histories_of_money_keep_every_dong_accounted_for(seed):
    with taken_back():
        History(seed).run(ROUNDS)


@pytest.mark.soak
@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_long_random_histories_of_money_keep_every_dong_accounted_for(seed):
    with taken_back():
        History(seed).run(8, check_every=3)


@pytest.mark.django_db
def test_the_histories_reach_everything_that_they_are_about():
    """Within some that are always the same."""
    seen: Counter[str] = Counter()
    for seed in range(12):
        with taken_back():
            history = History(seed)
            history.run(2 * ROUNDS, check_every=20)
            seen += history.done + census()
        if set(seen) >= ABOUT:
            break
    assert set(seen) >= ABOUT, (ABOUT - set(seen), dict(seen))


def census() -> Counter[str]:
    """What has happened, by its name."""
    seen: Counter[str] = Counter()
    seen.update(f"sale {parcel.payment_method}" for parcel in Parcel.objects.all() if is_sale(parcel))
    seen.update(f"parcel {status}" for status in Parcel.objects.values_list("status", flat=True))
    seen.update(f"consent {answer}" for answer in WeightConsent.objects.values_list("answer", flat=True))
    seen.update(f"fact {kind}" for kind in PaymentFact.objects.values_list("kind", flat=True))
    seen.update(f"unmatched {reason}" for reason in UnmatchedMoney.objects.values_list("reason", flat=True))
    for reason, status in Refund.objects.values_list("reason", "status"):
        seen.update([f"refund {reason}", f"refund {status}"])
    seen.update(f"dispute {status}" for status in Dispute.objects.values_list("status", flat=True))
    seen.update(f"payout {status}" for status in PayoutEvent.objects.values_list("to_status", flat=True))
    seen.update(f"bill {status}" for status in Bill.objects.values_list("status", flat=True))
    for fact in PaymentFact.objects.exclude(kind="received"):
        paid = StatementItem.objects.filter(
            parcel=fact.parcel_id,
            statement__payout__events__to_status="paid",
            statement__payout__events__at__lt=fact.recorded_at,
        )
        seen[f"{fact.kind} after the payout"] += paid.exists()
    return seen
