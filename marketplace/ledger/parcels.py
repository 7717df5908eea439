"""The fee of a parcel, and what the marketplace pays of its vouchers: they follow the parcel as it stands."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from marketplace.common.money import round_half_up
from marketplace.ledger.models import Account, Entry
from marketplace.ledger.services import post, transfer
from marketplace.order.models import Line, Parcel
from marketplace.order.states import is_sale

Kind = Account.Kind
ALIGNMENT = "alignment"


def fee_of(lines: Iterable[Line], refunded: dict[int, int]) -> int:
    """The fee on a parcel's lines in đồng: rate times goods after the seller's discounts, without delivery.

    What was refunded of a line bears none. `refunded` is by line. Rounded half up once per parcel.
    """
    return round_half_up(sum((seller_revenue(line, refunded) * line.fee_rate for line in lines), Decimal(0)) / 100)


def seller_revenue(line: Line, refunded: dict[int, int]) -> Decimal:
    """What the seller earns by the line in đồng, not rounded: what the buyer kept and paid, and what the marketplace pays
    of the line's discount. Of a line refunded in part, the marketplace pays its part of what the buyer kept.
    """
    charged, kept = line.line_price_incl_tax, _kept(line, refunded)
    share = kept / charged if charged else Decimal(1)
    return kept + line.marketplace_discount * share


def voucher_credit_of(lines: Iterable[Line], refunded: dict[int, int]) -> int:
    """What the marketplace pays of the lines' discounts, in đồng; it shrinks with what was refunded."""
    funded = (seller_revenue(line, refunded) - _kept(line, refunded) for line in lines)
    return round_half_up(sum(funded, Decimal(0)))


def align_parcel(*, parcel: Parcel, refunded: dict[int, int], now: datetime) -> None:
    """Posts what is missing, so that the parcel's fee and voucher credit are those of its present state.

    A parcel bears them once it is delivered and paid, and while it is. The caller holds the parcel's lock. One query
    for a parcel that never bore any and bears none.
    """
    posted = list(
        Entry.objects.filter(
            transaction__parcel=parcel,
            transaction__kind=ALIGNMENT,
            account__kind__in=(Kind.FEE_OWED, Kind.VOUCHER_CREDIT),
        ).values_list("transaction", "account__kind", "amount")
    )
    lines = list(Line.objects.filter(parcel=parcel)) if is_sale(parcel) else []
    fee = fee_of(lines, refunded) - _total(posted, Kind.FEE_OWED)
    credit = voucher_credit_of(lines, refunded) + _total(posted, Kind.VOUCHER_CREDIT)
    turn = len({key for key, _, _ in posted}) + 1
    post(
        key=f"{ALIGNMENT}:{parcel.number}:{turn}",
        kind=ALIGNMENT,
        sides=[
            *transfer(debit=Kind.FEE_OWED, credit=Kind.FEES, amount=fee),
            *transfer(debit=Kind.VOUCHERS_FUNDED, credit=Kind.VOUCHER_CREDIT, amount=credit),
        ],
        cooperative_id=parcel.cooperative_id,
        parcel=parcel,
        now=now,
    )


def _kept(line: Line, refunded: dict[int, int]) -> Decimal:
    return max(Decimal(0), line.line_price_incl_tax - refunded.get(line.pk, 0))


def _total(posted: Iterable[tuple[int, str, Decimal]], kind: str) -> int:
    return sum(int(amount) for _, of_kind, amount in posted if of_kind == kind)
