"""The messages about money given back, to the buyer and to the cooperative."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.common.dates import local_day
from marketplace.common.money import format_vnd
from marketplace.order import texts
from marketplace.order.evidence import contact_email
from marketplace.order.letters import CLERKS_LANGUAGE, clerks_of, letter, site
from marketplace.order.links import order_url
from marketplace.order.models import Parcel
from marketplace.outbox.services import Email, Text, enqueue_all
from marketplace.payment.models import Refund
from marketplace.payment.providers.names import COLLECTING
from marketplace.users.models import User

Words = Callable[[Refund, Parcel], tuple[str, list[str]]]
"""The subject and the sentences of a message."""


def send_promised(refunds: Sequence[Refund], *, now: datetime) -> None:
    """To the buyer, that money comes back; to the cooperative, what it has to give back itself."""
    messages: list[Email | Text] = []
    for refund in refunds:
        if refund.parcel is not None:
            messages += _to_buyer(refund, refund.parcel, "promised", _promised)
            if refund.provider not in COLLECTING:
                messages += _to_clerks(refund, refund.parcel, "promised", _to_give, now)
    enqueue_all(messages, now=now)


def send_given(refund: Refund, *, now: datetime) -> None:
    """To the buyer, that the cooperative gave the money back, and how."""
    if refund.parcel is not None:
        enqueue_all(_to_buyer(refund, refund.parcel, f"given:{now:%y%m%d%H%M%S}", _given), now=now)


def send_returned(refund: Refund, *, now: datetime) -> None:
    """To the buyer, that the provider has given the money back."""
    if refund.parcel is not None:
        enqueue_all(_to_buyer(refund, refund.parcel, "returned", _returned), now=now)


def send_failed(refund: Refund, *, now: datetime) -> None:
    """To the buyer, that the provider could not give the money back yet; people look after it."""
    if refund.parcel is not None:
        enqueue_all(_to_buyer(refund, refund.parcel, "failed", _failed), now=now)


def send_contested(refund: Refund, *, now: datetime) -> None:
    """To the cooperative and to the marketplace's finance, that the buyer has not got the money."""
    if refund.parcel is not None:
        event = f"contested:{now:%y%m%d%H%M%S}"
        told = _to_clerks(refund, refund.parcel, event, _contested, now)
        enqueue_all([*told, *_to_finance(refund, refund.parcel, event, _contested_there)], now=now)


def _to_buyer(refund: Refund, parcel: Parcel, event: str, write: Words) -> Sequence[Email | Text]:
    order = parcel.order
    recipient = contact_email(order)
    if not recipient:
        key = f"refund:{refund.pk}:{event}"
        return texts.refunded(order, parcel, amount=int(refund.amount), key=key) if event == "promised" else []
    with translation.override(order.language):
        subject, sentences = write(refund, parcel)
        context = {
            "name": order.buyer_name,
            "sentences": sentences,
            "url": order_url(order),
            "link": _("Follow the order"),
        }
        return [letter(f"refund:{refund.pk}:{event}:buyer", recipient, subject, "notice", context)]


def _to_clerks(refund: Refund, parcel: Parcel, event: str, write: Words, now: datetime) -> list[Email]:
    recipients = clerks_of({parcel.cooperative_id: parcel.cooperative}, local_day(now))[parcel.cooperative_id]
    with translation.override(CLERKS_LANGUAGE):
        subject, sentences = write(refund, parcel)
        context = {"sentences": sentences, "url": site("users:landing"), "link": _("Open the workplace")}
        return [
            letter(f"refund:{refund.pk}:{event}:{recipient}", recipient, subject, "notice", context)
            for recipient in recipients
        ]


def _to_finance(refund: Refund, parcel: Parcel, event: str, write: Words) -> list[Email]:
    with translation.override(CLERKS_LANGUAGE):
        subject, sentences = write(refund, parcel)
        context = {"sentences": sentences, "url": site("finance"), "link": _("Open the administration")}
        return [
            letter(f"refund:{refund.pk}:{event}:finance:{pk}", recipient, subject, "notice", context)
            for pk, recipient in _finance()
        ]


