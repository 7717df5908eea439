"""What orders prove of trade: who placed them, and which lines were delivered and paid.

The same functions tell the facts to the running evidence and to its rebuild, so the two agree.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from cooperatives.linkage import evidence
from cooperatives.linkage.evidence import BuyerFact, ReductionFact, SaleFact
from marketplace.common.dates import local_day
from marketplace.order.models import Line, Order, Parcel, ParcelEvent

_BATCH = 2000


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
    """Appends the parcel's lines; the caller has made sure that it is delivered and paid. `parcel.order` is loaded."""
    lines = list(_evident(Line.objects.filter(parcel=parcel)))
    for line in lines:
        line.parcel, line.order = parcel, parcel.order
    evidence.record_sales(list(_sale_facts(lines, {})))


def record_return(parcel: Parcel, event: ParcelEvent) -> None:
    """Takes back what the parcel's lines proved; nothing for a parcel that was never both delivered and paid."""
    for line in _evident(Line.objects.filter(parcel=parcel)):
        reduction = _reduction(line, event)
        evidence.record_reduction(
            sale_source=_source(line), source=reduction.source, reduced_on=reduction.reduced_on, amount=reduction.amount
        )


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
            yield from _sale_facts(batch, _returns(batch))
            batch = []
    yield from _sale_facts(batch, _returns(batch))


def contact_email(order: Order) -> str:
    """Where messages about the order go; empty when the buyer gave no e-mail address."""
    return order.guest_email or (order.user.email if order.user else "") or ""


def _evident(lines: QuerySet[Line, Any]) -> QuerySet[Line, Any]:
    """Lines that say of what commodity and origin they were."""
    return lines.filter(commodity__isnull=False, origin_unit__isnull=False).order_by("pk")


def _buyer_fact(order: Order) -> BuyerFact:
    return BuyerFact(
        order_key=order.number,
        placed_on=local_day(order.date_placed),
        account_id=order.user_id,
        phone=str(order.buyer_phone or ""),
        email=contact_email(order),
    )


def _sale_facts(lines: Iterable[Line], returns: dict[int, ParcelEvent]) -> Iterator[SaleFact]:
    for line in lines:
        parcel, commodity_id, unit_id = line.parcel, line.commodity_id, line.origin_unit_id
        if parcel is None or parcel.delivered_at is None or parcel.paid_at is None:
            continue
        if commodity_id is None or unit_id is None:
            continue
        buyer = _buyer_fact(line.order)
        event = returns.get(parcel.pk)
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
            reductions=(_reduction(line, event),) if event else (),
        )


def _returns(lines: Sequence[Line]) -> dict[int, ParcelEvent]:
    """By parcel, the change that brought a delivered parcel back."""
    events = ParcelEvent.objects.filter(
        parcel__in={line.parcel_id for line in lines},
        from_status=Parcel.Status.DELIVERED,
        to_status=Parcel.Status.RETURNED,
    )
    return {event.parcel_id: event for event in events}


def _reduction(line: Line, event: ParcelEvent) -> ReductionFact:
    return ReductionFact(
        source=f"return:{event.pk}:line:{line.pk}",
        reduced_on=local_day(event.occurred_at),
        amount=line.line_price_incl_tax,
    )


def _source(line: Line) -> str:
    return f"line:{line.pk}"
