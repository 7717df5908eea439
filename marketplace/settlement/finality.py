"""Which parcels are final: nothing is expected to change their money, so that it can be settled."""

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from marketplace.ledger.models import Transaction
from marketplace.order.models import Parcel
from marketplace.order.states import RETURN_WINDOW, Status
from marketplace.payment.models import Dispute, PaymentFact, Refund
from marketplace.payment.selectors import OPEN as PROMISED
from marketplace.payment.selectors import failed_in_vain

# What settles a statement itself: it is in no statement.
SETTLING_KINDS = ("payout", "payout_back", "bill_paid")


def unsettled(cooperative_id: int, *, before: datetime | None = None) -> QuerySet[Transaction]:
    """The cooperative's transactions that stand in no statement yet."""
    rows = Transaction.objects.filter(cooperative=cooperative_id, statement_line__isnull=True)
    rows = rows.exclude(kind__in=SETTLING_KINDS)
    return rows.filter(occurred_at__lt=before) if before else rows


def final_parcels(parcels: QuerySet[Parcel], *, by: datetime) -> QuerySet[Parcel]:
    """Those delivered and past the return window at that moment, returned, or cancelled and given back in full; without
    an open dispute and without a refund on its way.
    """
    ended = (
        Q(status=Status.DELIVERED, delivered_at__lt=by - RETURN_WINDOW)
        | Q(status=Status.RETURNED)
        | Q(status=Status.CANCELLED, amount_refunded__gte=F("amount_received"))
    )
    return parcels.filter(ended).exclude(disputed()).exclude(being_refunded())


def disputed() -> Exists:
    """The condition that a card holder's bank asks the parcel's money back."""
    paid = PaymentFact.objects.filter(parcel=OuterRef("pk"), attempt__disputes__status=Dispute.Status.OPEN)
    return Exists(paid)


def being_refunded() -> Exists:
    """The condition that a refund of the parcel has not come to its end: promised, contested by the buyer, or failed.

    What failed is still with us and is the buyer's, until another refund was asked for, or made at the provider's desk.
    """
    refunds = Refund.objects.filter(Q(status__in=(*PROMISED, Refund.Status.CONTESTED)) | failed_in_vain())
    return Exists(refunds.filter(parcel=OuterRef("pk")))
