"""The status of a linkage model moves through one table. Each step appends a decision; none is ever rewritten."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.linkage.models import LinkageModel, LinkageStatus
from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError
from marketplace.users.models import User

Status = LinkageStatus.Status

NEXT: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.SUBMITTED}),
    Status.SUBMITTED: frozenset({Status.VERIFIED}),
    Status.VERIFIED: frozenset({Status.SUSPENDED, Status.ENDED}),
    Status.SUSPENDED: frozenset({Status.VERIFIED, Status.ENDED}),
    Status.ENDED: frozenset(),
}


class LinkageTransitionError(DomainError):
    code = "linkage_transition"
    message = _("A linkage model that is “%(current)s” cannot become “%(wanted)s”.")


class DecisionInFutureError(DomainError):
    code = "decision_in_future"
    message = _("The day of the decision, %(day)s, lies in the future.")


class DecisionOutOfOrderError(DomainError):
    code = "decision_out_of_order"
    message = _("The day of the decision must not be before the last one, %(last)s.")


class DecisionNumberMissingError(DomainError):
    code = "decision_number_missing"
    message = _("Enter the number of the decision.")


class LinkageWithoutParticipantError(DomainError):
    code = "linkage_without_participant"
    message = _("Enter at least one participating cooperative first.")


def latest_status(linkage: LinkageModel) -> LinkageStatus | None:
    """The last decision in order of its day; None for a model that nothing was decided about, which is a draft."""
    return linkage.statuses.order_by("-decided_on", "-pk").first()


def next_statuses(linkage: LinkageModel) -> frozenset[Status]:
    """What the model's status may become."""
    latest = latest_status(linkage)
    return NEXT[Status(latest.status) if latest else Status.DRAFT]


def linkage_submit(
    *, linkage: LinkageModel, decided_on: date, by: User, now: datetime, decision_number: str = "", note: str = ""
) -> LinkageStatus:
    """A commune or the province puts the draft forward. Raises the errors of `_decide`, and
    LinkageWithoutParticipantError.
    """
    if not linkage.participants.exists():
        raise LinkageWithoutParticipantError
    return _decide(linkage, Status.SUBMITTED, decided_on, by, now, decision_number, note)


def linkage_verify(
    *, linkage: LinkageModel, decided_on: date, by: User, now: datetime, decision_number: str, note: str = ""
) -> LinkageStatus:
    """From the decision's day on the model counts while its period lasts; also takes a suspended one up again."""
    return _decide(linkage, Status.VERIFIED, decided_on, by, now, _number(decision_number), note)


def linkage_suspend(
    *, linkage: LinkageModel, decided_on: date, by: User, now: datetime, decision_number: str, note: str = ""
) -> LinkageStatus:
    """From the decision's day on the model does not count until it is verified again."""
    return _decide(linkage, Status.SUSPENDED, decided_on, by, now, _number(decision_number), note)


def linkage_end(
    *, linkage: LinkageModel, decided_on: date, by: User, now: datetime, decision_number: str, note: str = ""
) -> LinkageStatus:
    """From the decision's day on the model does not count, for good."""
    return _decide(linkage, Status.ENDED, decided_on, by, now, _number(decision_number), note)


def _number(text: str) -> str:
    if not text.strip():
        raise DecisionNumberMissingError
    return text.strip()


@transaction.atomic
def _decide(
    linkage: LinkageModel, wanted: Status, decided_on: date, by: User, now: datetime, decision_number: str, note: str
) -> LinkageStatus:
    """Raises LinkageTransitionError, DecisionInFutureError or DecisionOutOfOrderError; then nothing is recorded."""
    # Two officials who decide at once take turns, and the second sees what the first did.
    locked = LinkageModel.objects.select_for_update().get(pk=linkage.pk)
    latest = latest_status(locked)
    current = Status(latest.status) if latest else Status.DRAFT
    if wanted not in NEXT[current]:
        raise LinkageTransitionError(current=current.label, wanted=wanted.label)
    if decided_on > local_day(now):
        raise DecisionInFutureError(day=f"{decided_on:%d/%m/%Y}")
    if latest and decided_on < latest.decided_on:
        raise DecisionOutOfOrderError(last=f"{latest.decided_on:%d/%m/%Y}")
    return LinkageStatus.objects.create(
        linkage=locked,
        status=wanted,
        decided_on=decided_on,
        decision_number=decision_number,
        note=note,
        recorded_at=now,
        recorded_by=by,
    )
