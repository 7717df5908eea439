"""What the pages of money print: ready words, no decisions left."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from marketplace.order.models import Parcel
from marketplace.order.states import amount_due
from marketplace.payment.models import UnmatchedMoney
from marketplace.payment.statement_import import RowResult
from marketplace.payment.transfers import Result

# A statement of thousands of rows is not a page: the counts tell of the rest.
SHOWN = 200


@dataclass(frozen=True)
class MoneyRow:
    """Money that waits, with the parcel that it was probably meant for."""

    pk: int
    amount: Decimal
    currency: str
    occurred_at: datetime
    memo: str
    payer: str
    reason: str
    suggestion: str
    suggestion_due: int
    suggestion_buyer: str


def money_rows(money: Iterable[UnmatchedMoney], suggestions: Mapping[int, Parcel]) -> list[MoneyRow]:
    return [_money_row(row, suggestions.get(row.pk)) for row in money]


def _money_row(money: UnmatchedMoney, suggested: Parcel | None) -> MoneyRow:
    return MoneyRow(
        pk=money.pk,
        amount=money.amount,
        currency=money.currency,
        occurred_at=money.occurred_at,
        memo=money.memo,
        payer=money.payer,
        reason=money.get_reason_display(),
        suggestion=suggested.number.upper() if suggested else "",
        suggestion_due=amount_due(suggested) if suggested else 0,
        suggestion_buyer=suggested.order.buyer_name if suggested else "",
    )


@dataclass(frozen=True)
class StatementRowWords:
    number: int
    amount: int
    memo: str
    words: str
    tag: str


@dataclass
class StatementSummary:
    """How many rows of a statement are what, and the first of those that a person should look at."""

    paid: int = 0
    queued: int = 0
    known: int = 0
    outgoing: int = 0
    problems: int = 0
    rows: list[StatementRowWords] = field(default_factory=list)
    is_cut: bool = False

    @classmethod
    def of(cls, results: Iterable[RowResult]) -> "StatementSummary":
        summary = cls()
        for result in results:
            summary.add(result)
        return summary

    def add(self, result: RowResult) -> None:
        if result.finding is None:
            self.problems += 1
            self._show(result, str(result.error), "tag--alert")
            return
        match result.finding.result:
            case Result.PAID:
                self.paid += 1
                number = result.finding.parcel.number.upper() if result.finding.parcel else ""
                self._show(result, _("Pays parcel %(number)s") % {"number": number}, "tag--good")
            case Result.QUEUED:
                self.queued += 1
                reason = str(UnmatchedMoney.Reason(result.finding.reason).label)
                self._show(result, _("For you to settle: %(reason)s") % {"reason": reason}, "tag--season")
            case Result.OUTGOING:
                self.outgoing += 1
            case _known:
                self.known += 1

    def _show(self, result: RowResult, words: str, tag: str) -> None:
        if len(self.rows) >= SHOWN:
            self.is_cut = True
            return
        row = result.row
        self.rows.append(
            StatementRowWords(result.number, row.amount if row else 0, row.memo if row else "", words, tag)
        )
