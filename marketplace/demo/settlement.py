"""Money of the demo: fees, card payments of the last months, the ledger of all orders, statements, payouts and bills.

The ledger is written in bulk; a test proves that the services would post the same and find nothing to add.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from cms.groups import FINANCE, setup_groups
from marketplace.demo.accounts import load_finance
from marketplace.demo.world import FIRST_DAY, World
from marketplace.ledger.models import Account, Entry, Transaction
from marketplace.ledger.parcels import ALIGNMENT, fee_of
from marketplace.ledger.services import OF_MARKETPLACE, Side, account_ids, transfer
from marketplace.order.models import Line, Parcel, ParcelEvent
from marketplace.payment.models import PaymentAttempt, PaymentFact
from marketplace.payment.providers.names import COLLECTING, STRIPE
from marketplace.settlement import payouts
from marketplace.settlement.bills import record_payment
from marketplace.settlement.fees import rates_for, set_fee
from marketplace.settlement.models import Bill, Payout, Statement
from marketplace.settlement.sweep import sweep

Kind = Account.Kind
Status = Parcel.Status
# Of the orders of the last months that were delivered whole, this share was paid by card.
CARD_DAYS, CARD_SHARE = 150, 0.3
CARD_DELAY = timedelta(minutes=3)
STATEMENTS = 3
GENERAL, CRAFTS = Decimal("2.50"), Decimal("1.50")


@dataclass(frozen=True)
class Posting:
    """A transaction to be written with its sides."""

    key: str
    kind: str
    at: datetime
    parcel: Parcel
    sides: tuple[Side, ...]


def load_fees(world: World) -> None:
    """A general fee, and a lower one for a cooperative; frozen on the lines, as at their placing."""
    set_fee(rate=GENERAL, valid_from=FIRST_DAY, note="Dữ liệu mẫu")
    favoured = next(iter(world.cooperatives.values()))
    set_fee(rate=CRAFTS, valid_from=FIRST_DAY, cooperative_id=favoured.pk, note="Dữ liệu mẫu")
    by_rate = defaultdict(list)
    for listing_id, rate in rates_for(world.listings, FIRST_DAY).items():
        by_rate[rate].append(listing_id)
    for rate, listing_ids in by_rate.items():
        Line.objects.filter(product__in=listing_ids).update(fee_rate=rate)


def load_card_payments(world: World) -> None:
    """Turns a part of the latest orders that arrived whole into orders paid by card."""
    rng = world.rng("card")
    orders: dict[int, list[Parcel]] = defaultdict(list)
    since = world.moment(world.days_ago(CARD_DAYS))
    for parcel in Parcel.objects.filter(placed_at__gte=since).select_related("order").order_by("pk"):
        orders[parcel.order_id].append(parcel)
    paid = {}
    for parcels in orders.values():
        whole = all(parcel.status == Status.DELIVERED for parcel in parcels)
        if rng.random() < CARD_SHARE and whole:
            paid[parcels[0].order_id] = parcels
    attempts = PaymentAttempt.objects.bulk_create(_attempt(parcels) for parcels in paid.values())
    of_order = {attempt.order_id: attempt for attempt in attempts}
    changed = [parcel for parcels in paid.values() for parcel in parcels]
    for parcel in changed:
        parcel.payment_method, parcel.paid_at = Parcel.PaymentMethod.CARD, parcel.placed_at + CARD_DELAY
    Parcel.objects.bulk_update(changed, ["payment_method", "paid_at"])
    facts = list(PaymentFact.objects.filter(parcel__in=changed).select_related("parcel"))
    for fact in facts:
        attempt = of_order[fact.parcel.order_id]
        fact.provider, fact.reference, fact.attempt = STRIPE, attempt.payment_id, attempt
        fact.occurred_at = fact.recorded_at = fact.parcel.placed_at + CARD_DELAY
        fact.recorded_by = None
    PaymentFact.objects.bulk_update(
        facts, ["provider", "reference", "attempt", "occurred_at", "recorded_at", "recorded_by"]
    )


def load_ledger() -> None:
    """Posts every receipt and the fee of every parcel that is delivered and paid."""
    postings = sorted([*_receipts(), *_alignments()], key=lambda posting: (posting.at, posting.key))
    accounts = account_ids({None, *(posting.parcel.cooperative_id for posting in postings)})
    written = Transaction.objects.bulk_create(
        Transaction(
            key=posting.key,
            kind=posting.kind,
            occurred_at=posting.at,
            parcel=posting.parcel,
            cooperative_id=posting.parcel.cooperative_id,
        )
        for posting in postings
    )
    Entry.objects.bulk_create(
        Entry(
            transaction=transaction,
            account_id=accounts[None if side.kind in OF_MARKETPLACE else posting.parcel.cooperative_id, side.kind],
            amount=side.amount,
        )
        for transaction, posting in zip(written, postings, strict=True)
        for side in posting.sides
    )


def load_statements(world: World) -> None:
    """Statements of the last months; all are paid but those of the latest, which wait for the people of finance."""
    people = load_finance()
    group = next(group for group in setup_groups() if group.name == FINANCE)
    for person in people:
        person.groups.add(group)
    ends = _month_ends(world.today)
    for end in ends:
        at = world.moment(end + timedelta(days=2), 8)
        if at >= world.now:
            continue
        made = sweep(period_to=end, now=at, by=people[0])
        if end != ends[-1]:
            _conclude(made, people, at)


def _attempt(parcels: list[Parcel]) -> PaymentAttempt:
    order = parcels[0].order
    paid_at = parcels[0].placed_at + CARD_DELAY
    return PaymentAttempt(
        order=order,
        provider=STRIPE,
        amount=sum(int(parcel.total) for parcel in parcels),
        shares={str(parcel.pk): int(parcel.total) for parcel in parcels},
        idempotency_key=f"demo-{order.number}",
        status=PaymentAttempt.Status.SUCCEEDED,
        external_id=f"cs_demo_{order.number}",
        payment_id=f"pi_demo_{order.number}",
        created_at=parcels[0].placed_at,
        finished_at=paid_at,
    )


def _receipts() -> Iterator[Posting]:
    facts = PaymentFact.objects.filter(kind=PaymentFact.Kind.RECEIVED).select_related("parcel").order_by("pk")
    for fact in facts:
        if fact.provider in COLLECTING:
            sides = transfer(debit=Kind.CARD_CLEARING, credit=Kind.COLLECTED, amount=int(fact.amount))
        else:
            sides = transfer(debit=Kind.RECEIVED_DIRECTLY, credit=Kind.DIRECT_SALES, amount=int(fact.amount))
        key = f"{fact.kind}:{fact.provider}:{fact.reference[:70]}:{fact.parcel.number}"
        yield Posting(key, fact.kind, fact.recorded_at, fact.parcel, tuple(sides))


def _alignments() -> Iterator[Posting]:
    """The fee from delivery and payment on, and taken back where the parcel came back."""
    returned = dict(
        ParcelEvent.objects.filter(from_status=Status.DELIVERED, to_status=Status.RETURNED).values_list(
            "parcel", "occurred_at"
        )
    )
    parcels = Parcel.objects.filter(delivered_at__isnull=False, paid_at__isnull=False).prefetch_related("lines")
    for parcel in parcels.order_by("pk"):
        fee = fee_of(parcel.lines.all(), {})
        if not fee or parcel.delivered_at is None or parcel.paid_at is None:
            continue
        for turn, at, amount in _turns(max(parcel.delivered_at, parcel.paid_at), returned.get(parcel.pk), fee):
            sides = transfer(debit=Kind.FEE_OWED, credit=Kind.FEES, amount=amount)
            yield Posting(f"{ALIGNMENT}:{parcel.number}:{turn}", ALIGNMENT, at, parcel, tuple(sides))


def _turns(sold_at: datetime, returned_at: datetime | None, fee: int) -> Iterator[tuple[int, datetime, int]]:
    yield 1, sold_at, fee
    if returned_at is not None:
        yield 2, returned_at, -fee


def _month_ends(today: date) -> list[date]:
    """The last days of the latest months that are over, in order."""
    ends = []
    end = today.replace(day=1) - timedelta(days=1)
    for _ in range(STATEMENTS):
        ends.append(end)
        end = end.replace(day=1) - timedelta(days=1)
    return ends[::-1]


def _conclude(made: Iterable[Statement], people: list, at: datetime) -> None:
    """Approved by both, sent to the bank and paid; bills paid by the cooperatives."""
    keys = [statement.pk for statement in made]
    due = list(Payout.objects.filter(statement__in=keys, status=Payout.Status.PENDING).order_by("pk"))
    for payout in due:
        for person in people:
            payouts.approve(payout=payout, by=person, now=at + timedelta(hours=1))
    if due:
        payouts.export(payouts=due, by=people[0], now=at + timedelta(hours=2))
    for payout in due:
        payouts.mark_paid(
            payout=payout, reference=f"FT{at:%y%j}{payout.pk:05d}", by=people[1], now=at + timedelta(hours=5)
        )
    for bill in Bill.objects.filter(statement__in=keys, status=Bill.Status.OPEN).order_by("pk"):
        record_payment(bill=bill, reference=f"NT{at:%y%j}{bill.pk:05d}", by=people[0], now=at + timedelta(days=6))
