"""Money that arrived on a cooperative's own account: told by its clerk, by its bank's statement, or by a notice of payOS.

All three may tell the same money, in any order. What a source tells is stored once, as an event of that source; it then
pays a parcel, is recognised as money that another source told before, or waits as unmatched money.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Cooperative
from marketplace.common.dates import local_day
from marketplace.common.money import format_vnd
from marketplace.order.locks import lock_order_of
from marketplace.order.models import Parcel
from marketplace.order.states import Status, amount_due, is_payable
from marketplace.payment.facts import CURRENCY, TRANSFER, Fact, Outcome, apply_fact, record_unmatched
from marketplace.payment.models import PaymentAttempt, ProviderEvent, UnmatchedMoney
from marketplace.payment.providers.vietqr.references import Judgement, Payable, Verdict, judge, references_in
from marketplace.payment.services import AmountNotDueError, ParcelNotPayableError, PaymentError
from marketplace.payment.told import ToldByOthers
from marketplace.users.models import User

STATEMENT = "statement"
PAYOS = "payos"
# Their money is on the cooperative's account, so each may tell what another has told.
SOURCES = (TRANSFER, STATEMENT, PAYOS)

Reason = UnmatchedMoney.Reason
REASONS: dict[Verdict, str] = {
    Verdict.NO_REFERENCE: Reason.NO_REFERENCE,
    Verdict.SEVERAL_REFERENCES: Reason.SEVERAL_REFERENCES,
    Verdict.WRONG_AMOUNT: Reason.WRONG_AMOUNT,
    Verdict.PAID_ALREADY: Reason.PAID_TWICE,
    Verdict.CANCELLED: Reason.TOO_LATE,
}


class NotByTransferError(PaymentError):
    code = "not_by_transfer"
    message = _("Parcel %(number)s is not paid by transfer.")


class Result(StrEnum):
    """What became of money that a source told."""

    PAID = "paid"
    QUEUED = "queued"
    # This source told it before.
    REPEATED = "repeated"
    # The clerk or another source told it before.
    TOLD_BEFORE = "told_before"
    OUTGOING = "outgoing"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A movement of the account, as a source tells it. `event_id` is unique for the source and the cooperative."""

    source: str
    event_id: str
    amount: int
    memo: str
    payer: str
    occurred_at: datetime
    currency: str = CURRENCY


@dataclass(frozen=True, slots=True)
class Finding:
    """What the money is, before it is applied. `parcel` is the one whose reference was read; `same` is the outcome to
    write where another source told the money before.
    """

    result: Result
    reason: str = ""
    parcel: Parcel | None = None
    same: str = ""


def confirm_transfer(
    *, parcel: Parcel, amount: int, by: User | None, now: datetime, bank_reference: str = ""
) -> Parcel:
    """The parcel, paid: the clerk has seen the money on the account. Saying it again changes nothing.

    Raises NotByTransferError, ParcelNotPayableError or AmountNotDueError; then nothing is changed.
    """
    with transaction.atomic():
        _order, parcel, _parcels = lock_order_of(parcel)
        if parcel.paid_at is not None:
            return parcel
        number = parcel.number.upper()
        if parcel.payment_method != Parcel.PaymentMethod.TRANSFER:
            raise NotByTransferError(number=number)
        if not is_payable(parcel):
            raise ParcelNotPayableError(number=number, status=parcel.get_status_display())
        due = amount_due(parcel)
        if amount != due:
            raise AmountNotDueError(number=number, due=format_vnd(due), amount=format_vnd(amount))
        # What was received before is in the name: the rest of a part payment is another movement.
        name = f"{parcel.number}:{int(parcel.amount_received)}:{bank_reference}"[:120]
        fact = Fact(provider=TRANSFER, reference=name, amount=amount, currency=CURRENCY, occurred_at=now)
        apply_fact(fact=fact, target=_target(parcel, amount), now=now, by=by)
        parcel.refresh_from_db()
        return parcel


