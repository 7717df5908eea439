"""What of a parcel's money was given back, is promised back, and can still be."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from cooperatives.models import Cooperative
from marketplace.order.evidence import GivenBack
from marketplace.order.models import Order, Parcel
from marketplace.payment.models import PaymentFact, Refund, RefundLine

Status = Refund.Status
# Promised, and not yet known to have been given.
OPEN = (Status.REQUESTED, Status.PENDING)
GIVEN = (Status.SUCCEEDED, Status.CONTESTED)
# Facts by which money came, or came again.
INCOMING = (PaymentFact.Kind.RECEIVED, PaymentFact.Kind.SENT_BACK)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is left to give back of money that came one way."""

    provider: str
    attempt_id: int | None
    amount: int


def refunded_by_line(parcel: Parcel) -> dict[int, int]:
    """Đồng given back by line. One query."""
    return _by_line(parcel, GIVEN)


def claimed_by_line(parcel: Parcel) -> dict[int, int]:
    """Đồng given or promised back by line. One query."""
    return _by_line(parcel, (*GIVEN, *OPEN))


def failed_in_vain() -> Q:
    """The condition that a parcel's refund failed and nobody has asked for another since: its buyer is owed the money."""
    since = Refund.objects.filter(parcel=OuterRef("parcel"), created_at__gte=OuterRef("finished_at"))
    return Q(Q(status=Status.FAILED, parcel__isnull=False), ~Exists(since.exclude(pk=OuterRef("pk"))))


def refundable(parcel: Parcel) -> int:
    """What may still be given back: received, less refunded, less promised. One query."""
    promised = parcel.refunds.filter(status__in=OPEN).aggregate(total=Sum("amount"))["total"] or 0
    return max(0, int(parcel.amount_received - parcel.amount_refunded - promised))


def surplus(parcel: Parcel) -> int:
    """What was received above the parcel's present total, and is not promised back yet. One query."""
    of_packing = (Refund.Reason.LIGHTER, Refund.Reason.SHORT, Refund.Reason.OVERPAID)
    refunds = parcel.refunds.filter(reason__in=of_packing).exclude(status=Status.FAILED)
    promised = refunds.aggregate(total=Sum("amount"))["total"] or 0
    return max(0, int(parcel.amount_received - parcel.total - promised))


def receipts_left(parcel: Parcel) -> list[Receipt]:
    """The ways on which money came and can go back: those of a payment attempt first. Two queries."""
    left: dict[tuple[str, int | None], int] = {}
    facts = parcel.payment_facts.order_by("pk").values_list("provider", "attempt_id", "kind", "amount")
    for provider, attempt_id, kind, amount in facts:
        sign = 1 if kind in INCOMING else -1
        left[provider, attempt_id] = left.get((provider, attempt_id), 0) + sign * int(amount)
    for provider, attempt_id, amount in parcel.refunds.filter(status__in=OPEN).values_list(
        "provider", "attempt_id", "amount"
    ):
        left[provider, attempt_id] = left.get((provider, attempt_id), 0) - int(amount)
    receipts = [Receipt(provider, attempt_id, amount) for (provider, attempt_id), amount in left.items() if amount > 0]
    return sorted(receipts, key=lambda receipt: receipt.attempt_id is None)


def refund_reductions(parcel_ids: Collection[int]) -> Iterator[GivenBack]:
    """What refunds took back of lines, for the evidence of sales. One query."""
    rows = RefundLine.objects.filter(refund__parcel__in=parcel_ids, refund__status__in=GIVEN)
    rows = rows.order_by("refund__finished_at", "refund_id", "pk")
    for refund_id, line_id, at, amount in rows.values_list("refund_id", "line_id", "refund__finished_at", "amount"):
        if at is not None:
            yield GivenBack(line_id, f"refund:{refund_id}:line:{line_id}", at, amount)


def refunds_to_give(cooperative: Cooperative) -> QuerySet[Refund]:
    """What the cooperative promised to give back itself, and what buyers say they never got; the oldest first."""
    return _of_cooperative(cooperative).filter(status__in=(*OPEN, Status.CONTESTED)).order_by("created_at", "pk")


def refunds_done(cooperative: Cooperative) -> QuerySet[Refund]:
    """Refunds that came to an end, the newest first."""
    return _of_cooperative(cooperative).exclude(status__in=(*OPEN, Status.CONTESTED)).order_by("-created_at", "-pk")


def refunds_of_order(order: Order) -> QuerySet[Refund]:
    """Refunds for the order's parcels, the newest first."""
    return Refund.objects.filter(parcel__order=order).select_related("parcel").order_by("-created_at", "-pk")


def _of_cooperative(cooperative: Cooperative) -> QuerySet[Refund]:
    owns = Q(parcel__cooperative=cooperative) | Q(unmatched__cooperative=cooperative)
    return Refund.objects.filter(owns).select_related("parcel__order", "unmatched")


def _by_line(parcel: Parcel, statuses: Collection[str]) -> dict[int, int]:
    rows = RefundLine.objects.filter(refund__parcel=parcel, refund__status__in=statuses)
    return {pk: int(total) for pk, total in rows.values_list("line_id").annotate(total=Sum("amount")).order_by()}
