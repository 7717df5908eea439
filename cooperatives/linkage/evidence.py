"""Evidence of trade, appended as it happens by the apps that see it.

Sources are opaque names that the caller makes unique and stable ("line:12", "publication:7:3"); every call is
idempotent by them. For a rebuild the callers also register where their facts are kept (see `rebuild`).
A buyer is stored as keyed hashes only, so that they may stay when the person is erased.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cooperatives.linkage.insiders import Hashes, InsiderIndex
from cooperatives.linkage.models import BuyerContact, ListingEvidence, SaleEvidence, SaleReduction
from marketplace.common.errors import DomainError
from marketplace.common.phones import PhoneError, parse_phone
from marketplace.common.prepared import Prepared
from marketplace.common.writing import insert_all

# One writer at a time joins buyers, or two orders placed at once by one person would stay two buyers.
_BUYER_LOCK = 0x6275_7965


class SaleNotRecordedError(DomainError):
    code = "sale_not_recorded"
    message = _("No delivered and paid sale is recorded as “%(source)s”.")


class ReductionNotPositiveError(DomainError):
    code = "reduction_not_positive"
    message = _("A reduction of a sale must be above zero.")


class ListingNotRecordedError(DomainError):
    code = "listing_not_recorded"
    message = _("No public listing is recorded as “%(source)s”.")


class ListingClosedBeforeOpenedError(DomainError):
    code = "listing_closed_before_opened"
    message = _("A listing cannot stop being public on %(last_on)s, before it began on %(first_on)s.")


@dataclass(frozen=True)
class BuyerFact:
    """Who placed an order, and on which day (Asia/Ho_Chi_Minh). Unknown or erased contacts are empty."""

    order_key: str
    placed_on: date
    account_id: int | None
    phone: str
    email: str


@dataclass(frozen=True)
class ReductionFact:
    """A part of a sale, in đồng, that was given back on a day; refunds by amount come already spread over the lines."""

    source: str
    reduced_on: date
    amount: Decimal


@dataclass(frozen=True)
class SaleFact:
    """An order line that is both delivered and paid, with the commodity and origin unit of its own day.

    `amount` is what was charged in đồng; what was given back before the sale was recorded is in `reductions`.
    """

    source: str
    order_key: str
    cooperative_id: int
    commodity_id: int
    unit_id: int
    delivered_on: date
    paid_on: date
    amount: Decimal
    account_id: int | None
    phone: str
    email: str
    reductions: tuple[ReductionFact, ...] = ()


@dataclass(frozen=True)
class ListingFact:
    """Days on which anyone could see a listing at any moment, first and last included; None while it is public."""

    source: str
    cooperative_id: int
    commodity_id: int
    unit_id: int
    first_on: date
    last_on: date | None


BuyerSource = Callable[[], Iterable[BuyerFact]]
SaleSource = Callable[[], Iterable[SaleFact]]
ListingSource = Callable[[], Iterable[ListingFact]]

buyer_sources: list[BuyerSource] = []
sale_sources: list[SaleSource] = []
listing_sources: list[ListingSource] = []


def register_buyer_source(source: BuyerSource) -> BuyerSource:
    """Registers, from an app's `ready()`, what yields a BuyerFact for every order ever placed."""
    if source not in buyer_sources:
        buyer_sources.append(source)
    return source


def register_sale_source(source: SaleSource) -> SaleSource:
    """Registers, from an app's `ready()`, what yields a SaleFact for every line that was delivered and paid."""
    if source not in sale_sources:
        sale_sources.append(source)
    return source


def register_listing_source(source: ListingSource) -> ListingSource:
    """Registers, from an app's `ready()`, what yields a ListingFact for every interval that a listing was public."""
    if source not in listing_sources:
        listing_sources.append(source)
    return source


def record_buyer(*, order_key: str, placed_on: date, account_id: int | None, phone: str, email: str) -> None:
    """Records who placed an order and joins it with the orders that share an account, a phone or an e-mail.

    Two queries (three on PostgreSQL, which takes a lock until the transaction ends), one more when buyers are joined.
    An order that is already recorded stays as it is.
    """
    hashes = contact_hashes(account_id=account_id, phone=phone, email=email)
    known = {field: value for field, value in hashes._asdict().items() if value}
    with transaction.atomic(savepoint=False):
        _lock_buyers()
        found = _joined_by(*known)(order_key, *known.values())
        if any(is_this for _component, is_this in found):
            return
        components = {component for component, _is_this in found}
        component = min(components) if components else component_of(order_key)
        if len(components) > 1:
            BuyerContact.objects.filter(component__in=components - {component}).update(component=component)
        contact = BuyerContact(order_key=order_key, placed_on=placed_on, component=component, **hashes._asdict())
        insert_all([contact])


@cache
def _joined_by(*fields: str) -> Prepared:
    """The components of those who share one of these contacts, or are the order itself."""

    def build(order_key: str, *values: str) -> QuerySet[BuyerContact, Any]:
        same_contact = Q(order_key=order_key)
        for field, value in zip(fields, values, strict=True):
            same_contact |= Q(**{field: value})
        return (
            BuyerContact.objects.filter(same_contact)
            .annotate(is_this=ExpressionWrapper(Q(order_key=order_key), output_field=BooleanField()))
            .values_list("component", "is_this")
            .distinct()
        )

    return Prepared(build)


