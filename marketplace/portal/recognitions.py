"""Managers are reminded that an OCOP recognition ends: renewing one takes months, and the stars go with it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from cooperatives.certificates.models import OcopRecognition
from cooperatives.models import Membership
from marketplace.common.dates import local_day
from marketplace.order.letters import CLERKS_LANGUAGE, letter, site
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import Email, enqueue_all

# Days before the end; each is told of once, also when nothing ran on that very day.
REMINDED_BEFORE = (30, 90, 180)


def remind_of_recognitions(*, now: datetime) -> int:
    """Writes to the managers of cooperatives whose recognitions end within REMINDED_BEFORE days. How many messages.

    One that a later recognition of the same product replaces is not told of. Three queries while there is nothing new.
    """
    today = local_day(now)
    ending = _ending(today)
    recipients = _managers({each.cooperative_id for each in ending}, today)
    due = {
        f"recognition:{each.pk}:{_threshold(each, today)}:{recipient}": (each, recipient)
        for each in ending
        for recipient in recipients[each.cooperative_id] or [each.cooperative.email]
        if recipient
    }
    known = set(OutboxMessage.objects.filter(key__in=due).values_list("key", flat=True)) if due else set()
    with translation.override(CLERKS_LANGUAGE):
        messages = [_reminder(key, *what) for key, what in due.items() if key not in known]
    enqueue_all(messages, now=now)
    return len(messages)


def _ending(today: date) -> list[OcopRecognition]:
    renewed = OcopRecognition.objects.filter(
        cooperative=OuterRef("cooperative"),
        commodity=OuterRef("commodity"),
        product_name=OuterRef("product_name"),
        revoked_on=None,
        valid_to__gt=OuterRef("valid_to"),
    )
    soon = OcopRecognition.objects.in_force(today).filter(
        ~Exists(renewed), revoked_on=None, valid_to__lte=today + timedelta(days=max(REMINDED_BEFORE))
    )
    return list(soon.select_related("cooperative").order_by("pk"))


def _threshold(recognition: OcopRecognition, today: date) -> int:
    left = (recognition.valid_to - today).days
    return next(days for days in REMINDED_BEFORE if left <= days)


def _managers(cooperative_ids: Iterable[int], today: date) -> dict[int, list[str]]:
    """E-mail addresses by cooperative."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = Membership.objects.in_force(today).filter(
        cooperative__in=cooperative_ids, role=Membership.Role.MANAGER, user__is_active=True
    )
    for key, email in rows.order_by("pk").values_list("cooperative_id", "user__email"):
        if email and email.lower() not in found[key]:
            found[key].append(email.lower())
    return found


def _reminder(key: str, recognition: OcopRecognition, recipient: str) -> Email:
    said = {
        "product": recognition.product_name,
        "stars": recognition.stars,
        "number": recognition.decision_number,
        "day": f"{recognition.valid_to:%d/%m/%Y}",
    }
    sentences = [
        _("%(product)s: OCOP %(stars)s stars, decision %(number)s, in force until %(day)s.") % said,
        _(
            "From that day on the stars are not shown any more. The dossier for a new recognition goes through the commune."
        ),
    ]
    context = {"sentences": sentences, "url": site("portal:listings"), "link": _("Open the workplace")}
    subject = _("The OCOP recognition of %(product)s ends on %(day)s") % said
    return letter(key, recipient, subject, "notice", context)
