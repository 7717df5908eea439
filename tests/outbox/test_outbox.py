from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Barrier

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connections, transaction

from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import CLAIM, MAXIMUM_ATTEMPTS, backoff, enqueue, send_due

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
BROKEN = "tests.outbox.test_outbox.BrokenBackend"


class BrokenBackend(EmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("no mail server")


def write(key: str = "order:1:placed", recipient: str = "lan@example.com") -> None:
    enqueue(key=key, recipient=recipient, subject="Đơn hàng", text="Xin chào", html="<p>Xin chào</p>", now=NOW)


def test_a_message_is_sent_once_as_text_and_html():
    write()
    assert send_due(now=NOW) == 1
    assert send_due(now=NOW + timedelta(days=1)) == 0
    assert [(message.to, message.body) for message in mail.outbox] == [(["lan@example.com"], "Xin chào")]
    assert mail.outbox[0].alternatives[0][0] == "<p>Xin chào</p>"
    assert OutboxMessage.objects.get().sent_at == NOW


def test_an_event_told_twice_is_one_message():
    write()
    write()
    assert OutboxMessage.objects.count() == 1


def test_a_message_of_a_transaction_that_failed_is_never_sent():
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert send_due(now=NOW) == 0


def test_a_line_break_in_a_subject_adds_no_header():
    enqueue(key="k", recipient="lan@example.com", subject="Đơn\nBcc: x@example.com", text="a", now=NOW)
    send_due(now=NOW)
    assert mail.outbox[0].subject == "Đơn Bcc: x@example.com"


def test_a_failure_is_kept_and_tried_again_later(settings):
    write()
    settings.EMAIL_BACKEND = BROKEN
    assert send_due(now=NOW) == 0
    message = OutboxMessage.objects.get()
    assert (message.attempts, message.sent_at, message.next_attempt_at) == (1, None, NOW + backoff(1))
    assert "no mail server" in message.last_error
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_due(now=NOW) == 0
    assert send_due(now=NOW + backoff(1)) == 1


def test_one_bad_message_does_not_hold_up_the_others():
    write("a", "not an address\nBcc: x")
    write("b")
    assert send_due(now=NOW) == 1
    assert OutboxMessage.objects.get(key="a").attempts == 1


def test_waits_double_up_to_six_hours_and_end(settings):
    assert [backoff(n).total_seconds() / 60 for n in (1, 2, 3, 9, 12, 40)] == [1, 2, 4, 256, 360, 360]
    write()
    settings.EMAIL_BACKEND = BROKEN
    now = NOW
    for _ in range(MAXIMUM_ATTEMPTS + 3):
        now += timedelta(days=1)
        send_due(now=now)
    assert OutboxMessage.objects.get().attempts == MAXIMUM_ATTEMPTS


def test_what_another_sender_has_claimed_is_left_to_it():
    write()
    OutboxMessage.objects.update(next_attempt_at=NOW + CLAIM, attempts=1)
    assert send_due(now=NOW) == 0
    assert send_due(now=NOW + CLAIM) == 1


def test_no_more_than_the_limit_is_sent_at_a_time():
    for number in range(3):
        write(str(number))
    assert send_due(now=NOW, limit=2) == 2


def test_the_command_sends_what_is_due():
    write()
    out = StringIO()
    call_command("send_outbox", stdout=out)
    assert len(mail.outbox) == 1
    assert "1" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_four_senders_at_once_send_each_message_once():
    for number in range(12):
        write(str(number))
    together = Barrier(4)

    def send(_turn: int) -> int:
        try:
            together.wait(30)
            return send_due(now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(send, range(4)))
    assert sum(sent) == len(mail.outbox) == 12
    assert OutboxMessage.objects.filter(sent_at=NOW, attempts=1).count() == 12
