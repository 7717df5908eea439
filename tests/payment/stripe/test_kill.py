"""Killed (`kill -9`) at each of five points between the attempt and the e-mail: after a restart, money and orders agree."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from cooperatives.models import Cooperative
from cooperatives.partner.models import StockRecord
from marketplace.ledger.models import Account, Entry, Transaction
from marketplace.ledger.selectors import balance, owed_to
from marketplace.order.models import Order, Parcel
from marketplace.outbox.models import OutboxMessage
from marketplace.payment.models import PaymentAttempt, PaymentFact, UnmatchedMoney
from tests.factories.listings import ListingFactory
from tests.factories.orders import destination
from tests.factories.payments import PARCEL_TOTAL
from tests.payment.stripe.killable import POINTS
from tests.payment.stripe.test_holds import MINUTE, OVER

pytestmark = pytest.mark.django_db(transaction=True)

KILLED = -9
ROOT = Path(__file__).resolve().parents[3]
TOTAL = 2 * PARCEL_TOTAL
BEFORE_PAYING = ["before the call", "after the call"]


def database_url() -> str:
    """Of the database of this test, for another process."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    return f"postgres://{told['USER']}:{told['PASSWORD']}@{told['HOST']}:{told['PORT']}/{told['NAME']}"


class Site:
    """Our side, in processes that can be killed; the stand-in is Stripe's."""

    def __init__(self, stripe, mail: Path, now) -> None:
        self.stripe, self.mail, self.now = stripe, mail, now
        mail.mkdir()
        self.cast = {
            "listings": [ListingFactory(stock=100).pk, ListingFactory(stock=100).pk],
            "commune": destination().pk,
        }
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "marketplace.settings.test",
            "DATABASE_URL": database_url(),
            "STRIPE_SECRET_KEY": stripe.api_key,
            "STRIPE_WEBHOOK_SECRET": stripe.webhook_secret,
            "STRIPE_API_BASE": stripe.url,
            "MAIL_DIR": str(mail),
            "LOG_LEVEL": "ERROR",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.payment.stripe.killable"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def does(self, *acts: str, after: timedelta = timedelta(0), die: str = "") -> int:
        """How the child ended: 0, or KILLED."""
        events = (
            [self.stripe.signed_event(event["id"]) for event in self.stripe.events()[-12:]] if "hear" in acts else []
        )
        job = {**self.cast, "acts": acts, "now": (self.now + after).isoformat(), "die": die, "events": events}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def buyer_pays(self) -> None:
        for session in self.stripe.state()["checkout.session"]:
            if session["status"] == "open":
                self.stripe.pay(session["id"])

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(20)


@pytest.fixture
def site(stripe, now, tmp_path):
    running = Site(stripe, tmp_path / "mail", now)
    yield running
    running.close()


def lives_through(site: Site, point: str) -> None:
    """The whole way of one order; killed at the point, started again, and everything that was due done."""
    if point in BEFORE_PAYING:
        assert site.does("place", "start", die=point) == KILLED
    else:
        assert site.does("place", "start") == 0
        site.buyer_pays()
        assert site.does("hear", "due", die=point) == KILLED
    # Started again. Who has no page to pay on gets one.
    assert site.does("due", after=3 * MINUTE) == 0
    site.buyer_pays()
    assert site.does("hear", "due", after=6 * MINUTE) == 0
    # What the dead process had claimed is free again.
    assert site.does("due", after=20 * MINUTE) == 0


def assert_all_agrees(site: Site, orders: int) -> None:
    """So many orders, and of each one page, one payment, and the same in the books and at Stripe."""
    known = site.stripe.state()
    charges = [charge for charge in known["charge"] if charge["paid"]]
    kept = orders * (TOTAL - site.stripe.settings.fee_on(TOTAL))
    assert [charge["amount"] for charge in charges] == [TOTAL] * orders
    assert len(known["checkout.session"]) == Order.objects.count() == orders
    assert set(PaymentAttempt.objects.values_list("status", flat=True)) == {"succeeded"}
    assert set(PaymentAttempt.objects.values_list("payment_id", flat=True)) == {
        charge["payment_intent"] for charge in charges
    }
    for parcel in Parcel.objects.all():
        assert (parcel.status, parcel.payment_status, parcel.amount_received) == ("placed", "paid", PARCEL_TOTAL)
    assert [owed_to(pk) for pk in Cooperative.objects.values_list("pk", flat=True)] == [orders * PARCEL_TOTAL] * 2
    assert PaymentFact.objects.count() == Transaction.objects.filter(kind="received").count() == 2 * orders
    assert not UnmatchedMoney.objects.exists()
    assert sum(Entry.objects.values_list("amount", flat=True)) == 0
    # What lies at Stripe is what the books say.
    assert balance(Account.Kind.CARD_CLEARING) == kept
    assert sum(entry["net"] for entry in known["balance_transaction"]) == kept
    assert sum(StockRecord.objects.values_list("num_allocated", flat=True)) == 4 * orders
    assert not OutboxMessage.objects.filter(sent_at=None).exists()
    sent = sum(letter.read_text().count("Message-ID:") for letter in site.mail.iterdir())
    assert sent == OutboxMessage.objects.count() > 0


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_started_again_nothing_is_lost_and_nothing_double(site, point):
    for turn in range(3):
        lives_through(site, point)
        assert_all_agrees(site, orders=turn + 1)


@pytest.mark.soak
@pytest.mark.parametrize("point", POINTS)
def test_killed_twenty_times_at_each_point(site, point):
    for turn in range(20):
        lives_through(site, point)
        assert_all_agrees(site, orders=turn + 1)


@pytest.mark.parametrize("point", BEFORE_PAYING)
def test_killed_before_anybody_could_pay_the_goods_are_let_go_in_the_end(site, point):
    assert site.does("place", "start", die=point) == KILLED
    assert site.does("due", after=OVER) == 0
    order = Order.objects.get()
    assert {(parcel.status, parcel.payment_status) for parcel in order.parcels.all()} == {("cancelled", "unpaid")}
    assert {session["status"] for session in site.stripe.state()["checkout.session"]} <= {"expired"}
    assert not PaymentAttempt.objects.filter(status__in=["created", "pending"]).exists()
    assert sum(StockRecord.objects.values_list("num_allocated", flat=True)) == 0