def _finance() -> list[tuple[int, str]]:
    """Keys and addresses of the people who settle money that waits. One query."""
    right = {"content_type__app_label": "payment", "codename": "change_unmatchedmoney"}
    may = Q(groups__permissions__in=Permission.objects.filter(**right)) | Q(
        user_permissions__in=Permission.objects.filter(**right)
    )
    people = User.objects.filter(may, is_active=True).exclude(email=None).order_by("pk").distinct()
    return [(pk, str(email)) for pk, email in people.values_list("pk", "email")]


def _said(refund: Refund, parcel: Parcel) -> dict[str, str]:
    return {
        "number": parcel.number.upper(),
        "amount": format_vnd(refund.amount),
        "maker": parcel.cooperative.short_name,
        "reason": str(refund.get_reason_display()),
        "buyer": parcel.order.buyer_name,
        "phone": str(parcel.order.buyer_phone),
        "reference": refund.external_id,
        "note": refund.contest_note,
    }


def _promised(refund: Refund, parcel: Parcel) -> tuple[str, list[str]]:
    said = _said(refund, parcel)
    way = (
        _("The money goes back to the card that paid; the bank may take some days.")
        if refund.provider in COLLECTING
        else _("%(maker)s gives it back to you itself, and tells you when it has.") % said
    )
    return _("%(amount)s of parcel %(number)s come back to you") % said, [
        _("%(maker)s refunds %(amount)s of parcel %(number)s. Reason: %(reason)s.") % said,
        way,
    ]


def _to_give(refund: Refund, parcel: Parcel) -> tuple[str, list[str]]:
    said = _said(refund, parcel)
    return _("Give back %(amount)s for parcel %(number)s") % said, [
        _("%(buyer)s, %(phone)s, is to get back %(amount)s for parcel %(number)s. Reason: %(reason)s.") % said,
        _("Give it back by transfer or in cash, then record it with its reference in the workplace."),
    ]


def _given(refund: Refund, parcel: Parcel) -> tuple[str, list[str]]:
    said = _said(refund, parcel)
    return _("%(amount)s of parcel %(number)s were given back") % said, [
        _("%(maker)s says that it gave back %(amount)s. Reference: %(reference)s.") % said,
        _("If you did not receive it, say so on the page of the order."),
    ]


def _returned(refund: Refund, parcel: Parcel) -> tuple[str, list[str]]:
    said = _said(refund, parcel)
    return _("%(amount)s of parcel %(number)s were given back") % said, [
        _("%(amount)s went back to the card that paid. The bank may take some days to show it.") % said
    ]


def _failed(refund: Refund, parcel: Parcel) -> tuple[str, list[str]]:
    said = _said(refund, parcel)
    return _("Giving back %(amount)s of parcel %(number)s did not work yet") % said, [
        _("The card's bank refused the %(amount)s. Nothing is lost: we look after it, and write to you.") % said
    ]


def _contested(refund: Refund, parcel: Parcel) -> tuple[str, list[str]]:
    said = _said(refund, parcel)
    sentences = [
        _("%(buyer)s, %(phone)s, has not received the %(amount)s of parcel %(number)s (reference %(reference)s).")
        % said,
        _("Look into it, call the buyer, and record the refund again with the right reference."),
    ]
    if refund.contest_note:
        sentences.insert(1, f"“{refund.contest_note}”")
    return _("The buyer has not received the refund for parcel %(number)s") % said, sentences


def _contested_there(refund: Refund, parcel: Parcel) -> tuple[str, list[str]]:
    subject, (missing, *quoted, _answer) = _contested(refund, parcel)
    told = _("%(maker)s is told too. Its parcel stands in no statement until the refund is recorded again.")
    return subject, [missing, *quoted, told % _said(refund, parcel)]
