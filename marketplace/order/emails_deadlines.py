"""The messages about parcels that wait to be confirmed."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from cooperatives.models import Membership
from marketplace.common.dates import local_day
from marketplace.common.templatetags.market import moment
from marketplace.order.letters import CLERKS_LANGUAGE, clerks_of, letter, site
from marketplace.order.models import Parcel
from marketplace.outbox.services import Email
from marketplace.users.models import User


def reminder(parcel: Parcel, *, cancelled_at: datetime, now: datetime) -> list[Email]:
    """To the cooperative and its clerks."""
    with translation.override(CLERKS_LANGUAGE):
        said = _said(parcel, cancelled_at)
        subject = _("Order %(number)s still waits to be confirmed") % said
        sentences = [
            _("Order %(number)s was placed at %(placed)s, and nobody has confirmed it yet.") % said,
            _("If nobody confirms it by %(end)s, it is cancelled and the buyer is told.") % said,
        ]
        return _letters(parcel, "reminder", _clerks(parcel, now), subject, sentences)


def escalation(parcel: Parcel, *, cancelled_at: datetime, now: datetime) -> list[Email]:
    """To the cooperative's managers and to the operators of the marketplace."""
    with translation.override(CLERKS_LANGUAGE):
        said = _said(parcel, cancelled_at)
        subject = _("Order %(number)s of %(maker)s will be cancelled soon") % said
        sentences = [
            _("%(maker)s has not confirmed order %(number)s, placed at %(placed)s; its phone is %(phone)s.") % said,
            _("If nobody confirms it by %(end)s, it is cancelled and the buyer is told.") % said,
        ]
        return _letters(parcel, "escalation", _managers_and_operators(parcel, now), subject, sentences)


def timed_out(parcel: Parcel, *, now: datetime) -> list[Email]:
    """To the cooperative: the order is gone."""
    with translation.override(CLERKS_LANGUAGE):
        said = _said(parcel, now)
        subject = _("Order %(number)s was cancelled: it was not confirmed in time") % said
        sentences = [_("The goods of order %(number)s are for sale again. There is nothing to send.") % said]
        return _letters(parcel, "timed-out", _clerks(parcel, now), subject, sentences)


def _said(parcel: Parcel, end: datetime) -> dict[str, str]:
    return {
        "number": parcel.number.upper(),
        "maker": parcel.cooperative.short_name,
        "phone": str(parcel.cooperative.phone),
        "placed": moment(parcel.placed_at),
        "end": moment(end),
    }


def _letters(parcel: Parcel, event: str, recipients: Iterable[str], subject: str, sentences: list[str]) -> list[Email]:
    context = {"sentences": sentences, "url": site("users:landing"), "link": _("Open the workplace")}
    return [
        letter(f"parcel:{parcel.number}:{event}:{recipient}", recipient, subject, "notice", context)
        for recipient in recipients
    ]


def _clerks(parcel: Parcel, now: datetime) -> list[str]:
    return clerks_of({parcel.cooperative_id: parcel.cooperative}, local_day(now))[parcel.cooperative_id]


def _managers_and_operators(parcel: Parcel, now: datetime) -> list[str]:
    managers = Membership.objects.in_force(local_day(now)).filter(
        cooperative=parcel.cooperative_id, role=Membership.Role.MANAGER, user__is_active=True
    )
    told = Q(pk__in=managers.values("user")) | Q(is_staff=True)
    addresses = User.objects.filter(told, is_active=True).exclude(email=None)
    return sorted({str(email).lower() for email in addresses.values_list("email", flat=True) if email})
