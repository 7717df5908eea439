"""Parcels of several goods with their money, as the services leave them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import uuid4

from django.db import transaction
from django.db.models import Sum

from catalog.models import Product
from marketplace.basket.models import Basket
from marketplace.ledger.models import Entry, Transaction
from marketplace.order.models import Line, Order, Parcel
from marketplace.order.placing import Address, LineDraft, ParcelDraft, write_order
from marketplace.payment.attempts import open_attempts
from marketplace.payment.facts import CASH, STRIPE, TRANSFER, Fact, Outcome, apply_fact
from marketplace.payment.models import PaymentAttempt, PaymentFact, Refund
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import BUYER, PLACED_AT, bring_to, destination

CHARGE = 30_000
PROVIDER_OF = {"card": STRIPE, "transfer": TRANSFER}
_references = count(1)

Goods = tuple[Product, int]


def goods(*prices: int, **listing: object) -> list[Goods]:
    """Two steps of 0,5 kg, so 1 kg, of a listing at each price; all of one cooperative."""
    cooperative = CooperativeFactory()
    return [(ListingFactory(cooperative=cooperative, price_per_unit=price, **listing), 2) for price in prices]


def order_of(
    *parcels: list[Goods], method: str = "transfer", now: datetime = PLACED_AT, fee_rate: int = 5, address=None
) -> Order:
    """An order with a parcel for each list of goods and steps."""
    drafts = [_draft(wanted, method, fee_rate) for wanted in parcels]
    address = address or Address(commune=destination(), street="12 phố Xuân Trường")
    with transaction.atomic():
        order, written = write_order(
            token=uuid4(), basket_id=Basket.objects.create().pk, buyer=BUYER, address=address, parcels=drafts, now=now
        )
        open_attempts(order=order, parcels=written, now=now)
    return order


def parcel_of(*prices: int, method: str = "transfer", status: str = "placed", is_paid: bool = True) -> Parcel:
    """A parcel of 1 kg at each price, paid unless it is to be paid at the door, brought to the status."""
    parcel = order_of(goods(*prices), method=method).parcels.get()
    if method != "cod" and is_paid:
        pay(parcel)
        parcel.refresh_from_db()
    return bring_to(parcel, status)


def pay(parcel: Parcel, *, now: datetime = PLACED_AT + timedelta(minutes=5)) -> Outcome:
    """The attempt that the parcel belongs to, told paid by its provider."""
    attempt = next(
        attempt for attempt in PaymentAttempt.objects.filter(order=parcel.order_id) if parcel.pk in attempt.share_of
    )
    if not attempt.payment_id:
        attempt.payment_id = f"pay_{next(_references)}"
        attempt.save(update_fields=["payment_id"])
    return apply_fact(fact=received(attempt, now=now), target=attempt, now=now)


def received(attempt: PaymentAttempt, *, now: datetime, amount: int | None = None, reference: str = "") -> Fact:
    return Fact(
        provider=attempt.provider,
        reference=reference or attempt.payment_id,
        amount=int(attempt.amount) if amount is None else amount,
        currency="VND",
        occurred_at=now,
    )


def pay_cash(parcel: Parcel, *, now: datetime) -> Outcome:
    """What is due for the parcel, received by its cooperative in cash."""
    fact = Fact(provider=CASH, reference=parcel.number, amount=int(parcel.total), currency="VND", occurred_at=now)
    return apply_fact(fact=fact, target=parcel, now=now)


def given_back(refund: Refund, *, now: datetime, amount: int | None = None) -> Fact:
    """What the provider of the refund tells once it is done."""
    return Fact(
        kind=PaymentFact.Kind.REFUNDED,
        provider=refund.provider,
        reference=f"re_{refund.pk}",
        amount=int(refund.amount) if amount is None else amount,
        currency="VND",
        occurred_at=now,
    )


def discount(line: Line, *, seller: int = 0, marketplace: int = 0) -> Line:
    """The line with discounts, as placing would have written it; before anything is paid."""
    off = seller + marketplace
    Line.objects.filter(pk=line.pk).update(
        seller_discount=seller,
        marketplace_discount=marketplace,
        line_price_incl_tax=line.line_price_incl_tax - off,
        line_price_excl_tax=line.line_price_incl_tax - off,
    )
    parcel = line.parcel
    Parcel.objects.filter(pk=parcel.pk).update(goods_total=parcel.goods_total - off, total=parcel.total - off)
    Order.objects.filter(pk=line.order_id).update(total_incl_tax=line.order.total_incl_tax - off)
    for attempt in PaymentAttempt.objects.filter(order=line.order_id):
        if parcel.pk in attempt.share_of:
            attempt.shares[str(parcel.pk)] -= int(off)
            attempt.amount -= off
            attempt.save()
    return Line.objects.get(pk=line.pk)


@contextmanager
def taken_back() -> Iterator[None]:
    """One example of a property: what it writes is gone before the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def assert_books_balance() -> None:
    """Every transaction sums to zero."""
    sums = Transaction.objects.annotate(total=Sum("entries__amount")).exclude(total=0)
    assert not sums.exists(), list(sums.values_list("key", "total"))
    assert (Entry.objects.aggregate(total=Sum("amount"))["total"] or 0) == 0


def _draft(wanted: list[Goods], method: str, fee_rate: int) -> ParcelDraft:
    return ParcelDraft(
        cooperative=wanted[0][0].cooperative,
        lines=[_line(listing, steps, fee_rate) for listing, steps in wanted],
        delivery_name="Giao tận nhà",
        delivery_charge=CHARGE,
        payment_method=method,
    )


def _line(listing: Product, steps: int, fee_rate: int) -> LineDraft:
    record = listing.stockrecords.get()
    return LineDraft(
        listing=listing,
        stockrecord_id=record.pk,
        partner_id=record.partner_id,
        steps=steps,
        step_price=int(record.price),
        fee_rate=Decimal(fee_rate),
    )
