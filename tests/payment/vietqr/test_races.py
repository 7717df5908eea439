"""One movement of money, told by several at the same moment."""

import io
import threading
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.ledger.models import Transaction
from marketplace.payment import transfers
from marketplace.payment.models import PaymentFact, ProviderEvent, UnmatchedMoney
from marketplace.payment.statement_import import import_statement
from marketplace.payment.transfers import Account, confirm_transfer
from tests.checkout.test_races import all_at_once
from tests.factories.orders import PLACED_AT
from tests.factories.payments import TRANSFER, prepaid_order
from tests.payment.payos.test_endpoint import KEY, body_for
from tests.payment.vietqr.made_statements import text_file

pytestmark = pytest.mark.django_db(transaction=True)

NOW = PLACED_AT + timedelta(hours=2)
NAMES = ["Ngày giao dịch", "Số tham chiếu", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"]


@pytest.fixture
def parcel(settings):
    parcel = prepaid_order(method=TRANSFER, now=PLACED_AT).parcels.get()
    channel = {"client_id": "c", "api_key": "a", "checksum_key": KEY}
    settings.PAYOS_CHANNELS = {parcel.cooperative.slug: channel}
    return parcel


def told_by_payos(parcel):
    url = reverse("payment:payos", args=[parcel.cooperative.slug])
    return Client().post(url, body_for(parcel), content_type="application/json").status_code


def told_by_the_statement(parcel):
    line = ["20/11/2026", "FT1", "", str(int(parcel.total)), "", parcel.payment_reference]
    file = io.BytesIO(text_file([NAMES, line]))
    rows = import_statement(file=file, cooperative=parcel.cooperative, by=None, now=NOW, maximum_rows=10)
    return [row.number for row in rows]


def told_by_the_clerk(parcel):
    return confirm_transfer(parcel=parcel, amount=int(parcel.total), by=None, now=NOW).number


def is_paid_once(parcel) -> bool:
    parcel.refresh_from_db()
    return (
        parcel.payment_status,
        int(parcel.amount_received),
        PaymentFact.objects.count(),
        Transaction.objects.filter(kind="received").count(),
        UnmatchedMoney.objects.count(),
        ProviderEvent.objects.filter(applied_at=None).count(),
    ) == ("paid", int(parcel.total), 1, 1, 0, 0)


def test_a_notice_told_eight_times_at_once_is_one_payment(parcel):
    answers = all_at_once(lambda _turn: told_by_payos(parcel), 8, workers=8)
    # Who found the rows busy is asked to tell it again.
    assert set(answers) <= {200, 503}
    assert 200 in answers
    assert is_paid_once(parcel)


@pytest.mark.parametrize("first", [0, 1, 2])
def test_clerk_statement_and_notice_at_once_are_one_payment(parcel, first):
    tellers = (told_by_the_clerk, told_by_the_statement, told_by_payos)
    results = all_at_once(lambda turn: tellers[(turn + first) % 3](parcel), 3, workers=3)
    assert not [result for result in results if isinstance(result, Exception)]
    assert is_paid_once(parcel)


@pytest.fixture
def _both_look_first(monkeypatch):
    """Neither teller takes the lock before the other has looked."""
    look, both, tellers = Account.find, threading.Barrier(2), threading.local()

    def look_and_wait(account, batch):
        found = look(account, batch)
        if not hasattr(tellers, "has_looked"):
            tellers.has_looked = True
            both.wait(60)
        return found

    monkeypatch.setattr(Account, "find", look_and_wait)


@pytest.mark.usefixtures("_both_look_first")
def test_statement_and_notice_that_both_see_the_parcel_unpaid_are_one_payment(parcel):
    tellers = (told_by_the_statement, told_by_payos)
    assert all_at_once(lambda turn: tellers[turn](parcel), 2, workers=2) == [[2], 200]
    assert is_paid_once(parcel)


@pytest.mark.usefixtures("_both_look_first")
def test_without_the_second_look_the_same_race_asks_to_give_money_back_that_came_once(parcel, monkeypatch):
    """The control: a race that this cannot lose would prove nothing."""
    monkeypatch.setattr(transfers, "_told_meanwhile", lambda _account, _incoming: "")
    tellers = (told_by_the_statement, told_by_payos)
    all_at_once(lambda turn: tellers[turn](parcel), 2, workers=2)
    assert UnmatchedMoney.objects.get().reason == UnmatchedMoney.Reason.PAID_TWICE
    assert not is_paid_once(parcel)
