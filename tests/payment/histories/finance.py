"""What the marketplace's people do: statements of a period, payouts approved by two, sent, paid, failed, and bills."""

from datetime import timedelta

from marketplace.common.dates import local_today, start_of_day
from marketplace.common.errors import DomainError
from marketplace.ledger.models import Transaction
from marketplace.payment.providers.base import ProviderRefusedError, ProviderUnavailableError
from marketplace.settlement import payouts
from marketplace.settlement.bills import record_payment
from marketplace.settlement.models import Bill, Payout, Statement
from marketplace.settlement.sweep import sweep
from tests.factories.settlement import name_account
from tests.payment.histories.invariants import why_it_waits
from tests.payment.histories.providers import Providers

Status = Payout.Status
OPEN = (Status.PENDING, Status.APPROVED_ONCE, Status.APPROVED, Status.EXPORTED)


class Finance(Providers):
    def week(self) -> None:
        """Return windows end, and the period with them."""
        self.pass_time(8 * 24)
        self.run_due()
        self.sweep()

    def sweep(self) -> None:
        """Twice, which is once; and whatever a parcel that was settled before has learned since is in it."""
        self.pass_time(0)
        period_to = local_today(self.now) - timedelta(days=1)
        known = set(Statement.objects.filter(period_to=period_to).values_list("cooperative", flat=True))
        made = sweep(period_to=period_to, now=self.now)
        assert sweep(period_to=period_to, now=self.now + timedelta(minutes=1)) == made
        self.done["sweep"] += 1
        end = start_of_day(local_today(self.now))
        late = Transaction.objects.filter(occurred_at__lt=end, parcel__statement_items__isnull=False)
        for row in late.filter(statement_line=None).exclude(cooperative__in=known).select_related("parcel").distinct():
            assert why_it_waits(row.parcel), row

    def step_payout(self) -> None:
        """The next step of a payout, or one out of turn, by anybody."""
        payout = self.one_of(Payout.objects.filter(status__in=OPEN).select_related("statement"))
        if payout is None:
            return
        self.pass_time(0)
        by = self.rng.choice(self.people)
        if payout.status == Status.APPROVED_ONCE and self.chance(0.8):
            by = next(
                person for person in self.people if not payout.approvals.filter(by=person, turn=payout.turn).exists()
            )
        if self.chance(0.1):
            self.attempt(lambda: payouts.withdraw(payout=payout, by=by, now=self.now))
        elif payout.status in {Status.PENDING, Status.APPROVED_ONCE}:
            self.attempt(lambda: payouts.approve(payout=payout, by=by, now=self.now))
        elif payout.method == Payout.Method.STRIPE:
            self._transfer(payout, by)
        elif payout.status == Status.APPROVED:
            self.attempt(lambda: payouts.export(payouts=[payout], by=by, now=self.now))
        elif self.chance(0.8):
            self._mark_paid(payout, "FT", by)
        else:
            self._mark_failed(payout, by)

    def payout_comes_back(self) -> None:
        """The bank sends money back, or the transfer at Stripe was reversed."""
        payout = self.one_of(Payout.objects.filter(status=Status.PAID))
        if payout is None or not self.chance(0.4):
            return
        self.pass_time(24)
        if self._mark_failed(payout, self.people[0]):
            self.paid_out[payout.statement.cooperative_id] -= int(payout.amount)
            self.done["payout came back"] += 1
            if payout.method == Payout.Method.STRIPE:
                self.bank.reverse_transfer(
                    transfer_id=payout.reference, amount=int(payout.amount), idempotency_key=f"back-{payout.pk}"
                )

    def name_another_account(self) -> None:
        self.pass_time(0)
        name_account(self.sellers[0], number=f"1133{next(self.names):08}", now=self.now)
        self.pass_time(60)

    def pay_bill(self) -> None:
        bill = self.one_of(Bill.objects)
        if bill is None:
            return
        self.pass_time(0)
        was_open = bill.status == Bill.Status.OPEN
        for _ in range(2):
            is_paid = self.attempt(lambda: record_payment(bill=bill, reference="FT", by=self.people[0], now=self.now))
        if is_paid and was_open:
            self.paid_out[bill.statement.cooperative_id] -= int(bill.amount)

    def _transfer(self, payout: Payout, by) -> None:
        """Sent to Stripe until it answers; forgotten by it, looked up there by a person."""
        try:
            payouts.send_by_stripe(payout=payout, provider=self.bank, by=by, now=self.now)
        except ProviderUnavailableError:
            self.done["transfer unanswered"] += 1
        except ProviderRefusedError:
            self.done["transfer refused"] += 1
        except payouts.TransferUnknownError:
            key = f"payout-{payout.pk}-{payout.turn}"
            if key in self.bank.transfers:
                self._mark_paid(payout, f"tr_{key}", by)
            else:
                assert self._mark_failed(payout, by)
        except DomainError as error:
            self.done[f"refused {error.code}"] += 1
        else:
            self.paid_out[payout.statement.cooperative_id] += int(payout.amount)

    def _mark_paid(self, payout: Payout, reference: str, by) -> None:
        for _ in range(2):
            assert self.attempt(lambda: payouts.mark_paid(payout=payout, reference=reference, by=by, now=self.now))
        self.paid_out[payout.statement.cooperative_id] += int(payout.amount)

    def _mark_failed(self, payout: Payout, by) -> bool:
        return self.attempt(lambda: payouts.mark_failed(payout=payout, by=by, now=self.now, note="account closed"))
