"""One movement of money, told by a clerk, a statement and payOS in any order: one receipt, one ledger entry."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.core.management import call_command

from marketplace.ledger.models import Transaction
from marketplace.order.models import Parcel
from marketplace.order.services import cancel_parcel
from marketplace.payment.models import PaymentAttempt, PaymentFact, ProviderEvent, StatementUpload, UnmatchedMoney
from marketplace.payment.providers.vietqr.statement_files import StatementBrokenError
from marketplace.payment.services import AmountNotDueError, ParcelNotPayableError
from marketplace.payment.statement_import import import_statement, keep_upload, preview_statement
from marketplace.payment.transfers import (
    PAYOS,
    STATEMENT,
    Account,
    Incoming,
    NotByTransferError,
    Result,
    confirm_transfer,
    receive,
)
from marketplace.payment.unmatched import assign, dismiss, give_back
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import PLACED_AT, ParcelFactory
from tests.factories.payments import TRANSFER, prepaid_order
from tests.factories.users import UserFactory
from tests.payment.vietqr.made_statements import text_file

pytestmark = pytest.mark.django_db

NOW = PLACED_AT + timedelta(hours=2)
NAMES = ["Ngày giao dịch", "Số tham chiếu", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"]
Reason = UnmatchedMoney.Reason


@pytest.fixture
def cooperative():
    return CooperativeFactory()


def waiting(cooperative, **changes) -> Parcel:
    """A parcel to be paid by transfer."""
    listing = ListingFactory(cooperative=cooperative)
    return prepaid_order(listing, method=TRANSFER, now=PLACED_AT, **changes).parcels.get()


def line(parcel_or_memo, amount, number="FT1", day="20/11/2026"):
    memo = getattr(parcel_or_memo, "payment_reference", parcel_or_memo)
    return [day, number, "" if amount > 0 else str(-amount), str(amount) if amount > 0 else "", "", memo]


def imported(cooperative, *lines, now=NOW, by=None):
    file = io.BytesIO(text_file([NAMES, *lines]))
    return list(import_statement(file=file, cooperative=cooperative, by=by, now=now, maximum_rows=1_000))


def results(rows):
    return [row.finding.result if row.finding else type(row.error).__name__ for row in rows]


def told(parcel, source, number="1", amount=None):
    return Incoming(source, number, amount or int(parcel.total), parcel.payment_reference, "NONG THI HOA", NOW)


def money_of(parcel):
    parcel.refresh_from_db()
    return parcel.payment_status, int(parcel.amount_received)


class TestClerk:
    def test_money_seen_on_the_account_pays_the_parcel_once(self, cooperative):
        parcel, clerk = waiting(cooperative), UserFactory()
        for _press in range(2):
            confirm_transfer(parcel=parcel, amount=int(parcel.total), by=clerk, now=NOW, bank_reference="FT1")
        assert money_of(parcel) == ("paid", int(parcel.total))
        fact = PaymentFact.objects.get()
        assert (fact.provider, fact.recorded_by, int(fact.amount)) == ("transfer", clerk, int(parcel.total))
        assert PaymentAttempt.objects.get().status == PaymentAttempt.Status.SUCCEEDED
        assert parcel.hold_expires_at is None
        assert Transaction.objects.filter(kind="received").count() == 1

    @pytest.mark.parametrize("change", [-1, 1, 1_000_000])
    def test_another_amount_is_refused(self, cooperative, change):
        parcel = waiting(cooperative)
        with pytest.raises(AmountNotDueError):
            confirm_transfer(parcel=parcel, amount=int(parcel.total) + change, by=None, now=NOW)
        assert money_of(parcel) == ("awaiting", 0)
        assert not PaymentFact.objects.exists()
        assert not UnmatchedMoney.objects.exists()

    def test_a_cancelled_parcel_and_one_paid_in_cash_are_refused(self, cooperative):
        parcel, cash = waiting(cooperative), ParcelFactory()
        cancel_parcel(parcel=parcel, by=None, now=NOW, reason="out_of_stock")
        with pytest.raises(ParcelNotPayableError):
            confirm_transfer(parcel=parcel, amount=int(parcel.total), by=None, now=NOW)
        with pytest.raises(NotByTransferError):
            confirm_transfer(parcel=cash, amount=int(cash.total), by=None, now=NOW)
        assert not PaymentFact.objects.exists()


class TestStatement:
    def test_each_row_pays_its_parcel_or_waits_with_its_reason(self, cooperative):
        right, off, late, first, second = (waiting(cooperative) for _parcel in range(5))
        cancel_parcel(parcel=late, by=None, now=NOW, reason="unpaid")
        rows = imported(
            cooperative,
            line(right, int(right.total), "FT1"),
            line(off, int(off.total) + 1, "FT2"),
            line(late, int(late.total), "FT3"),
            line(f"{first.payment_reference} {second.payment_reference}", int(first.total), "FT4"),
            line("tien hang", int(first.total), "FT5"),
            line(right, int(right.total), "FT6"),
            line(right, int(right.total), "FT1"),
            line(second, -int(second.total), "FT7"),
            ["20/11/2026", "FT8", "", "hai mươi", "", "a"],
        )
        assert results(rows) == [
            Result.PAID, Result.QUEUED, Result.QUEUED, Result.QUEUED, Result.QUEUED, Result.QUEUED, Result.REPEATED,
            Result.OUTGOING, "AmountUnreadableError",
        ]  # fmt: skip
        assert money_of(right) == ("paid", int(right.total))
        assert [money_of(parcel)[1] for parcel in (off, late, first, second)] == [0, 0, 0, 0]
        queue = UnmatchedMoney.objects.order_by("pk")
        assert [money.reason for money in queue] == [
            Reason.WRONG_AMOUNT, Reason.TOO_LATE, Reason.SEVERAL_REFERENCES, Reason.NO_REFERENCE, Reason.PAID_TWICE,
        ]  # fmt: skip
        assert {money.cooperative for money in queue} == {cooperative}

    def test_the_same_statement_again_changes_nothing(self, cooperative):
        parcel = waiting(cooperative)
        lines = [line(parcel, int(parcel.total)), line("tien hang", 5_000, "FT2"), line("tien hang", 5_000, "")]
        imported(cooperative, *lines)
        before = (PaymentFact.objects.count(), UnmatchedMoney.objects.count(), Transaction.objects.count())
        assert results(imported(cooperative, *lines)) == [Result.REPEATED] * 3
        assert (PaymentFact.objects.count(), UnmatchedMoney.objects.count(), Transaction.objects.count()) == before

    def test_a_run_that_was_broken_off_after_storing_its_events_is_repeated(self, cooperative):
        parcel = waiting(cooperative)
        account = Account(cooperative)
        ProviderEvent.objects.create(
            provider=STATEMENT,
            event_id=account.name_of(told(parcel, STATEMENT)),
            kind="received",
            payload={},
            received_at=NOW,
        )
        receive(account=account, batch=[told(parcel, STATEMENT)], by=None, now=NOW)
        assert money_of(parcel) == ("paid", int(parcel.total))
        assert ProviderEvent.objects.get().applied_at == NOW

    def test_a_reference_of_another_cooperative_is_not_known_here(self, cooperative):
        stranger = waiting(CooperativeFactory())
        rows = imported(cooperative, line(stranger, int(stranger.total)))
        assert rows[0].finding.reason == Reason.NO_REFERENCE
        assert rows[0].finding.parcel is None
        assert money_of(stranger) == ("awaiting", 0)

    def test_a_file_that_breaks_off_pays_nothing(self, cooperative):
        parcel = waiting(cooperative)
        content = text_file([NAMES, line(parcel, int(parcel.total))]) + b'20/11/2026,FT2,,"5'
        with pytest.raises(StatementBrokenError):
            list(import_statement(file=io.BytesIO(content), cooperative=cooperative, by=None, now=NOW, maximum_rows=10))
        assert money_of(parcel) == ("awaiting", 0)
        assert not ProviderEvent.objects.exists()

    def test_a_preview_says_what_an_import_does_and_writes_nothing(self, cooperative):
        parcel = waiting(cooperative)
        lines = [line(parcel, int(parcel.total), f"FT{number}") for number in range(3)]
        lines += [line("x", 1_000, f"OT{number}") for number in range(300)]
        lines += [line(parcel, int(parcel.total), "FT9")]
        file = io.BytesIO(text_file([NAMES, *lines]))
        seen = results(preview_statement(file=file, cooperative=cooperative, maximum_rows=1_000))
        assert money_of(parcel) == ("awaiting", 0)
        assert not ProviderEvent.objects.exists()
        assert seen == results(imported(cooperative, *lines))

    def test_a_payment_of_the_day_of_the_order_is_not_paid_before_it_was_placed(self, cooperative):
        parcel = waiting(cooperative)
        imported(cooperative, line(parcel, int(parcel.total)))
        parcel.refresh_from_db()
        assert parcel.placed_at <= parcel.paid_at <= NOW

    def test_a_batch_costs_the_same_queries_to_find_however_many_rows(self, cooperative, django_assert_num_queries):
        parcels = [waiting(cooperative) for _parcel in range(4)]
        for count in (1, 4):
            with django_assert_num_queries(3):
                batch = [told(parcel, STATEMENT, str(n)) for n, parcel in enumerate(parcels[:count])]
                Account(cooperative).find(batch)

    def test_the_command_imports_and_reports(self, cooperative, tmp_path, capsys):
        parcel = waiting(cooperative)
        file = tmp_path / "saoke.csv"
        file.write_bytes(text_file([NAMES, line(parcel, int(parcel.total)), line("x", 1_000, "FT2")]))
        call_command("import_statement", str(file), cooperative=cooperative.slug, dry_run=True)
        assert money_of(parcel) == ("awaiting", 0)
        call_command("import_statement", str(file), cooperative=cooperative.slug)
        assert money_of(parcel)[0] == "paid"
        assert "paid: 1" in capsys.readouterr().out


class TestSameMoney:
    @pytest.mark.parametrize("order", list(permutations(["clerk", STATEMENT, PAYOS])))
    def test_told_by_three_in_any_order_it_is_received_once(self, cooperative, order):
        parcel = waiting(cooperative)
        for teller in order:
            if teller == "clerk":
                confirm_transfer(parcel=parcel, amount=int(parcel.total), by=None, now=NOW)
            else:
                receive(account=Account(cooperative), batch=[told(parcel, teller)], by=None, now=NOW)
        assert money_of(parcel) == ("paid", int(parcel.total))
        assert PaymentFact.objects.count() == 1
        assert Transaction.objects.filter(kind="received").count() == 1
        assert not UnmatchedMoney.objects.exists()

    @pytest.mark.parametrize("source", [STATEMENT, PAYOS])
    def test_a_second_payment_is_seen_behind_the_clerks_word(self, cooperative, source):
        parcel = waiting(cooperative)
        confirm_transfer(parcel=parcel, amount=int(parcel.total), by=None, now=NOW)
        found = [
            receive(account=Account(cooperative), batch=[told(parcel, source, number)], by=None, now=NOW)[0].result
            for number in ("1", "2", "1")
        ]
        assert found == [Result.TOLD_BEFORE, Result.QUEUED, Result.REPEATED]
        assert UnmatchedMoney.objects.get().reason == Reason.PAID_TWICE

    def test_two_payments_in_one_batch_are_seen_too(self, cooperative):
        parcel = waiting(cooperative)
        confirm_transfer(parcel=parcel, amount=int(parcel.total), by=None, now=NOW)
        rows = imported(cooperative, line(parcel, int(parcel.total), "FT1"), line(parcel, int(parcel.total), "FT2"))
        assert results(rows) == [Result.TOLD_BEFORE, Result.QUEUED]

    def test_another_amount_than_the_clerk_said_waits(self, cooperative):
        parcel = waiting(cooperative)
        confirm_transfer(parcel=parcel, amount=int(parcel.total), by=None, now=NOW)
        rows = imported(cooperative, line(parcel, int(parcel.total) - 1_000))
        assert (rows[0].finding.result, rows[0].finding.reason) == (Result.QUEUED, Reason.PAID_TWICE)

    def test_money_of_a_parcel_that_was_paid_and_then_cancelled_is_not_asked_back_twice(self, cooperative):
        parcel = waiting(cooperative)
        confirm_transfer(parcel=parcel, amount=int(parcel.total), by=None, now=NOW)
        cancel_parcel(parcel=parcel, by=None, now=NOW, reason="out_of_stock")
        assert results(imported(cooperative, line(parcel, int(parcel.total)))) == [Result.TOLD_BEFORE]
        assert not UnmatchedMoney.objects.exists()

    @pytest.mark.parametrize("settled", ["open", "applied", "given_back", "put_aside"])
    @pytest.mark.parametrize(("first", "second"), permutations([STATEMENT, PAYOS]))
    def test_money_that_waits_is_not_queued_again_by_another_source(self, cooperative, first, second, settled):
        parcel = waiting(cooperative)
        part = int(parcel.total) - 10_000
        receive(account=Account(cooperative), batch=[told(parcel, first, "a", part)], by=None, now=NOW)
        money = UnmatchedMoney.objects.get()
        if settled == "applied":
            assign(money=money, parcel=parcel, by=None, now=NOW)
        elif settled == "given_back":
            give_back(money=money, bank_reference="FT9", by=None, now=NOW)
        elif settled == "put_aside":
            dismiss(money=money, note="", by=None, now=NOW)
        found = [
            receive(account=Account(cooperative), batch=[told(parcel, second, number, part)], by=None, now=NOW)[
                0
            ].result
            for number in ("1", "1", "2")
        ]
        # The third is a movement of its own.
        assert found == [Result.TOLD_BEFORE, Result.REPEATED, Result.QUEUED]
        assert UnmatchedMoney.objects.count() == 2
        assert money_of(parcel)[1] == (part if settled == "applied" else 0)

    def test_money_without_a_reference_is_known_again_by_its_words_sum_and_day(self, cooperative):
        def by(source, number, memo, *, days=0):
            return Incoming(source, number, 90_000, memo, "", NOW + timedelta(days=days))

        account = Account(cooperative)
        receive(account=account, batch=[by(PAYOS, "1", "tien ga"), by(PAYOS, "2", "tien rau")], by=None, now=NOW)
        batch = [
            by(STATEMENT, "1", "MBVCB.1234 TIEN-GA chuyen khoan"),
            by(STATEMENT, "2", "tien ga"),
            by(STATEMENT, "3", "tien rau", days=2),
            by(STATEMENT, "4", ""),
        ]
        found = [finding.result for finding in receive(account=account, batch=batch, by=None, now=NOW)]
        assert found == [Result.TOLD_BEFORE, Result.QUEUED, Result.QUEUED, Result.QUEUED]

    def test_another_currency_waits(self, cooperative):
        parcel = waiting(cooperative)
        dollars = replace(told(parcel, PAYOS), currency="USD")
        assert receive(account=Account(cooperative), batch=[dollars], by=None, now=NOW)[0].result is Result.QUEUED
        assert UnmatchedMoney.objects.get().reason == Reason.WRONG_CURRENCY
        assert money_of(parcel) == ("awaiting", 0)

    def test_the_same_numbers_of_two_banks_are_two_movements(self):
        one, other = waiting(CooperativeFactory()), waiting(CooperativeFactory())
        for parcel in (one, other):
            receive(account=Account(parcel.cooperative), batch=[told(parcel, PAYOS)], by=None, now=NOW)
        assert money_of(one)[0] == money_of(other)[0] == "paid"


def test_an_upload_that_nobody_went_on_with_is_deleted(cooperative):
    person = UserFactory()
    keep_upload(cooperative=cooperative, name="a.csv", content=b"a", by=person, now=datetime(2026, 11, 1, tzinfo=UTC))
    other = keep_upload(cooperative=CooperativeFactory(), name="b.csv", content=b"b", by=UserFactory(), now=NOW)
    assert list(StatementUpload.objects.all()) == [other]