def record_sales(facts: Sequence[SaleFact]) -> None:
    """Appends the lines of delivered and paid parcels, with their reductions; a known source is left as it is.

    A line bought by a member or staff of the seller on the day of delivery is marked, and never counts.
    """
    if not facts:
        return
    buyers = known_buyers(fact.order_key for fact in facts)
    insiders = InsiderIndex({fact.cooperative_id for fact in facts}, contact_hashes)
    with transaction.atomic(savepoint=False):
        SaleEvidence.objects.bulk_create(
            [sale_row(fact, by_insider=is_insider(fact, insiders, buyers)) for fact in facts], ignore_conflicts=True
        )
        for fact in facts:
            for reduction in fact.reductions:
                record_reduction(
                    sale_source=fact.source,
                    source=reduction.source,
                    reduced_on=reduction.reduced_on,
                    amount=reduction.amount,
                )


def correct_reductions(facts: Sequence[SaleFact]) -> None:
    """Makes the reductions of these sales those that are told now: something given back came back to its seller."""
    with transaction.atomic(savepoint=False):
        SaleReduction.objects.filter(sale__source__in=[fact.source for fact in facts]).delete()
        record_sales(facts)


def record_reduction(*, sale_source: str, source: str, reduced_on: date, amount: Decimal) -> None:
    """Appends what was given back of a sale, in đồng, on a day. Two queries; a known source is left as it is.

    Raises ReductionNotPositiveError, or SaleNotRecordedError when the line was never delivered and paid.
    """
    if amount <= 0:
        raise ReductionNotPositiveError
    sale_id = SaleEvidence.objects.filter(source=sale_source).values_list("pk", flat=True).first()
    if sale_id is None:
        raise SaleNotRecordedError(source=sale_source)
    SaleReduction.objects.bulk_create(
        [SaleReduction(source=source, sale_id=sale_id, reduced_on=reduced_on, amount=amount)], ignore_conflicts=True
    )


def open_listing(*, source: str, cooperative_id: int, commodity_id: int, unit_id: int, first_on: date) -> None:
    """Records that a listing is public from a day on. One query; a known source is left as it is.

    A new publication, origin or commodity of the same listing is a new source.
    """
    ListingEvidence.objects.bulk_create(
        [
            ListingEvidence(
                source=source,
                cooperative_id=cooperative_id,
                commodity_id=commodity_id,
                unit_id=unit_id,
                first_on=first_on,
            )
        ],
        ignore_conflicts=True,
    )


def close_listing(*, source: str, last_on: date) -> None:
    """Records the last day on which the listing could be seen; closing a closed one changes nothing. Two queries.

    Raises ListingNotRecordedError or ListingClosedBeforeOpenedError.
    """
    row = ListingEvidence.objects.filter(source=source).first()
    if row is None:
        raise ListingNotRecordedError(source=source)
    if last_on < row.first_on:
        raise ListingClosedBeforeOpenedError(first_on=f"{row.first_on:%d/%m/%Y}", last_on=f"{last_on:%d/%m/%Y}")
    if row.last_on is None:
        row.last_on = last_on
        row.save(update_fields=["last_on"])


def contact_hashes(*, account_id: int | None, phone: object, email: str | None) -> Hashes:
    """Keyed hashes of an account, a phone (as E.164) and an e-mail (lower case); empty for what is not known."""
    return Hashes(
        account=_keyed("account", str(account_id)) if account_id is not None else "",
        phone=_keyed("phone", normal_phone(str(phone))) if phone else "",
        email=_keyed("email", email.strip().lower()) if email and email.strip() else "",
    )


def normal_phone(text: str) -> str:
    """E.164; of a number that no plan knows, its digits."""
    try:
        return parse_phone(text, hotline_allowed=True)
    except PhoneError:
        return "".join(filter(str.isdigit, text))


def component_of(order_key: str) -> int:
    """The buyer's number that an order starts with: stable, without a query, and tells nothing of the order."""
    return int.from_bytes(_digest("component", order_key)[:8], "big") >> 1


def known_buyers(order_keys: Iterable[str]) -> dict[str, Hashes]:
    """The recorded contacts of orders. One query."""
    rows = BuyerContact.objects.filter(order_key__in=set(order_keys))
    return {key: Hashes(*hashes) for key, *hashes in rows.values_list("order_key", "account", "phone", "email")}


def is_insider(fact: SaleFact, insiders: InsiderIndex, buyers: dict[str, Hashes]) -> bool:
    """Whether the seller's own people bought the line; contacts that were erased are taken from their hashes."""
    known = buyers.get(fact.order_key, Hashes("", "", ""))
    told = contact_hashes(account_id=fact.account_id, phone=fact.phone, email=fact.email)
    return insiders.holds(fact.cooperative_id, fact.delivered_on, {*told, *known} - {""})


def sale_row(fact: SaleFact, *, by_insider: bool) -> SaleEvidence:
    return SaleEvidence(
        source=fact.source,
        order_key=fact.order_key,
        cooperative_id=fact.cooperative_id,
        commodity_id=fact.commodity_id,
        unit_id=fact.unit_id,
        delivered_on=fact.delivered_on,
        paid_on=fact.paid_on,
        amount=fact.amount,
        by_insider=by_insider,
    )


def _lock_buyers() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_BUYER_LOCK])


def _keyed(kind: str, text: str) -> str:
    return _digest(kind, text).hex()[:32] if text else ""


def _digest(kind: str, text: str) -> bytes:
    return hmac.digest(settings.BUYER_HASH_KEY.encode(), f"{kind}:{text}".encode(), hashlib.sha256)
