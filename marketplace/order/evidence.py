"""What orders prove of trade: who placed them, and which lines were delivered and paid.

The same functions tell the facts to the running evidence and to its rebuild, so the two agree.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from cooperatives.linkage import evidence
from cooperatives.linkage.evidence import BuyerFact, ReductionFact, SaleFact
from marketplace.common.dates import local_day
from marketplace.order.models import Line, Order, Parcel, ParcelEvent

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class GivenBack:
    """So much of a line's charge was given back at a moment. `source` is a stable name of its own."""

    line_id: int
    source: str
    at: datetime
    amount: Decimal


ReductionSource = Callable[[Collection[int]], Iterable[GivenBack]]
"""Of the parcels with these keys, what was given back, in the order in which it became known."""

reduction_sources: list[ReductionSource] = []


def register_reduction_source(source: ReductionSource) -> ReductionSource:
    """Registers, from the `ready()` of a layer above, what yields money given back for parcels' lines."""
    if source not in reduction_sources:
        reduction_sources.append(source)
    return source


def record_buyer(order: Order) -> None:
    fact = _buyer_fact(order)
    evidence.record_buyer(
        order_key=fact.order_key,
        placed_on=fact.placed_on,
        account_id=fact.account_id,
        phone=fact.phone,
        email=fact.email,
    )


def record_sales(parcel: Parcel) -> None:
    """Appends the parcel's lines, and what was given back of them since; what is recorded already stays as it is.

    The caller has made sure that the parcel was both delivered and paid. `parcel.order` is loaded.
    """
    evidence.record_sales(_facts_of(parcel))


def correct_sales(parcel: Parcel) -> None:
    """Records again what was given back of the parcel's lines: some of it came back to us."""
    evidence.correct_reductions(_facts_of(parcel))


def buyer_facts() -> Iterator[BuyerFact]:
    """Every order ever placed."""
    orders = Order.objects.select_related("user").order_by("pk")
    return (_buyer_fact(order) for order in orders.iterator(_BATCH))


def sale_facts() -> Iterator[SaleFact]:
    """Every line that was delivered and paid, in order, with what was given back since."""
    lines = _evident(Line.objects.filter(parcel__delivered_at__isnull=False, parcel__paid_at__isnull=False))
    lines = lines.select_related("parcel", "order__user").order_by("pk")
    batch: list[Line] = []
    for line in lines.iterator(_BATCH):
        batch.append(line)
        if len(batch) == _BATCH:
            yield from _sale_facts(batch)
            batch = []
    yield from _sale_facts(batch)


def contact_email(order: Order) -> str:
    """Where messages about the order go; empty when the buyer gave no e-mail address."""
    return order.guest_email or (order.user.email if order.user else "") or ""


def _facts_of(parcel: Parcel) -> list[SaleFact]:
    """`parcel.order` is loaded. None for a parcel that was not both delivered and paid."""
    lines = list(_evident(Line.objects.filter(parcel=parcel)))
    for line in lines:
        line.parcel, line.order = parcel, parcel.order
    return list(_sale_facts(lines))


def _evident(lines: QuerySet[Line, Any]) -> QuerySet[Line, Any]:
    """Lines that say of what commodity and origin they were, and of which something was packed."""
    return lines.filter(commodity__isnull=False, origin_unit__isnull=False).exclude(packed_units=0).order_by("pk")


def _buyer_fact(order: Order) -> BuyerFact:
    return BuyerFact(
        order_key=order.number,
        placed_on=local_day(order.date_placed),
        account_id=order.user_id,
        phone=str(order.buyer_phone or ""),
        email=contact_email(order),
    )


def _sale_facts(lines: Sequence[Line]) -> Iterator[SaleFact]:
    given_back = _given_back(lines)
    for line in lines:
        parcel, commodity_id, unit_id = line.parcel, line.commodity_id, line.origin_unit_id
        if parcel is None or parcel.delivered_at is None or parcel.paid_at is None:
            continue
        if commodity_id is None or unit_id is None:
            continue
        buyer = _buyer_fact(line.order)
        yield SaleFact(
            source=_source(line),
            order_key=buyer.order_key,
            cooperative_id=parcel.cooperative_id,
            commodity_id=commodity_id,
            unit_id=unit_id,
            delivered_on=local_day(parcel.delivered_at),
            paid_on=local_day(parcel.paid_at),
            amount=line.line_price_incl_tax,
            account_id=buyer.account_id,
            phone=buyer.phone,
            email=buyer.email,
            reductions=tuple(_reductions(line, given_back.get(line.pk, []))),
        )


def _given_back(lines: Sequence[Line]) -> dict[int, list[GivenBack]]:
    """By line, the earliest first: what the return of its parcel took back, and what the layers above know."""
    parcels = {line.parcel_id for line in lines if line.parcel_id is not None}
    found = list(_returned(lines, parcels))
    for source in reduction_sources:
        found += source(parcels)
    by_line: dict[int, list[GivenBack]] = {}
    for given in sorted(found, key=lambda given: given.at):
        by_line.setdefault(given.line_id, []).append(given)
    return by_line


def _returned(lines: Sequence[Line], parcels: Collection[int]) -> Iterator[GivenBack]:
    """The whole of each line whose delivered parcel came back."""
    events = ParcelEvent.objects.filter(
        parcel__in=parcels, from_status=Parcel.Status.DELIVERED, to_status=Parcel.Status.RETURNED
    )
    by_parcel = {event.parcel_id: event for event in events}
    for line in lines:
        event = by_parcel.get(line.parcel_id or 0)
        if event is not None:
            yield GivenBack(line.pk, f"return:{event.pk}:line:{line.pk}", event.occurred_at, line.line_price_incl_tax)


def _reductions(line: Line, given_back: Iterable[GivenBack]) -> Iterator[ReductionFact]:
    """No more than the line's charge: money given back for goods that came back is no second reduction."""
    left = line.line_price_incl_tax
    for given in given_back:
        amount = min(left, given.amount)
        if amount > 0:
            yield ReductionFact(source=given.source, reduced_on=local_day(given.at), amount=amount)
        left -= amount


def _source(line: Line) -> str:
    return f"line:{line.pk}"
