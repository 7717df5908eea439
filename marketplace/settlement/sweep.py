"""The sweep: one statement for each cooperative and period, and one payout or one bill of its balance.

It settles transactions of the ledger, each once: those of parcels that are final. What is learned of a parcel afterwards
falls into the next statement. Parcels are read in batches, so that memory does not grow with their number.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Cooperative
from marketplace.common.dates import local_day, local_today, start_of_day
from marketplace.common.errors import DomainError
from marketplace.common.locks import locked
from marketplace.order.models import Parcel
from marketplace.settlement.finality import final_parcels, unsettled
from marketplace.settlement.items import item_without_parcel, items_of_parcels
from marketplace.settlement.models import (
    Bill,
    ConnectedAccount,
    Payout,
    PayoutEvent,
    Statement,
    StatementItem,
    StatementLine,
)
from marketplace.settlement.periods import period_start
from marketplace.settlement.withholding import withhold
from marketplace.users.models import User

BATCH = 500


class PeriodNotOverError(DomainError):
    code = "period_not_over"
    message = _("The period is not over: it ends on %(day)s.")


def sweep(*, period_to: date, now: datetime, by: User | None = None) -> list[Statement]:
    """The statements of the period that ends on the day, made now or before, by cooperative. Doing it again changes
    nothing. Each cooperative is a transaction of its own.

    Raises PeriodNotOverError.
    """
    if period_to >= local_today(now):
        raise PeriodNotOverError(day=period_to.strftime("%d/%m/%Y"))
    end = _end_of(period_to)
    waiting = unsettled(OuterRef("pk"), before=end)  # type: ignore[arg-type]
    known = Statement.objects.filter(cooperative=OuterRef("pk"), period_to=period_to)
    cooperatives = Cooperative.objects.filter(Exists(waiting) | Exists(known)).order_by("pk")
    made = [settle(cooperative=row, period_to=period_to, now=now, by=by) for row in cooperatives]
    return [statement for statement in made if statement is not None]


def settle(*, cooperative: Cooperative, period_to: date, now: datetime, by: User | None = None) -> Statement | None:
    """The cooperative's statement of the period, made once; None when nothing of it is final, or when a later period is
    settled already.
    """
    with transaction.atomic():
        # Sweeps of one cooperative follow one another; payments of its parcels go on.
        locked(Cooperative.objects.filter(pk=cooperative.pk), is_key_kept=True)
        later = (
            Statement.objects.filter(cooperative=cooperative, period_to__gte=period_to).order_by("period_to").first()
        )
        if later is not None:
            return later if later.period_to == period_to else None
        statement = Statement(
            number=f"SK{period_to:%y%m%d}-{cooperative.pk:04d}",
            cooperative=cooperative,
            period_from=_first_day(cooperative, period_to),
            period_to=period_to,
            made_at=now,
            made_by=by,
        )
        net = _fill(statement, _end_of(period_to))
        if statement.pk is None:
            return None
        statement.net = net
        statement.brought_forward = _carry_into(statement, now=now, by=by)
        statement.save(update_fields=["net", "brought_forward"])
        _conclude(statement, now=now, by=by)
        return statement


def _fill(statement: Statement, end: datetime) -> int:
    """Writes the items, and the statement itself with the first of them; returns their net."""
    cooperative_id, net = statement.cooperative_id, 0
    for parcel_ids in _final_batches(cooperative_id, end):
        if settings.TAX_WITHHOLDING:
            withhold(parcel_ids=parcel_ids, by=end)
        transactions = unsettled(cooperative_id, before=end)
        owners = dict(transactions.filter(parcel__in=parcel_ids).values_list("pk", "parcel"))
        net += _write(statement, items_of_parcels(statement, parcel_ids, list(owners)), owners)
    others = list(unsettled(cooperative_id, before=end).filter(parcel__isnull=True).values_list("pk", flat=True))
    if others:
        net += _write(statement, [item_without_parcel(statement, others)], dict.fromkeys(others))
    return net


def _write(statement: Statement, items: Sequence[StatementItem], owners: Mapping[int, int | None]) -> int:
    if statement.pk is None:
        statement.save(force_insert=True)
    for item in items:
        item.statement = statement
    written = {item.parcel_id: item for item in StatementItem.objects.bulk_create(items)}
    StatementLine.objects.bulk_create(
        StatementLine(item=written[parcel_id], transaction_id=pk) for pk, parcel_id in owners.items()
    )
    return sum(int(item.net) for item in items)


def _final_batches(cooperative_id: int, end: datetime) -> Iterator[list[int]]:
    waiting = Exists(unsettled(cooperative_id, before=end).filter(parcel=OuterRef("pk")))
    parcels = final_parcels(Parcel.objects.filter(waiting, cooperative=cooperative_id), by=end).order_by("pk")
    last, is_more = 0, True
    while is_more and (batch := list(parcels.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH])):
        yield batch
        last, is_more = batch[-1], len(batch) == BATCH


def _carry_into(statement: Statement, *, now: datetime, by: User | None) -> int:
    """Takes over what earlier statements left: payouts that nobody approved, and bills that nobody paid."""
    of_cooperative = {"statement__cooperative": statement.cooperative_id}
    payouts = locked(Payout.objects.filter(**of_cooperative, status=Payout.Status.PENDING))
    bills = locked(Bill.objects.filter(**of_cooperative, status=Bill.Status.OPEN))
    for payout in payouts:
        payout.status, payout.carried_into = Payout.Status.CARRIED, statement
        payout.save(update_fields=["status", "carried_into"])
        PayoutEvent.objects.create(
            payout=payout, from_status=Payout.Status.PENDING, to_status=payout.status, at=now, by=by
        )
    for bill in bills:
        bill.status, bill.carried_into = Bill.Status.CARRIED, statement
        bill.save(update_fields=["status", "carried_into"])
    return sum(int(payout.amount) for payout in payouts) - sum(int(bill.amount) for bill in bills)


def _conclude(statement: Statement, *, now: datetime, by: User | None) -> None:
    balance = statement.balance
    if balance > 0:
        is_connected = ConnectedAccount.objects.filter(cooperative=statement.cooperative_id).exists()
        method = Payout.Method.STRIPE if is_connected else Payout.Method.BANK
        payout = Payout.objects.create(statement=statement, amount=balance, method=method)
        PayoutEvent.objects.create(payout=payout, to_status=payout.status, at=now, by=by)
    elif balance < 0:
        Bill.objects.create(statement=statement, amount=-balance)


def _first_day(cooperative: Cooperative, period_to: date) -> date:
    """The day after the last statement; of the first statement, that of the first transaction if it is earlier."""
    last = Statement.objects.filter(cooperative=cooperative).order_by("-period_to").first()
    if last is not None:
        return last.period_to + timedelta(days=1)
    first = unsettled(cooperative.pk).order_by("occurred_at").values_list("occurred_at", flat=True).first()
    start = period_start(period_to)
    return min(start, local_day(first)) if first else start


def _end_of(last_day: date) -> datetime:
    return start_of_day(last_day + timedelta(days=1))
