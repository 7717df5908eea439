"""Everything that is due, in one pass: each part on its own."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from marketplace.management.commands import run_due
from marketplace.order.services import cancel_parcel
from marketplace.payment.card import start_card_payment
from marketplace.payment.models import Refund
from tests.factories.payments import attempt_of, prepaid_order

pytestmark = pytest.mark.django_db


def run() -> str:
    out = StringIO()
    call_command("run_due", stdout=out)
    return out.getvalue()


def test_nothing_is_due():
    assert run() == "nothing was due\n"


def test_paid_and_cancelled_it_finds_the_payment_gives_it_back_and_writes(stripe, now):
    order = prepaid_order(now=now)
    start_card_payment(order=order, now=now)
    stripe.pay(attempt_of(order).external_id)
    run()
    cancel_parcel(parcel=order.parcels.get(), by=None, now=timezone.now(), reason="out_of_stock")
    run()
    assert Refund.objects.get().status == "succeeded"
    assert order.parcels.get().payment_status == "refunded"
    assert any(order.number.upper() in message.subject for message in mail.outbox)


def test_a_part_that_fails_costs_itself_only(monkeypatch, caplog, now):
    def broken(*, now):
        raise RuntimeError("broken")

    prepaid_order(now=now - timedelta(days=2), method="transfer")
    parts = [(name, broken if name == "payments reconciled" else part) for name, part in run_due.PARTS]
    monkeypatch.setattr(run_due, "PARTS", parts)
    assert "holds ended: 1" in run()
    assert "payments reconciled: failed" in caplog.text
