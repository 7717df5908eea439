"""Money on a cooperative's account that another source has told before: it stands on a parcel, or waits in the queue."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from cooperatives.models import Cooperative
from marketplace.common.dates import local_day
from marketplace.order.models import Parcel
from marketplace.payment.models import PaymentFact, ProviderEvent, UnmatchedMoney
from marketplace.payment.providers.vietqr.references import compact

OUTCOME = "told_before"


def same_money(parcel_number: str) -> str:
    """The outcome of an event that told what was known of this parcel."""
    return f"{OUTCOME}:{parcel_number}"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Money in the queue that names no parcel; `outcome` is that of an event that tells it again."""

    outcome: str
    amount: int
    day: date
    memo: str


class ToldByOthers:
    """What the other sources told and `source` has not told yet. Each movement of theirs answers for one of its own.

    Two to four queries for a batch, whatever its length.
    """

    def __init__(
        self,
        *,
        cooperative: Cooperative,
        source: str,
        others: Sequence[str],
        parcels: Iterable[Parcel],
        amounts: Iterable[int],
    ) -> None:
        numbers = {parcel.pk: parcel.number for parcel in parcels}
        paid = {parcel.pk for parcel in parcels if parcel.amount_received}
        self._of_parcels: Counter[tuple[int, int]] = Counter()
        self._waiting: list[_Waiting] = []
        if paid:
            facts = PaymentFact.objects.filter(
                parcel__in=paid, kind=PaymentFact.Kind.RECEIVED, provider__in=others
            ).values_list("parcel_id", "amount")
            self._of_parcels.update((parcel_id, int(amount)) for parcel_id, amount in facts)
        self._read_queue(cooperative, others, set(amounts))
        self._forget_what_was_told(cooperative, source, numbers)

    def take(self, *, parcel: Parcel | None, amount: int, memo: str, day: date) -> str:
        """The outcome of an event of this movement, if another source told it before; else the empty text.

        Without a parcel the memo has to say the same: the source that we hear may have put words around it.
        """
        if parcel is not None:
            if self._of_parcels[parcel.pk, amount] <= 0:
                return ""
            # Also where the sum would be due once more: a source that tells both halves of a sum tells two movements.
            self._of_parcels[parcel.pk, amount] -= 1
            return same_money(parcel.number)
        said = compact(memo)
        for waiting in self._waiting:
            is_same = said and waiting.memo and (said in waiting.memo or waiting.memo in said)
            if is_same and (waiting.amount, waiting.day) == (amount, day):
                self._waiting.remove(waiting)
                return waiting.outcome
        return ""

    def _read_queue(self, cooperative: Cooperative, others: Sequence[str], amounts: set[int]) -> None:
        """What was applied since is a fact of its parcel; what was given back or put aside was money all the same."""
        queue = UnmatchedMoney.objects.filter(cooperative=cooperative, provider__in=others, amount__in=amounts)
        queue = queue.exclude(status=UnmatchedMoney.Status.APPLIED).order_by("pk")
        for pk, parcel_id, amount, occurred_at, memo in queue.values_list(
            "pk", "parcel_id", "amount", "occurred_at", "memo"
        ):
            if parcel_id is not None:
                self._of_parcels[parcel_id, int(amount)] += 1
            else:
                outcome = f"{OUTCOME}:queue:{pk}"
                self._waiting.append(_Waiting(outcome, int(amount), local_day(occurred_at), compact(memo)))

    def _forget_what_was_told(self, cooperative: Cooperative, source: str, numbers: dict[int, str]) -> None:
        if not self._waiting and not +self._of_parcels:
            return
        parcels = {same_money(number): pk for pk, number in numbers.items()}
        queued = {waiting.outcome for waiting in self._waiting}
        events = ProviderEvent.objects.filter(
            provider=source, event_id__startswith=f"{cooperative.pk}:", outcome__in={*parcels, *queued}
        )
        told = set()
        for outcome, payload in events.values_list("outcome", "payload"):
            if outcome in queued:
                told.add(outcome)
            else:
                self._of_parcels[parcels[outcome], payload["amount"]] -= 1
        self._waiting = [waiting for waiting in self._waiting if waiting.outcome not in told]
