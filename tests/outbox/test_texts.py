from datetime import UTC, datetime, timedelta

import pytest

from marketplace.outbox.models import ChannelCredential, OutboxMessage
from marketplace.outbox.services import MAXIMUM_ATTEMPTS, Text, enqueue_all, send_due
from tests.outbox.zalo_stand_in import zalo

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


def write(key: str = "order:1:placed:text", template: str = "order_placed") -> None:
    text = Text(
        key=key,
        recipient="+84912345678",
        template=template,
        text="Đơn hàng A1 đã được đặt.",
        parameters={"number": "A1"},
    )
    enqueue_all([text], now=NOW)


def test_by_default_a_text_message_is_written_to_the_standard_output(capsys):
    write()
    assert send_due(now=NOW) == 1
    assert "+84912345678: Đơn hàng A1 đã được đặt." in capsys.readouterr().out
    assert send_due(now=NOW) == 0


def test_zalo_gets_the_number_the_approved_template_and_a_token_that_is_kept(settings):
    with zalo(settings) as stand_in:
        write()
        write("order:2:placed:text")
        assert send_due(now=NOW) == 2
    message = stand_in.sent[0]
    assert (message["phone"], message["template_id"]) == ("84912345678", "7001")
    assert message["template_data"] == {"number": "A1"}
    assert stand_in.renewals == 1
    credential = ChannelCredential.objects.get()
    assert (credential.access_token, credential.refresh_token) == ("access-1", "refresh-1")


def test_a_token_that_ran_out_or_was_refused_is_renewed_with_the_last_refresh_token(settings):
    with zalo(settings) as stand_in:
        write()
        send_due(now=NOW)
        write("second")
        send_due(now=NOW + timedelta(days=2))
        stand_in.access_token = "changed elsewhere"
        write("third")
        send_due(now=NOW + timedelta(days=2))
    assert len(stand_in.sent) == 3
    assert stand_in.renewals == 3


def test_a_number_without_an_account_is_given_up_and_a_passing_fault_is_tried_again(settings):
    with zalo(settings) as stand_in:
        stand_in.answers = [-118]
        write()
        assert send_due(now=NOW) == 0
        assert OutboxMessage.objects.get().attempts == MAXIMUM_ATTEMPTS
        stand_in.answers = [-200]
        write("second")
        assert send_due(now=NOW) == 0
        assert send_due(now=NOW + timedelta(hours=1)) == 1
    assert [message["tracking_id"] for message in stand_in.sent] == ["second"]


def test_words_that_zalo_did_not_approve_are_not_sent(settings):
    with zalo(settings) as stand_in:
        write(template="unknown")
        assert send_due(now=NOW) == 0
    assert stand_in.sent == []
    assert "no Zalo template" in OutboxMessage.objects.get().last_error


def test_zalo_out_of_reach_costs_nothing_but_the_wait(settings):
    with zalo(settings):
        pass
    write()
    assert send_due(now=NOW) == 0
    message = OutboxMessage.objects.get()
    assert (message.attempts, message.sent_at) == (1, None)
    assert message.next_attempt_at > NOW
