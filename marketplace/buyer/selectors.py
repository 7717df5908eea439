"""What the order's page shows beyond the order itself: read only where there is something to read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from marketplace.common.prepared import Prepared
from marketplace.order.models import Order, Parcel, ParcelProblem, ProblemPhoto, WeightConsent
from marketplace.order.states import Status
from marketplace.payment.models import Refund
from marketplace.users.models import User

# Nothing was sent, paid or reported yet.
_UNTOUCHED = frozenset({Status.PLACED})


@dataclass
class Extras:
    """By parcel: its refunds, its problems with their photos, what the buyer is asked about weights."""

    refunds: Mapping[int, list[Refund]] = field(default_factory=dict)
    problems: Mapping[int, list[ParcelProblem]] = field(default_factory=dict)
    questions: Mapping[int, list[WeightConsent]] = field(default_factory=dict)


def extras_of(parcels: Iterable[Parcel], now: datetime) -> Extras:
    """No query for a fresh order in cash; one for others, and one for each kind of thing that there is."""
    parcels = list(parcels)
    extras = Extras()
    weighed = tuple(parcel.pk for parcel in parcels if _may_hold_question(parcel))
    if weighed:
        extras.questions = _questions(weighed, now)
    if all(parcel.status in _UNTOUCHED and not parcel.amount_received for parcel in parcels):
        return extras
    rows = _flags(parcels[0].order_id)
    refunded = tuple(pk for pk, has_refund, _has_problem in rows if has_refund)
    reported = tuple(pk for pk, _has_refund, has_problem in rows if has_problem)
    if refunded:
        extras.refunds = _by_parcel(Refund.objects.filter(parcel__in=refunded).order_by("created_at", "pk"))
    if reported:
        extras.problems = _by_parcel(_problems().filter(parcel__in=reported).order_by("reported_at", "pk"))
    return extras


def _may_hold_question(parcel: Parcel) -> bool:
    return parcel.status == Status.CONFIRMED and any(line.is_weighed for line in parcel.lines.all())


def _questions(parcels: Collection[int], now: datetime) -> dict[int, list[WeightConsent]]:
    found: dict[int, list[WeightConsent]] = {pk: [] for pk in parcels}
    rows = WeightConsent.objects.filter(line__parcel__in=parcels, answer="", expires_at__gt=now)
    for question in rows.select_related("line").order_by("pk"):
        found[question.line.parcel_id or 0].append(question)
    return found


def refund_of_order(order: Order, pk: int) -> Refund | None:
    """A refund for one of the order's parcels."""
    return Refund.objects.select_related("parcel").filter(pk=pk, parcel__order=order).first()


def photo_of_order(order: Order, pk: int) -> ProblemPhoto | None:
    """A photo with a problem of one of the order's parcels."""
    return ProblemPhoto.objects.filter(pk=pk, problem__parcel__order=order).first()


def orders_of(user: User) -> QuerySet[Order, Any]:
    """A person's own orders, the newest first, with parcels and their cooperatives. Three queries."""
    parcels = Parcel.objects.select_related("cooperative").order_by("pk")
    return (
        Order.objects.filter(user=user).prefetch_related(Prefetch("parcels", parcels)).order_by("-date_placed", "-pk")
    )


def _problems() -> QuerySet[ParcelProblem, Any]:
    return ParcelProblem.objects.prefetch_related(Prefetch("photos", ProblemPhoto.objects.defer("content")))


def _by_parcel(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.parcel_id, []).append(row)
    return found


_flags = Prepared(
    lambda order: (
        Parcel.objects.filter(order_id=order)
        .annotate(
            has_refund=Exists(Refund.objects.filter(parcel=OuterRef("pk"))),
            has_problem=Exists(ParcelProblem.objects.filter(parcel=OuterRef("pk"))),
        )
        .order_by("pk")
        .values_list("pk", "has_refund", "has_problem")
    )
)
