"""What the workplace reads of the problems that buyers report."""

from django.db.models import F, Prefetch

from cooperatives.models import Cooperative
from marketplace.order.models import OrderChange, Parcel, ParcelProblem, ProblemPhoto
from marketplace.portal.selectors import Page, paged

PER_PAGE = 20


def open_problem_count(cooperative: Cooperative) -> int:
    """How many wait for an answer. One query."""
    return ParcelProblem.objects.filter(parcel__cooperative=cooperative, answered_at__isnull=True).count()


def problem_page(cooperative: Cooperative, *, page: int) -> Page:
    """Those that wait for an answer first, then the newest. Two queries."""
    rows = ParcelProblem.objects.filter(parcel__cooperative=cooperative).select_related("parcel__order")
    return paged(rows.order_by(F("answered_at").asc(nulls_first=True), "-reported_at", "-pk"), page, PER_PAGE)


def problems_of(parcel: Parcel) -> list[ParcelProblem]:
    """What the buyer reported about the parcel, the newest first. One query."""
    return list(ParcelProblem.objects.filter(parcel=parcel).order_by("-reported_at", "-pk"))


def changes_of(parcel: Parcel) -> list[OrderChange]:
    """What the buyer changed of where the parcel's order goes. One query."""
    return list(OrderChange.objects.filter(order=parcel.order_id).order_by("changed_at", "pk"))


def problem_detail(pk: int) -> ParcelProblem | None:
    """A problem with its parcel and photos, but for what they show; for `access.problem_for` only. Two queries."""
    photos = Prefetch("photos", ProblemPhoto.objects.defer("content"))
    problems = ParcelProblem.objects.select_related("parcel__cooperative", "parcel__order", "answered_by")
    return problems.prefetch_related(photos).filter(pk=pk).first()


def photo_detail(pk: int) -> ProblemPhoto | None:
    """For `access.problem_photo_for` only."""
    return ProblemPhoto.objects.select_related("problem__parcel").filter(pk=pk).first()
