"""What a cooperative is owed, and why: its statements, and the parcels that stand in none yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet, Sum

from marketplace.common.dates import local_day
from marketplace.ledger.selectors import owed_to
from marketplace.order.models import Parcel
from marketplace.order.states import RETURN_WINDOW, Status
from marketplace.settlement.columns import signed
from marketplace.settlement.finality import being_refunded, disputed, unsettled
from marketplace.settlement.items import columns_of, movements
from marketplace.settlement.models import Bill, Payout, Statement, StatementItem
from marketplace.settlement.payouts import held_until

PARCELS_PER_PAGE = 30
OPEN_PAYOUTS = (Payout.Status.PENDING, Payout.Status.APPROVED_ONCE, Payout.Status.APPROVED, Payout.Status.EXPORTED)


@dataclass(frozen=True)
class Standing:
    """What the cooperative is owed now, in đồng, and of what it is made: `owed` = `to_pay_out` - `billed` + `unsettled`.

    `columns` are the parts of `unsettled` as in a statement: refunds, fees and taxes positive.
    """

    owed: int
    to_pay_out: int
    billed: int
    unsettled: int
    columns: dict[str, int]
    held_until: datetime | None


@dataclass(frozen=True)
class OpenParcel:
    """A parcel whose money stands in no statement yet. `waits_for` is why; `settled_from` is the first day on which it can
    be settled, where that is known. `amounts` are signed as they count, as in a statement's rows.
    """

    number: str
    status: str
    amounts: dict[str, int]
    waits_for: str
    settled_from: date | None


def standing_of(cooperative_id: int) -> Standing:
    """Six queries."""
    payouts = list(
        Payout.objects.filter(statement__cooperative=cooperative_id, status__in=OPEN_PAYOUTS).select_related(
            "statement"
        )
    )
    bills = Bill.objects.filter(statement__cooperative=cooperative_id, status=Bill.Status.OPEN)
    columns = columns_of(movements_of(cooperative_id))
    return Standing(
        owed=owed_to(cooperative_id),
        to_pay_out=sum(int(payout.amount) for payout in payouts),
        billed=int(bills.aggregate(total=Sum("amount"))["total"] or 0),
        unsettled=columns["net"],
        columns=columns,
        held_until=max(filter(None, map(held_until, payouts)), default=None),
    )


def movements_of(cooperative_id: int) -> dict[tuple[str, bool], int]:
    """What moved in the cooperative's transactions that are not settled, by kind of account."""
    moved: dict[tuple[str, bool], int] = {}
    for of_parcel in movements(unsettled(cooperative_id).values("pk")).values():
        for side, amount in of_parcel.items():
            moved[side] = moved.get(side, 0) + amount
    return moved


def open_parcels(cooperative_id: int) -> QuerySet[Parcel]:
    """Parcels with money that stands in no statement yet, the latest first."""
    waiting = unsettled(cooperative_id).filter(parcel=OuterRef("pk"))
    return Parcel.objects.filter(Exists(waiting), cooperative=cooperative_id).order_by("-placed_at", "-pk")


def open_rows(cooperative_id: int, parcels: Sequence[Parcel], *, today: date) -> list[OpenParcel]:
    """Two queries, whatever their number."""
    keys = [parcel.pk for parcel in parcels]
    moved = movements(unsettled(cooperative_id).filter(parcel__in=keys).values("pk"))
    frozen = {
        pk: "dispute" if is_disputed else "refund"
        for pk, is_disputed, is_refunded in Parcel.objects.filter(pk__in=keys).values_list(
            "pk", disputed(), being_refunded()
        )
        if is_disputed or is_refunded
    }
    rows = []
    for parcel in parcels:
        waits_for, settled_from = _waits_for(parcel, frozen.get(parcel.pk, ""), today)
        rows.append(
            OpenParcel(
                number=parcel.number,
                status=str(parcel.get_status_display()),
                amounts=signed(columns_of(moved[parcel.pk])),
                waits_for=waits_for,
                settled_from=settled_from,
            )
        )
    return rows


def statements_of(cooperative_id: int) -> QuerySet[Statement]:
    """The latest first, each with its payout and bill."""
    rows = Statement.objects.filter(cooperative=cooperative_id)
    return rows.select_related("payout", "bill").order_by("-period_to")


def statement_detail(number: str) -> Statement | None:
    rows = Statement.objects.select_related("cooperative", "payout__bank_account", "bill")
    return rows.filter(number=number).first()


def item_count(statement: Statement) -> int:
    return StatementItem.objects.filter(statement=statement).count()


def _waits_for(parcel: Parcel, frozen: str, today: date) -> tuple[str, date | None]:
    if frozen:
        return frozen, None
    if parcel.status == Status.DELIVERED and parcel.delivered_at:
        final_on = local_day(parcel.delivered_at + RETURN_WINDOW) + timedelta(days=1)
        return ("window", final_on) if today < final_on else ("sweep", None)
    if parcel.status in {Status.RETURNED, Status.CANCELLED}:
        return "sweep", None
    return "delivery", None
