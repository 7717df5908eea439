"""Parcels that a cooperative does not confirm: its people are reminded, then others are told, then it is cancelled."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from marketplace.common.errors import DomainError
from marketplace.order import emails_deadlines as emails
from marketplace.order.models import Parcel
from marketplace.order.services import cancel_parcel
from marketplace.order.states import CancelReason, Status
from marketplace.outbox.services import enqueue_all

REMINDED_AFTER = timedelta(hours=48)
ESCALATED_AFTER = timedelta(hours=60)
CANCELLED_AFTER = timedelta(hours=72)
_BATCH = 200
# What `Parcel.reminders` counts.
REMINDED, ESCALATED = 1, 2


def remind_unconfirmed(*, now: datetime) -> int:
    """Tells the clerks of parcels that wait for 48 hours, and managers and operators of those that wait for 60. Each is
    told once. How many parcels were told of.
    """
    told = 0
    for waited, turn, write in (
        (ESCALATED_AFTER, ESCALATED, emails.escalation),
        (REMINDED_AFTER, REMINDED, emails.reminder),
    ):
        for parcel in _waiting(now, waited, turn):
            # Messages go with the claim, or not at all.
            with transaction.atomic():
                if _claim(parcel, turn):
                    enqueue_all(write(parcel, cancelled_at=parcel.placed_at + CANCELLED_AFTER, now=now), now=now)
                    told += 1
    return told


def cancel_unconfirmed(*, now: datetime) -> int:
    """Cancels what nobody confirmed within 72 hours: stock and money go back, and both sides are told. How many."""
    cancelled = 0
    for parcel in _placed(now, CANCELLED_AFTER)[:_BATCH]:
        # Confirmed or cancelled in this very moment, or held by somebody: the next pass sees.
        with suppress(DomainError), transaction.atomic():
            parcel = cancel_parcel(parcel=parcel, by=None, now=now, reason=CancelReason.NOT_CONFIRMED)
            enqueue_all(emails.timed_out(parcel, now=now), now=now)
            cancelled += 1
    return cancelled


def _waiting(now: datetime, waited: timedelta, reminders: int) -> QuerySet[Parcel]:
    return _placed(now, waited).filter(placed_at__gt=now - CANCELLED_AFTER, reminders__lt=reminders)[:_BATCH]


def _placed(now: datetime, waited: timedelta) -> QuerySet[Parcel]:
    parcels = Parcel.objects.filter(status=Status.PLACED, placed_at__lte=now - waited)
    return parcels.select_related("cooperative", "order").order_by("placed_at", "pk")


def _claim(parcel: Parcel, reminders: int) -> bool:
    """Whether it is ours to tell: of two that run at once, one is."""
    return bool(
        Parcel.objects.filter(pk=parcel.pk, status=Status.PLACED, reminders__lt=reminders).update(reminders=reminders)
    )
