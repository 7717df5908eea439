"""A fact of money, and what it posts to the ledger: once by its key, in the transaction that records it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from marketplace.ledger.models import Account, Entry, Transaction
from marketplace.ledger.services import Side, post, transfer
from marketplace.order.models import Parcel
from marketplace.payment.models import PaymentFact
from marketplace.payment.providers.names import COLLECTING

Books = Account.Kind


@dataclass(frozen=True, slots=True)
class Fact:
    """Money that moved, as its provider tells it. (provider, reference, kind) names the movement; `amount` is in units
    of `currency` as the provider counts them, whole đồng for VND. The reference of money received from a provider is
    what that provider would refund it by.
    """

    provider: str
    reference: str
    amount: int
    currency: str
    occurred_at: datetime
    memo: str = ""
    payer: str = ""
    kind: str = PaymentFact.Kind.RECEIVED


def post_receipt(parcel: Parcel, fact: Fact, amount: int, now: datetime) -> None:
    if fact.provider in COLLECTING:
        sides = transfer(debit=Books.CARD_CLEARING, credit=Books.COLLECTED, amount=amount)
    else:
        sides = transfer(debit=Books.RECEIVED_DIRECTLY, credit=Books.DIRECT_SALES, amount=amount)
    _post(parcel, fact, sides, now)


def post_refund(parcel: Parcel, fact: Fact, amount: int, now: datetime) -> None:
    if fact.provider in COLLECTING:
        sides = transfer(debit=Books.REFUNDS_PAID, credit=Books.CARD_CLEARING, amount=amount)
    else:
        sides = transfer(debit=Books.DIRECT_SALES, credit=Books.RECEIVED_DIRECTLY, amount=amount)
    _post(parcel, fact, sides, now)


def post_sent_back(parcel: Parcel, fact: Fact, amount: int, now: datetime) -> None:
    """The opposite of a refund by a provider of the marketplace."""
    _post(parcel, fact, transfer(debit=Books.CARD_CLEARING, credit=Books.REFUNDS_PAID, amount=amount), now)


def post_loss(fact: Fact, amount: int, now: datetime) -> None:
    """What was taken beyond what the parcels had left; the marketplace bears it."""
    post(
        key=_loss_key(fact),
        kind=fact.kind,
        sides=transfer(debit=Books.PROVIDER_FEES, credit=Books.CARD_CLEARING, amount=amount),
        cooperative_id=None,
        now=now,
    )


def is_loss_posted(fact: Fact) -> bool:
    return Transaction.objects.filter(key=_loss_key(fact)).exists()


def undo_loss(fact: Fact, now: datetime) -> bool:
    """What the marketplace bore of a refund that was sent back; False when that is nothing, or undone already."""
    borne = Entry.objects.filter(
        transaction__key=_loss_key(fact, PaymentFact.Kind.REFUNDED), account__kind=Books.PROVIDER_FEES
    ).aggregate(total=Sum("amount"))["total"]
    if not borne or is_loss_posted(fact):
        return False
    post_loss(fact, -int(borne), now)
    return True


def _loss_key(fact: Fact, kind: str = "") -> str:
    return f"{kind or fact.kind}:{fact.provider}:{fact.reference[:70]}:loss"


def _post(parcel: Parcel, fact: Fact, sides: list[Side], now: datetime) -> None:
    post(
        key=f"{fact.kind}:{fact.provider}:{fact.reference[:70]}:{parcel.number}",
        kind=fact.kind,
        sides=sides,
        cooperative_id=parcel.cooperative_id,
        parcel=parcel,
        now=now,
    )
