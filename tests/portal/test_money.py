"""Money on the cooperative's own account: the clerk's pages, and what strangers get of them."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cooperatives.models import Membership
from marketplace.order.services import cancel_parcel
from marketplace.outbox.models import OutboxMessage
from marketplace.payment.bank_accounts import account_of, change_account, payouts_held_until
from marketplace.payment.models import (
    BankAccount,
    PaymentFact,
    ProviderEvent,
    Refund,
    StatementUpload,
    UnmatchedMoney,
)
from marketplace.payment.refunds import refund_unmatched
from marketplace.payment.transfer_page import transfer_block
from tests.factories.cooperatives import MembershipFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import ParcelFactory
from tests.factories.payments import TRANSFER, prepaid_order
from tests.factories.users import UserFactory
from tests.payment.vietqr.made_statements import text_file, workbook

pytestmark = pytest.mark.django_db

NAMES = ["Ngày giao dịch", "Số tham chiếu", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"]
PASSWORD = "mat-khau-dai"
Status = UnmatchedMoney.Status


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def listing():
    return ListingFactory()


@pytest.fixture
def clerk(listing):
    return MembershipFactory(cooperative=listing.cooperative).user


@pytest.fixture
def manager(listing):
    person = UserFactory()
    person.set_password(PASSWORD)
    person.save()
    return MembershipFactory(cooperative=listing.cooperative, user=person, role=Membership.Role.MANAGER).user


@pytest.fixture
def work(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def parcel(listing, now):
    return prepaid_order(listing, method=TRANSFER, now=now - timedelta(hours=2)).parcels.get()


def waits(listing, now, **changes):
    fields = {
        "provider": "statement",
        "reference": "1:a",
        "cooperative": listing.cooperative,
        "amount": 150_000,
        "memo": "tien hang",
        "reason": UnmatchedMoney.Reason.NO_REFERENCE,
        "occurred_at": now,
        "recorded_at": now,
    }
    return UnmatchedMoney.objects.create(**fields | changes)


def row(memo, amount=150_000, number="FT1"):
    return [f"{timezone.localdate():%d/%m/%Y}", number, "", str(amount), "", memo]


def upload(client, content, name="saoke.csv"):
    return client.post(reverse("portal:statement_upload"), {"file": SimpleUploadedFile(name, content)})


def paid(parcel):
    parcel.refresh_from_db()
    return parcel.payment_status


class TestTransferReceived:
    def test_the_parcels_page_leads_to_it_and_one_press_pays(self, work, parcel, clerk):
        html = work.get(reverse("portal:parcel", args=[parcel.number])).content.decode()
        url = reverse("portal:transfer_received", args=[parcel.number])
        assert url in html
        assert parcel.payment_reference in work.get(url).content.decode()
        answer = work.post(url, {"amount": int(parcel.total), "bank_reference": "FT1"})
        assert answer.url == reverse("portal:parcel", args=[parcel.number])
        assert paid(parcel) == "paid"
        assert PaymentFact.objects.get().recorded_by == clerk
        assert url not in work.get(reverse("portal:parcel", args=[parcel.number])).content.decode()

    @pytest.mark.parametrize("amount", ["1", "149999", "150001", "-150000", "", "abc", "1e9", "9" * 40])
    def test_an_amount_posted_by_hand_pays_nothing(self, work, parcel, amount):
        work.post(reverse("portal:transfer_received", args=[parcel.number]), {"amount": amount})
        assert paid(parcel) == "awaiting"
        assert not PaymentFact.objects.exists()

    def test_a_parcel_paid_in_cash_awaits_no_transfer(self, work, listing):
        cash = ParcelFactory(listing=listing)
        answer = work.post(reverse("portal:transfer_received", args=[cash.number]), {"amount": int(cash.total)})
        assert answer.status_code == 302
        assert not PaymentFact.objects.exists()


class TestStatement:
    @pytest.mark.parametrize("make", [text_file, workbook])
    def test_it_is_previewed_and_then_imported(self, work, parcel, make):
        content = make([NAMES, row(parcel.payment_reference), row("la", 5_000, "FT2"), [*row("x")[:3], "a", "", ""]])
        preview = work.get(upload(work, content).url)
        summary = preview.context["summary"]
        assert (summary.paid, summary.queued, summary.problems) == (1, 1, 1)
        assert parcel.number.upper() in preview.content.decode()
        assert paid(parcel) == "awaiting"
        assert not ProviderEvent.objects.exists()
        kept = StatementUpload.objects.get()
        assert work.post(reverse("portal:statement", args=[kept.pk])).status_code == 302
        assert paid(parcel) == "paid"
        assert UnmatchedMoney.objects.get().amount == 5_000
        assert not StatementUpload.objects.exists()
        assert work.post(reverse("portal:statement", args=[kept.pk])).status_code == 404

    @pytest.mark.parametrize(
        "content",
        [b"", b"\xd0\xcf\x11\xe0", b"<html>", b"PK\x03\x04", b"a,b\n", text_file([NAMES]) + b'"', b"\xff" * 50],
    )
    def test_a_file_that_cannot_be_read_is_refused_at_the_field(self, work, listing, content):
        answer = upload(work, content)
        assert answer.status_code == 422
        assert answer.context["form"].errors["file"]
        assert not StatementUpload.objects.exists()

    def test_a_long_statement_is_imported_in_parts_and_nothing_twice(self, work, parcel, monkeypatch):
        monkeypatch.setattr("marketplace.portal.views_money.IMPORT_SECONDS", -1)
        rows = [row("la", 1_000, f"FT{number}") for number in range(450)]
        url = upload(work, text_file([NAMES, *rows, row(parcel.payment_reference, number="FX")])).url
        counts = []
        while StatementUpload.objects.exists():
            assert work.post(url).status_code == 302
            counts.append(UnmatchedMoney.objects.count())
        assert counts == [200, 400, 450, 450]
        assert paid(parcel) == "paid"

    def test_a_file_above_the_limit_and_too_many_rows_are_refused(self, work, listing, monkeypatch):
        assert upload(work, b"a" * (5 * 2**20 + 1)).status_code == 422
        monkeypatch.setattr("marketplace.portal.views_money.PAGE_ROWS", 2)
        assert upload(work, text_file([NAMES, row("a"), row("b"), row("c")])).status_code == 422
        assert not StatementUpload.objects.exists()

    def test_an_upload_is_seen_by_nobody_but_who_made_it(self, client, work, listing, parcel):
        url = upload(work, text_file([NAMES, row(parcel.payment_reference)])).url
        for person in (
            MembershipFactory(cooperative=listing.cooperative).user,
            MembershipFactory().user,
            UserFactory(),
        ):
            client.force_login(person)
            assert client.get(url).status_code == 404
            assert client.post(url).status_code == 404
        assert paid(parcel) == "awaiting"

    def test_formulas_in_a_memo_are_printed_as_text(self, work, listing):
        html = work.get(upload(work, text_file([NAMES, row("<script>alert(1)</script>")])).url).content.decode()
        assert "<script>alert" not in html


class TestQueue:
    def test_money_waits_with_a_suggestion(self, work, listing, parcel, now):
        waits(listing, now, memo=f"{parcel.payment_reference[:11]} NONG THI HOA")
        html = work.get(reverse("portal:money")).content.decode()
        assert parcel.number.upper() in html
        assert "150.000\u00a0₫" in html

    def test_a_long_queue_costs_the_same_queries_as_a_short_one(self, work, listing, parcel, now):
        counts = []
        for number in range(3):
            waits(listing, now, reference=f"1:{number}", parcel=parcel)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                work.get(reverse("portal:money"))
            counts.append(len(queries))
        assert len(set(counts)) == 1

    def test_it_is_applied_to_a_parcel_once(self, work, listing, parcel, now, clerk):
        money = waits(listing, now)
        url = reverse("portal:unmatched", args=[money.pk])
        assert work.get(url).status_code == 200
        assert work.post(url, {"act": "assign", "number": f" {parcel.number.upper()} "}).status_code == 302
        assert paid(parcel) == "paid"
        money.refresh_from_db()
        assert (money.status, money.resolved_by, money.parcel) == (Status.APPLIED, clerk, parcel)
        for act in (
            {"act": "assign", "number": parcel.number},
            {"act": "give_back", "bank_reference": "x"},
            {"act": "dismiss"},
        ):
            assert work.post(url, act).status_code == 422
        assert PaymentFact.objects.count() == 1
        assert not Refund.objects.exists()

    def test_less_than_is_due_pays_a_part_and_the_rest_is_still_due(self, work, listing, parcel, now):
        money = waits(listing, now, amount=100_000)
        work.post(reverse("portal:unmatched", args=[money.pk]), {"act": "assign", "number": parcel.number})
        assert paid(parcel) == "part_paid"
        work.post(reverse("portal:transfer_received", args=[parcel.number]), {"amount": 50_000})
        assert paid(parcel) == "paid"
        assert sorted(int(fact.amount) for fact in PaymentFact.objects.all()) == [50_000, 100_000]

    def test_it_is_not_applied_to_another_cooperatives_or_a_cancelled_parcel(self, work, listing, parcel, now):
        money = waits(listing, now)
        other = prepaid_order(ListingFactory(), method=TRANSFER, now=now).parcels.get()
        cancel_parcel(parcel=parcel, by=None, now=now, reason="unpaid")
        for number in (other.number, parcel.number, "0000000000", "x" * 20, ""):
            answer = work.post(reverse("portal:unmatched", args=[money.pk]), {"act": "assign", "number": number})
            assert answer.status_code == 422, number
        assert not PaymentFact.objects.exists()
        money.refresh_from_db()
        assert money.status == Status.OPEN

    def test_another_currency_is_only_given_back(self, work, listing, parcel, now):
        money = waits(listing, now, currency="USD")
        url = reverse("portal:unmatched", args=[money.pk])
        assert work.post(url, {"act": "assign", "number": parcel.number}).status_code == 422
        assert paid(parcel) == "awaiting"

    def test_what_was_returned_is_recorded_with_its_reference(self, work, listing, now):
        money = waits(listing, now)
        url = reverse("portal:unmatched", args=[money.pk])
        assert work.post(url, {"act": "give_back", "bank_reference": " "}).status_code == 422
        assert work.post(url, {"act": "give_back", "bank_reference": "FT99"}).status_code == 302
        refund = Refund.objects.get()
        assert (int(refund.amount), refund.external_id, refund.unmatched) == (150_000, "FT99", money)
        money.refresh_from_db()
        assert money.status == Status.REFUNDED

    def test_money_that_is_promised_back_is_not_applied_as_well(self, work, listing, parcel, now):
        money = waits(listing, now)
        refund_unmatched(money=money, now=now)
        url = reverse("portal:unmatched", args=[money.pk])
        assert work.post(url, {"act": "assign", "number": parcel.number}).status_code == 422
        assert work.post(url, {"act": "dismiss"}).status_code == 422
        assert not PaymentFact.objects.exists()
        assert work.post(url, {"act": "give_back", "bank_reference": "FT99"}).status_code == 302
        assert Refund.objects.get().status == Refund.Status.SUCCEEDED

    def test_what_is_not_from_the_market_is_put_aside(self, work, listing, now):
        money = waits(listing, now)
        url = reverse("portal:unmatched", args=[money.pk])
        assert work.post(url, {"act": "dismiss", "note": "Vốn góp"}).status_code == 302
        money.refresh_from_db()
        assert (money.status, money.note) == (Status.DISMISSED, "Vốn góp")
        assert work.post(url, {"act": "delete"}).status_code == 404

    def test_money_of_others_and_of_the_marketplace_is_not_there(self, work, listing, now):
        strangers = waits(ListingFactory(), now, reference="2:a")
        card = waits(listing, now, provider="stripe", reference="pi_1", cooperative=None)
        for money in (strangers, card):
            assert work.get(reverse("portal:unmatched", args=[money.pk])).status_code == 404
        assert work.get(reverse("portal:money")).context["total"] == 0


class TestBankAccount:
    NEW = {"bank_bin": "970405", "account_number": "8301 2050 00123", "holder": "htx nông sản", "password": PASSWORD}

    @pytest.fixture
    def post(self, client, manager):
        client.force_login(manager)
        return lambda **changes: client.post(reverse("portal:bank_account"), self.NEW | changes)

    def test_a_manager_names_it_and_everybody_is_told(self, post, listing, manager, clerk):
        listing.cooperative.email = "htx@example.com"
        listing.cooperative.save()
        clerk.email = "clerk@example.com"
        clerk.save()
        assert post().status_code == 302
        account = account_of(listing.cooperative_id)
        assert (account.bank_bin, account.account_number, account.holder) == ("970405", "8301205000123", "HTX NONG SAN")
        assert account.changed_by == manager
        told = OutboxMessage.objects.filter(key__startswith="bank-account:")
        assert {"htx@example.com", "clerk@example.com"} <= {message.recipient for message in told}
        assert all("8301205000123" not in message.text + message.html for message in told)

    def test_the_database_holds_no_number(self, post, listing):
        post()
        with connection.cursor() as cursor:
            cursor.execute("SELECT account_number FROM payment_bankaccount")
            assert "8301205000123" not in cursor.fetchone()[0]

    def test_a_key_is_changed_by_one_command(self, post, listing, settings):
        post()
        old, new = settings.FIELD_KEYS, Fernet.generate_key().decode()
        settings.FIELD_KEYS = [new, *old]
        call_command("rotate_field_keys")
        settings.FIELD_KEYS = [new]
        assert account_of(listing.cooperative_id).account_number == "8301205000123"

    def test_a_change_keeps_what_was_and_holds_payouts_for_72_hours(self, post, listing):
        post()
        first = account_of(listing.cooperative_id)
        assert payouts_held_until(first) is None
        post(account_number="8301205000999")
        second = account_of(listing.cooperative_id)
        assert BankAccount.objects.count() == 2
        assert payouts_held_until(second) == second.changed_at + timedelta(hours=72)
        first.refresh_from_db()
        assert first.replaced_at == second.changed_at
        post(account_number="8301205000999")
        assert BankAccount.objects.count() == 2

    @pytest.mark.parametrize(
        "change",
        [
            {"password": "wrong"},
            {"password": ""},
            {"bank_bin": "123456"},
            {"account_number": "12345"},
            {"account_number": "tài khoản"},
            {"holder": " "},
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_changes(self, post, listing, change):
        assert post(**change).status_code == 422
        assert account_of(listing.cooperative_id) is None
        assert not OutboxMessage.objects.filter(key__startswith="bank-account:").exists()

    def test_passwords_are_not_tried_without_end(self, post, listing):
        for _try in range(5):
            post(password="wrong")
        assert post().status_code == 422
        assert account_of(listing.cooperative_id) is None

    def test_a_clerk_sees_its_end_and_changes_nothing(self, work, listing, now):
        change_account(
            cooperative=listing.cooperative,
            bank_bin="970405",
            account_number="8301205000123",
            holder="HTX",
            by=None,
            now=now,
        )
        html = work.get(reverse("portal:money")).content.decode()
        assert "•••0123" in html
        assert "8301205000123" not in html
        assert work.post(reverse("portal:bank_account"), self.NEW).status_code == 403


class TestBlock:
    def test_it_has_the_code_and_the_same_as_text(self, client, listing, parcel, now):
        account = change_account(
            cooperative=listing.cooperative,
            bank_bin="970405",
            account_number="8301205000123",
            holder="HTX",
            by=None,
            now=now,
        )
        block = transfer_block(parcel, account)
        assert (block.amount, block.reference) == (150_000, parcel.payment_reference)
        assert block.payload.startswith("000201")
        assert block.svg.startswith("<svg ")
        assert block.png_link.startswith("data:image/png;base64,")

    def test_a_sum_above_what_vietqr_carries_leaves_the_texts(self, listing, parcel, now):
        account = change_account(
            cooperative=listing.cooperative,
            bank_bin="970405",
            account_number="8301205000123",
            holder="HTX",
            by=None,
            now=now,
        )
        parcel.total = 600_000_000
        block = transfer_block(parcel, account)
        assert (block.svg, block.payload, block.png_link) == (None, "", "")

    def test_without_an_account_or_with_nothing_due_there_is_none(self, listing, parcel, now):
        assert transfer_block(parcel, None) is None
        account = change_account(
            cooperative=listing.cooperative,
            bank_bin="970405",
            account_number="8301205000123",
            holder="HTX",
            by=None,
            now=now,
        )
        cancelled = cancel_parcel(parcel=parcel, by=None, now=now, reason="unpaid")
        assert transfer_block(cancelled, account) is None
        assert transfer_block(ParcelFactory(listing=listing), account) is None
