"""A parcel's row in a statement, added up from the ledger and from the parcel as it stands."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet, Sum

from marketplace.ledger.models import Account, Entry, Transaction
from marketplace.order.models import Line, Parcel
from marketplace.settlement.models import Statement, StatementItem

Kind = Account.Kind
# What an item shows of the parcel itself; the rest follows from the ledger.
SHOWN_ONCE = ("goods", "seller_discount", "marketplace_discount", "delivery")


def items_of_parcels(
    statement: Statement, parcel_ids: Sequence[int], transaction_ids: Sequence[int]
) -> list[StatementItem]:
    """An item for each parcel, not saved: of these transactions, and of what no earlier statement showed. Four queries."""
    moved = movements(transaction_ids)
    shown = {row["parcel"]: row for row in _shown_before(parcel_ids)}
    items = []
    for pk, now_shown in _present(parcel_ids):
        before = shown.get(pk, {})
        new = {name: now_shown[name] - int(before.get(name) or 0) for name in SHOWN_ONCE}
        items.append(StatementItem(statement=statement, parcel_id=pk, **new, **columns_of(moved[pk])))
    return items


def item_without_parcel(statement: Statement, transaction_ids: Sequence[int]) -> StatementItem:
    return StatementItem(statement=statement, parcel=None, **columns_of(movements(transaction_ids)[None]))


def movements(
    transaction_ids: Sequence[int] | QuerySet[Transaction, Any],
) -> dict[int | None, dict[tuple[str, bool], int]]:
    """By parcel: what moved on each kind of account, debits (True) and credits apart."""
    rows = (
        Entry.objects.filter(transaction__in=transaction_ids, account__cooperative__isnull=False)
        .order_by()
        .values_list("transaction__parcel", "account__kind")
        .annotate(
            debits=Sum("amount", filter=Q(amount__gt=0)),
            credits=Sum("amount", filter=Q(amount__lt=0)),
        )
    )
    moved: dict[int | None, dict[tuple[str, bool], int]] = defaultdict(dict)
    for parcel_id, kind, debits, credits_ in rows:
        moved[parcel_id][kind, True] = int(debits or 0)
        moved[parcel_id][kind, False] = int(credits_ or 0)
    return moved


def columns_of(moved: dict[tuple[str, bool], int]) -> dict[str, int]:
    def total(kind: str) -> int:
        return moved.get((kind, True), 0) + moved.get((kind, False), 0)

    collected, refunded = -total(Kind.COLLECTED), total(Kind.REFUNDS_PAID)
    voucher_credit, fee, tax = -total(Kind.VOUCHER_CREDIT), total(Kind.FEE_OWED), total(Kind.TAX_WITHHELD)
    return {
        "received_directly": moved.get((Kind.RECEIVED_DIRECTLY, True), 0),
        "refunded_directly": -moved.get((Kind.RECEIVED_DIRECTLY, False), 0),
        "collected": collected,
        "refunded": refunded,
        "voucher_credit": voucher_credit,
        "fee": fee,
        "tax": tax,
        "net": collected - refunded + voucher_credit - fee - tax,
    }


def _shown_before(parcel_ids: Sequence[int]) -> Iterable[Any]:
    rows = StatementItem.objects.filter(parcel__in=parcel_ids).order_by().values("parcel")
    return rows.annotate(**{name: Sum(name) for name in SHOWN_ONCE})


def _present(parcel_ids: Sequence[int]) -> Iterable[tuple[int, dict[str, int]]]:
    """Each parcel with what an item shows of it. Of a parcel that came to nothing, nothing is shown but its money."""
    discounts = {
        pk: (int(seller), int(marketplace))
        for pk, seller, marketplace in Line.objects.filter(parcel__in=parcel_ids)
        .order_by()
        .values_list("parcel")
        .annotate(Sum("seller_discount"), Sum("marketplace_discount"))
    }
    parcels = Parcel.objects.filter(pk__in=parcel_ids).order_by("pk")
    for pk, goods, delivery, status in parcels.values_list("pk", "goods_total", "delivery_charge", "status"):
        sold = status == Parcel.Status.DELIVERED
        seller, marketplace = discounts.get(pk, (0, 0)) if sold else (0, 0)
        yield (
            pk,
            {
                "goods": int(goods) + seller + marketplace if sold else 0,
                "seller_discount": seller,
                "marketplace_discount": marketplace,
                "delivery": int(delivery) if sold else 0,
            },
        )
