"""Tax withheld of what the marketplace collects for sellers that are households or persons: decree 117/2025/NĐ-CP.

Off until the setting TAX_WITHHOLDING is on. Withheld is of revenue of parcels delivered and paid through the marketplace:
of each line, and of the delivery, each tax rounded to the đồng. What came back is set off with the rates of its sale. What
a seller receives itself, it declares itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Sum

from marketplace.common.dates import local_day
from marketplace.common.money import round_half_up
from marketplace.ledger.models import Account, Transaction
from marketplace.ledger.parcels import seller_revenue
from marketplace.ledger.services import post, transfer
from marketplace.order.models import Line, Parcel
from marketplace.order.states import is_sale
from marketplace.payment.models import RefundLine
from marketplace.payment.providers.names import COLLECTING
from marketplace.payment.selectors import GIVEN
from marketplace.settlement.models import SellerTaxStatus, Withholding, WithholdingRate

Nature = WithholdingRate.Nature
TAX = "tax"


@dataclass(frozen=True)
class Share:
    """A line of a parcel, or its delivery where `line_id` is None, with the revenue that bears tax."""

    line_id: int | None
    nature: str
    base: int


@dataclass(frozen=True)
class Borne:
    """What was withheld of a share so far, and at which rates."""

    base: int
    vat: int
    income_tax: int
    vat_rate: Decimal
    income_rate: Decimal


def withhold(*, parcel_ids: Sequence[int], by: datetime) -> int:
    """Withholds what these parcels' revenue bears, as they stand, and gives back what they bear no more; returns for how
    many parcels something was posted. The day is that of the parcel's last movement of money before `by`.
    """
    parcels = Parcel.objects.filter(pk__in=parcel_ids, payment_facts__provider__in=COLLECTING).distinct().order_by("pk")
    moved = Transaction.objects.filter(parcel__in=parcel_ids, occurred_at__lt=by).exclude(kind=TAX).order_by()
    days = dict(moved.values_list("parcel").annotate(Max("occurred_at")))
    statuses = list(SellerTaxStatus.objects.filter(cooperative__parcels__in=parcel_ids).distinct())
    if not statuses:
        return 0
    rates = list(WithholdingRate.objects.all())
    refunded = refunded_by_line(parcel_ids)
    posted = 0
    for parcel in parcels:
        accrued_at = days.get(parcel.pk)
        if accrued_at is None:
            continue
        seller = _in_force(statuses, local_day(accrued_at), parcel.cooperative_id)
        borne = _borne(parcel)
        if seller is None and not borne:
            continue
        rows = _rows(parcel, _shares(parcel, refunded), borne, seller, rates, local_day(accrued_at))
        posted += _post(parcel, rows, accrued_at)
    return posted


def refunded_by_line(parcel_ids: Iterable[int]) -> dict[int, int]:
    """Đồng given back of each line, by its id, by refunds that have come to their end. One query."""
    done = RefundLine.objects.filter(refund__parcel__in=parcel_ids, refund__status__in=GIVEN)
    return {line: int(total) for line, total in done.order_by().values_list("line").annotate(Sum("amount"))}


def _shares(parcel: Parcel, refunded: dict[int, int]) -> list[Share]:
    lines = list(Line.objects.filter(parcel=parcel).order_by("pk"))
    if not is_sale(parcel):
        return [*(Share(line.pk, Nature.GOODS, 0) for line in lines), Share(None, Nature.TRANSPORT, 0)]
    of_lines = sum(refunded.get(line.pk, 0) for line in lines)
    delivery = int(parcel.delivery_charge) - max(0, int(parcel.amount_refunded) - of_lines)
    return [
        *(Share(line.pk, Nature.GOODS, round_half_up(seller_revenue(line, refunded))) for line in lines),
        Share(None, Nature.TRANSPORT, max(0, delivery)),
    ]


def _borne(parcel: Parcel) -> dict[int | None, Borne]:
    rows: dict[int | None, list[Withholding]] = defaultdict(list)
    for row in Withholding.objects.filter(parcel=parcel).order_by("pk"):
        rows[row.line_id].append(row)
    return {
        line_id: Borne(
            base=sum(int(row.base) for row in of_share),
            vat=sum(int(row.vat) for row in of_share),
            income_tax=sum(int(row.income_tax) for row in of_share),
            vat_rate=of_share[0].vat_rate,
            income_rate=of_share[0].income_rate,
        )
        for line_id, of_share in rows.items()
    }


def _rows(
    parcel: Parcel,
    shares: Iterable[Share],
    borne: dict[int | None, Borne],
    seller: SellerTaxStatus | None,
    rates: Sequence[WithholdingRate],
    day: date,
) -> list[Withholding]:
    """What is still to be withheld of each share, or to be given back (negative); not saved."""
    rows = []
    known = SellerTaxStatus.objects.filter(pk__in=Withholding.objects.filter(parcel=parcel).values("seller")).first()
    for share in shares:
        before = borne.get(share.line_id)
        if before is None:
            rate = _rate(rates, share.nature, seller, day)
            if rate is None or not share.base:
                continue
            before = Borne(0, 0, 0, rate.vat_rate, rate.income_rate)
        vat = round_half_up(share.base * before.vat_rate / 100) - before.vat
        income_tax = round_half_up(share.base * before.income_rate / 100) - before.income_tax
        if not vat and not income_tax and share.base == before.base:
            continue
        rows.append(
            Withholding(
                parcel=parcel,
                line_id=share.line_id,
                cooperative_id=parcel.cooperative_id,
                nature=share.nature,
                seller=known or seller,
                base=share.base - before.base,
                vat_rate=before.vat_rate,
                income_rate=before.income_rate,
                vat=vat,
                income_tax=income_tax,
                accrued_on=day,
            )
        )
    return rows


def _rate(
    rates: Iterable[WithholdingRate], nature: str, seller: SellerTaxStatus | None, day: date
) -> WithholdingRate | None:
    if seller is None:
        return None
    return next(
        (row for row in rates if row.nature == nature and row.seller_kind == seller.kind and row.is_in_force(day)), None
    )


def _in_force(statuses: Iterable[SellerTaxStatus], day: date, cooperative_id: int) -> SellerTaxStatus | None:
    return next((row for row in statuses if row.cooperative_id == cooperative_id and row.is_in_force(day)), None)


@transaction.atomic
def _post(parcel: Parcel, rows: Sequence[Withholding], accrued_at: datetime) -> bool:
    if not rows:
        return False
    total = sum(int(row.vat) + int(row.income_tax) for row in rows)
    turn = Transaction.objects.filter(parcel=parcel, kind=TAX).count() + 1
    written = post(
        key=f"{TAX}:{parcel.number}:{turn}",
        kind=TAX,
        sides=transfer(debit=Account.Kind.TAX_WITHHELD, credit=Account.Kind.TAX_PAYABLE, amount=total),
        cooperative_id=parcel.cooperative_id,
        now=accrued_at,
        parcel=parcel,
    )
    if written is None:
        return False
    for row in rows:
        row.transaction = written
    Withholding.objects.bulk_create(rows)
    return True
