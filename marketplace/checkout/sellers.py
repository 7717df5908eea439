"""What placing must know of the sellers: how each lets itself be paid, and the fee on each listing. One query."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery

from catalog.models import Product
from marketplace.common.dates import local_day
from marketplace.common.prepared import Prepared
from marketplace.payment.models import BankAccount, PaymentTerms
from marketplace.payment.terms import REFUSALS_BORNE, REFUSALS_COUNT_FOR, refusals
from marketplace.settlement.fees import fee_rate

_TERMS = ("accepts_cash", "cash_maximum", "calls_before_packing", "accepts_transfer", "accepts_card")
_PREFIX = "cooperative__payment_terms__"


@dataclass(frozen=True)
class Sellers:
    """Terms by cooperative, fees in percent by listing.

    `with_account` are the cooperatives that transfers can go to; `pays_ahead` says that the phone may not pay in cash.
    """

    terms: Mapping[int, PaymentTerms]
    with_account: frozenset[int] = frozenset()
    pays_ahead: bool = False
    fees: Mapping[int, Decimal] = field(default_factory=dict)


def sellers_of(listing_ids: tuple[int, ...], *, phone: str, now: datetime, with_fees: bool = False) -> Sellers:
    """`phone` is E.164, empty while it is not known."""
    asked = (listing_ids, phone, now - REFUSALS_COUNT_FOR, now)
    rows = _facts_with_fees(*asked, local_day(now)) if with_fees else _facts(*asked)
    return Sellers(
        terms={row["cooperative_id"]: _terms(row) for row in rows},
        with_account=frozenset(row["cooperative_id"] for row in rows if row["has_account"]),
        pays_ahead=bool(phone) and any((row["refused"] or 0) > REFUSALS_BORNE for row in rows),
        fees={row["pk"]: row["fee"] for row in rows} if with_fees else {},
    )


def _terms(row: Mapping[str, Any]) -> PaymentTerms:
    if row[f"{_PREFIX}accepts_cash"] is None:
        return PaymentTerms()
    return PaymentTerms(**{name: row[_PREFIX + name] for name in _TERMS})


def _listings(listing_ids: tuple[int, ...], phone: str, after: datetime, until: datetime) -> QuerySet[Product, Any]:
    refused = refusals(phone, after, until).order_by().values("reason").annotate(n=Count("parcel_id", distinct=True))
    accounts = BankAccount.objects.filter(cooperative=OuterRef("cooperative"), replaced_at__isnull=True)
    return (
        Product.objects.filter(pk__in=listing_ids)
        .order_by()
        .annotate(refused=Subquery(refused.values("n")), has_account=Exists(accounts.order_by()))
    )


_FACTS = ("pk", "cooperative_id", "refused", "has_account", *(_PREFIX + name for name in _TERMS))
_facts = Prepared(lambda *asked: _listings(*asked).values(*_FACTS))
_facts_with_fees = Prepared(
    lambda *asked: _listings(*asked[:-1]).annotate(fee=fee_rate(asked[-1])).values(*_FACTS, "fee")
)