class Account:
    """A cooperative's account in one run: finds what movements are, a batch at a time, with at most six queries for each."""

    def __init__(self, cooperative: Cooperative) -> None:
        self.cooperative = cooperative
        # Paid by an earlier row of this run, where nothing is written yet.
        self._promised: set[str] = set()

    def find(self, batch: list[Incoming]) -> list[Finding]:
        """In the batch's order. Two movements of a batch that name one parcel are seen one after the other."""
        parcels = self._parcels(batch)
        known = {reference: _payable(parcel) for reference, parcel in parcels.items()}
        told = self._told(batch)
        before = ToldByOthers(
            cooperative=self.cooperative,
            source=batch[0].source if batch else "",
            others=[name for name in SOURCES if not batch or name != batch[0].source],
            parcels=parcels.values(),
            amounts={incoming.amount for incoming in batch},
        )
        found = []
        for incoming in batch:
            judgement = judge(incoming.memo, incoming.amount, known)
            finding = self._finding(incoming, judgement, parcels, told, before)
            if finding.result is Result.PAID:
                known[judgement.reference] = Payable(judgement.reference, 0)
                self._promised.add(judgement.reference)
            told.add((incoming.source, self.name_of(incoming)))
            found.append(finding)
        return found

    def name_of(self, incoming: Incoming) -> str:
        """Two cooperatives' banks may use the same numbers."""
        return f"{self.cooperative.pk}:{incoming.event_id}"[:120]

    def _finding(
        self,
        incoming: Incoming,
        judgement: Judgement,
        parcels: dict[str, Parcel],
        told: set[tuple[str, str]],
        before: ToldByOthers,
    ) -> Finding:
        parcel = parcels.get(judgement.reference)
        if judgement.verdict is Verdict.NOT_INCOMING:
            return Finding(Result.OUTGOING)
        if (incoming.source, self.name_of(incoming)) in told:
            return Finding(Result.REPEATED, parcel=parcel)
        if incoming.currency.upper() != CURRENCY:
            return Finding(Result.QUEUED, Reason.WRONG_CURRENCY, parcel)
        if same := before.take(
            parcel=parcel, amount=incoming.amount, memo=incoming.memo, day=local_day(incoming.occurred_at)
        ):
            return Finding(Result.TOLD_BEFORE, parcel=parcel, same=same)
        if judgement.verdict is Verdict.MATCHED and judgement.reference not in self._promised:
            return Finding(Result.PAID, parcel=parcel)
        return Finding(Result.QUEUED, REASONS.get(judgement.verdict, Reason.PAID_TWICE), parcel)

    def _parcels(self, batch: list[Incoming]) -> dict[str, Parcel]:
        references = {reference for incoming in batch for reference in references_in(incoming.memo)}
        rows = (
            Parcel.objects.filter(cooperative=self.cooperative, payment_reference__in=references) if references else []
        )
        return {str(parcel.payment_reference): parcel for parcel in rows}

    def _told(self, batch: list[Incoming]) -> set[tuple[str, str]]:
        """What these sources have told before. An event that was stored and never applied is told anew."""
        names = [self.name_of(incoming) for incoming in batch]
        sources = {incoming.source for incoming in batch}
        rows = ProviderEvent.objects.filter(provider__in=sources, event_id__in=names, applied_at__isnull=False)
        return set(rows.values_list("provider", "event_id"))


def receive(*, account: Account, batch: list[Incoming], by: User | None, now: datetime) -> list[Finding]:
    """Stores what a source tells, then applies it, movement by movement; a run that was broken off may be repeated.

    What is found and what is done may differ where somebody else was quicker: `apply_fact` has the last word.
    """
    findings = account.find(batch)
    fresh = [
        (incoming, finding)
        for incoming, finding in zip(batch, findings, strict=True)
        if finding.result not in {Result.OUTGOING, Result.REPEATED}
    ]
    ProviderEvent.objects.bulk_create(
        (
            ProviderEvent(
                provider=incoming.source,
                event_id=account.name_of(incoming),
                kind="received",
                payload={"amount": incoming.amount, "on": incoming.occurred_at.isoformat()},
                received_at=now,
            )
            for incoming, _finding in fresh
        ),
        ignore_conflicts=True,
    )
    for incoming, finding in fresh:
        with transaction.atomic():
            outcome = _apply(account, incoming, finding, by, now)
            ProviderEvent.objects.filter(
                provider=incoming.source, event_id=account.name_of(incoming), applied_at__isnull=True
            ).update(applied_at=now, outcome=outcome)
    return findings


def _apply(account: Account, incoming: Incoming, finding: Finding, by: User | None, now: datetime) -> str:
    if finding.result is Result.TOLD_BEFORE:
        return finding.same
    fact = Fact(
        provider=incoming.source,
        reference=account.name_of(incoming),
        amount=incoming.amount,
        currency=incoming.currency,
        occurred_at=incoming.occurred_at,
        memo=incoming.memo,
        payer=incoming.payer,
    )
    if finding.result is Result.PAID and finding.parcel:
        outcome = apply_fact(fact=fact, target=_target(finding.parcel, incoming.amount), now=now, by=by)
        if outcome is Outcome.UNMATCHED and (same := _told_meanwhile(account, incoming)):
            UnmatchedMoney.objects.filter(provider=fact.provider, reference=fact.reference).delete()
            return same
        return str(outcome)
    record_unmatched(
        fact=fact, reason=finding.reason, now=now, parcel=finding.parcel, cooperative_id=account.cooperative.pk
    )
    return str(Outcome.UNMATCHED)


def _told_meanwhile(account: Account, incoming: Incoming) -> str:
    """What to write where another source told this money between our look and our lock, which `apply_fact` has taken."""
    return Account(account.cooperative).find([incoming])[0].same


def _target(parcel: Parcel, amount: int) -> PaymentAttempt | Parcel:
    """The parcel's attempt, while what it asked for is still what is due; else the parcel itself."""
    attempts = PaymentAttempt.objects.filter(
        order=parcel.order_id, provider=TRANSFER, status=PaymentAttempt.Status.PENDING, amount=amount
    )
    return next((attempt for attempt in attempts if parcel.pk in attempt.share_of), parcel)


def _payable(parcel: Parcel) -> Payable:
    return Payable(
        reference=str(parcel.payment_reference),
        due=0 if parcel.paid_at else amount_due(parcel),
        is_cancelled=parcel.status == Status.CANCELLED,
    )
