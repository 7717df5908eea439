"""Messages leave after the commit of what caused them, each once.

A message is written in the transaction of its event. A sender first claims it, by moving its next attempt into the
future in one conditional update; only who made that change sends it. A sender that dies in between leaves the message
to be tried again when the claim runs out.
"""

import logging
import smtplib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.mail import EmailMultiAlternatives
from django.db.models import F

from marketplace.common.writing import insert_all
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.texts.base import TextMessage, TextNotSentError, text_backend

logger = logging.getLogger(__name__)

CLAIM = timedelta(minutes=10)
MAXIMUM_ATTEMPTS = 12
_LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Email:
    """`key` names the event and the recipient: a second message of the same key is dropped."""

    key: str
    recipient: str
    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A message to a phone (E.164). Providers that send only approved words fill `template` in with `parameters`."""

    key: str
    recipient: str
    template: str
    text: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def enqueue(*, key: str, recipient: str, subject: str, text: str, html: str = "", now: datetime) -> None:
    """Writes one e-mail to be sent after the commit; one whose key is known stays as it is. One query."""
    enqueue_all([Email(key=key, recipient=recipient, subject=subject, text=text, html=html)], now=now)


def enqueue_all(messages: Sequence[Email | Text], *, now: datetime) -> None:
    """`enqueue` for several messages at once. One query, none for no message."""
    if not messages:
        return
    insert_all([_row(message, now) for message in messages], ignore_conflicts=True)


def _row(message: Email | Text, now: datetime) -> OutboxMessage:
    row = OutboxMessage(
        key=message.key, recipient=message.recipient, text=message.text, created_at=now, next_attempt_at=now
    )
    if isinstance(message, Text):
        row.channel, row.template = OutboxMessage.Channel.TEXT, message.template
        row.parameters = dict(message.parameters)
    else:
        # A subject is one line: nothing that a person typed may add a header.
        row.subject, row.html = " ".join(message.subject.split())[:200], message.html
    return row


def send_due(*, now: datetime, limit: int = 100) -> int:
    """Sends what is due, the longest waiting first, and returns how many were sent. A failure is retried later."""
    due = OutboxMessage.objects.filter(
        sent_at__isnull=True, next_attempt_at__lte=now, attempts__lt=MAXIMUM_ATTEMPTS
    ).order_by("next_attempt_at", "pk")
    return sum(_claim_and_send(message, now) for message in due[:limit])


def backoff(attempts: int) -> timedelta:
    """How long a message rests after so many failures: one minute, doubled each time, six hours at most."""
    return min(timedelta(minutes=2 ** min(attempts - 1, 12)), _LONGEST_WAIT)


def _claim_and_send(message: OutboxMessage, now: datetime) -> bool:
    claimed = OutboxMessage.objects.filter(
        pk=message.pk, sent_at__isnull=True, next_attempt_at=message.next_attempt_at
    ).update(next_attempt_at=now + CLAIM, attempts=F("attempts") + 1)
    if not claimed:
        return False
    rows = OutboxMessage.objects.filter(pk=message.pk)
    try:
        _send(message, now)
    except TextNotSentError as error:
        attempts = MAXIMUM_ATTEMPTS if error.is_final else message.attempts + 1
        rows.update(attempts=attempts, **_failed(message, error, now))
        return False
    except (OSError, smtplib.SMTPException, ValueError) as error:
        rows.update(**_failed(message, error, now))
        return False
    rows.update(sent_at=now, last_error="")
    return True


def _send(message: OutboxMessage, now: datetime) -> None:
    if message.channel == OutboxMessage.Channel.TEXT:
        text = TextMessage(
            key=message.key,
            phone=message.recipient,
            template=message.template,
            parameters=message.parameters,
            text=message.text,
        )
        text_backend().send(text, now=now)
        return
    mail = EmailMultiAlternatives(subject=message.subject, body=message.text, to=[message.recipient])
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    mail.send()


def _failed(message: OutboxMessage, error: Exception, now: datetime) -> dict[str, object]:
    logger.warning("Message %s was not sent: %s", message.pk, type(error).__name__)
    return {
        "last_error": f"{type(error).__name__}: {error}"[:500],
        "next_attempt_at": now + backoff(message.attempts + 1),
    }
