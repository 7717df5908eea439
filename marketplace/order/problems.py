"""What a buyer says is wrong with a parcel, with photos, and the cooperative's answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import BinaryIO
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image

from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError
from marketplace.common.images import normalise
from marketplace.common.locks import locked
from marketplace.order import emails, emails_clerks
from marketplace.order.locks import lock_order_of
from marketplace.order.models import Parcel, ParcelProblem, ProblemPhoto
from marketplace.order.states import Status
from marketplace.outbox.services import enqueue_all
from marketplace.users.models import User

MAXIMUM_PHOTOS = 4
MAXIMUM_SIDE = 1600
MAXIMUM_TEXT = 2000
# A cooperative must not be buried under one parcel's reports.
MAXIMUM_OPEN = 3
# So long after delivery the parcel is a matter of the past.
REPORTABLE_FOR = timedelta(days=30)
_REPORTABLE = frozenset(
    {
        Status.CONFIRMED,
        Status.PACKED,
        Status.READY,
        Status.SHIPPED,
        Status.DELIVERED,
        Status.DELIVERY_FAILED,
        Status.RETURNING,
    }
)


class ProblemError(DomainError):
    code = "problem"


class NotReportableError(ProblemError):
    code = "not_reportable"
    message = _("Nothing can be reported for this parcel any more. Call the cooperative.")


class TooManyProblemsError(ProblemError):
    code = "too_many_problems"
    message = _("You have reported %(maximum)s problems that are not answered yet. Call the cooperative.")


class TooManyPhotosError(ProblemError):
    code = "too_many_photos"
    message = _("At most %(maximum)s photos can be sent.")


class TextMissingError(ProblemError):
    code = "text_missing"
    message = _("Say in a few words what is wrong.")


class KindUnknownError(ProblemError):
    code = "kind_unknown"
    message = _("Choose what is wrong.")


class AnswerMissingError(ProblemError):
    code = "answer_missing"
    message = _("Write an answer to the buyer.")


class AnsweredAlreadyError(ProblemError):
    code = "answered_already"
    message = _("This problem is answered already.")


@dataclass(frozen=True)
class PreparedPhoto:
    """A photo as it is stored: upright, re-encoded, without EXIF."""

    content: bytes
    width: int
    height: int


def is_reportable(parcel: Parcel, now: datetime) -> bool:
    """Whether the buyer may report a problem with the parcel as it stands."""
    is_recent = parcel.delivered_at is None or now - parcel.delivered_at <= REPORTABLE_FOR
    return parcel.status in _REPORTABLE and is_recent


def prepare_photos(uploads: Sequence[BinaryIO]) -> list[PreparedPhoto]:
    """Decoding takes its time and touches no table: to be done before a transaction begins.

    Raises TooManyPhotosError, before anything is decoded, or marketplace.common.images.ImageRefusedError.
    """
    if len(uploads) > MAXIMUM_PHOTOS:
        raise TooManyPhotosError(maximum=MAXIMUM_PHOTOS)
    return [_prepared(upload) for upload in uploads]


def report_problem(
    *,
    parcel: Parcel,
    key: UUID,
    kind: str,
    text: str,
    photos: Sequence[PreparedPhoto],
    by: User | None,
    now: datetime,
) -> ParcelProblem:
    """The problem, told to the cooperative; the same key again is the problem that it made.

    Raises KindUnknownError, TextMissingError, TooManyPhotosError, NotReportableError or TooManyProblemsError; then
    nothing is written.
    """
    text = text.strip()[:MAXIMUM_TEXT]
    if kind not in ParcelProblem.Kind.values:
        raise KindUnknownError
    if not text:
        raise TextMissingError
    if len(photos) > MAXIMUM_PHOTOS:
        raise TooManyPhotosError(maximum=MAXIMUM_PHOTOS)
    with transaction.atomic():
        _order, parcel, _parcels = lock_order_of(parcel)
        known = ParcelProblem.objects.filter(key=key).first()
        if known is not None:
            return _own(known, parcel)
        if not is_reportable(parcel, now):
            raise NotReportableError
        if parcel.problems.filter(answered_at__isnull=True).count() >= MAXIMUM_OPEN:
            raise TooManyProblemsError(maximum=MAXIMUM_OPEN)
        problem = ParcelProblem.objects.create(
            key=key, parcel=parcel, kind=kind, text=text, reported_at=now, reported_by=by
        )
        ProblemPhoto.objects.bulk_create(
            ProblemPhoto(problem=problem, content=photo.content, width=photo.width, height=photo.height)
            for photo in photos
        )
        enqueue_all(emails_clerks.problem_reported(problem, local_day(now)), now=now)
        return problem


def answer_problem(*, problem: ParcelProblem, answer: str, by: User, now: datetime) -> ParcelProblem:
    """The answered problem; the buyer is told. Raises AnswerMissingError or AnsweredAlreadyError."""
    answer = answer.strip()[:MAXIMUM_TEXT]
    if not answer:
        raise AnswerMissingError
    with transaction.atomic():
        problem = locked(ParcelProblem.objects.filter(pk=problem.pk))[0]
        if problem.answered_at is not None:
            raise AnsweredAlreadyError
        problem.answer, problem.answered_at, problem.answered_by = answer, now, by
        problem.save(update_fields=["answer", "answered_at", "answered_by"])
        parcel = Parcel.objects.select_related("order__user", "cooperative").get(pk=problem.parcel_id)
        enqueue_all(emails.problem_answered(parcel.order, parcel, problem), now=now)
    return problem


def _own(problem: ParcelProblem, parcel: Parcel) -> ParcelProblem:
    """Keys are random: who sends that of another parcel's problem has made it up. Raises NotReportableError."""
    if problem.parcel_id != parcel.pk:
        raise NotReportableError
    return problem


def _prepared(upload: BinaryIO) -> PreparedPhoto:
    image = normalise(upload)
    image.thumbnail((MAXIMUM_SIDE, MAXIMUM_SIDE), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    image.save(buffer, "WEBP", quality=78, method=4)
    return PreparedPhoto(buffer.getvalue(), image.width, image.height)
