"""Every message about an order, in both languages: nothing missing in it, the link and the amounts right."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import translation

from marketplace.order import emails_payment
from marketplace.order.amending import Recipient, change_recipient
from marketplace.order.links import order_url
from marketplace.order.models import Parcel
from marketplace.order.problems import answer_problem, report_problem
from marketplace.order.services import cancel_parcel
from marketplace.payment.emails_receipts import ask_for_transfers, tell_holds_end
from marketplace.payment.facts import CURRENCY, Fact, apply_fact
from marketplace.payment.models import BankAccount
from tests.factories.cooperatives import MembershipFactory
from tests.factories.orders import BUYER, PLACED_AT, OrderFactory, ParcelFactory, bring_to, do
from tests.factories.payments import PARCEL_TOTAL, TRANSFER, attempt_of, prepaid_order
from tests.factories.places import CommuneFactory, ProvinceFactory
from tests.factories.users import UserFactory
from tests.messages import told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("told_of_missing_words")]

HOUR = timedelta(hours=1)
PAID = "150.000\xa0₫"


def account_of(parcel: Parcel) -> BankAccount:
    return BankAccount.objects.create(
        cooperative=parcel.cooperative,
        bank_bin="970405",
        account_number="8888123456789",
        holder="HTX HAT DE",
        changed_at=PLACED_AT,
    )


@pytest.mark.parametrize("language", ["vi", "en"])
class TestToTheBuyer:
    def test_the_confirmation_has_the_link_the_goods_and_how_to_pay(self, language):
        order = OrderFactory(buyer=replace(BUYER, language=language))
        (message,) = told(f"order:{order.number}:placed")
        with translation.override(language):
            assert order_url(order) in message.text
        assert order_url(order).split("?")[1].split(":")[0] in message.html
        assert order.lines.get().title in message.text
        assert message.text.count(PAID) >= 2
        assert message.recipient == "lan@example.com"

    @pytest.mark.parametrize(
        "status", ["confirmed", "ready", "shipped", "delivered", "delivery_failed", "returned", "cancelled"]
    )
    def test_each_change_is_told_once(self, language, status):
        parcel = ParcelFactory(buyer=replace(BUYER, language=language))
        parcel = bring_to(parcel, status)
        event = parcel.events.get(to_status=status)
        (message,) = told(f"parcel:{parcel.number}:event:{event.pk}")
        assert parcel.number.upper() in message.text
        assert f"/don-hang/{parcel.order.number}/?khoa=" in message.text
        with translation.override(language):
            assert str(parcel.get_status_display()) in message.text

    def test_what_is_due_at_the_door_stands_in_the_message_that_it_is_on_its_way(self, language):
        parcel = bring_to(ParcelFactory(buyer=replace(BUYER, language=language)), "shipped")
        assert PAID in told(f"parcel:{parcel.number}:event:")[-1].text

    def test_a_transfer_is_asked_for_reminded_of_and_thanked_for_each_once(self, language):
        order = prepaid_order(now=PLACED_AT, method=TRANSFER, buyer=replace(BUYER, language=language))
        parcel = order.parcels.get()
        account_of(parcel)
        for now in (PLACED_AT + HOUR, PLACED_AT + 2 * HOUR):
            ask_for_transfers(now=now)
            tell_holds_end(now=now)
        (asked,) = told(f"parcel:{parcel.number}:transfer:")
        for shown in ("Agribank", "8888123456789", "HTX HAT DE", PAID, parcel.payment_reference, "khoa="):
            assert shown in asked.text, shown
        assert tell_holds_end(now=PLACED_AT + 21 * HOUR) == 1
        assert tell_holds_end(now=PLACED_AT + 21 * HOUR) == 0
        assert len(told(emails_payment.transfer_key(parcel.number, "ends"))) == 1
        fact = Fact("transfer", "FT1", PARCEL_TOTAL, CURRENCY, PLACED_AT + 22 * HOUR)
        for _time in range(2):
            apply_fact(fact=fact, target=attempt_of(order), now=PLACED_AT + 22 * HOUR)
        (paid,) = told(f"order:{order.number}:paid")
        assert PAID in paid.text
        assert "150.000 ₫" in paid.subject
        assert ask_for_transfers(now=PLACED_AT + 23 * HOUR) == 0

    def test_money_that_was_paid_is_promised_back_when_the_parcel_is_cancelled(self, language):
        order = prepaid_order(now=PLACED_AT, method=TRANSFER, buyer=replace(BUYER, language=language))
        fact = Fact("transfer", "FT1", PARCEL_TOTAL, CURRENCY, PLACED_AT + HOUR)
        apply_fact(fact=fact, target=attempt_of(order), now=PLACED_AT + HOUR)
        parcel = do(order.parcels.get(), "cancel", now=PLACED_AT + 2 * HOUR)
        (message,) = told(f"parcel:{parcel.number}:event:")
        assert PAID in message.text
        assert PAID in told("refund:")[0].text

    def test_the_answer_to_a_problem_is_told(self, language):
        parcel = ParcelFactory(buyer=replace(BUYER, language=language), status="delivered")
        now = PLACED_AT + 24 * HOUR
        problem = report_problem(
            parcel=parcel, key=uuid4(), kind="damaged", text="Vỡ <b>túi</b>", photos=[], by=None, now=now
        )
        answer_problem(problem=problem, answer="Chúng tôi gửi lại ngày mai.", by=UserFactory(), now=now)
        (message,) = told(f"problem:{problem.pk}:answered")
        assert "gửi lại ngày mai" in message.text
        assert "khoa=" in message.text


@pytest.mark.parametrize("language", ["vi", "en"])
class TestWithoutAnEmailAddress:
    def test_the_phone_is_told_where_something_is_asked_of_the_buyer(self, language):
        buyer = replace(BUYER, email="", language=language)
        parcel = bring_to(ParcelFactory(buyer=buyer), "delivery_failed")
        texts = [message for message in told("") if message.channel == "text" and message.recipient == "+84912345678"]
        assert [message.template for message in texts] == ["order_placed", "parcel_shipped", "parcel_failed"]
        for message in texts:
            assert f"/don-hang/{parcel.order.number}/?khoa=" in message.text
            assert "khoa=" in message.parameters["url"]
        assert not [message for message in told("") if message.recipient == "lan@example.com"]

    def test_ready_and_cancelled_are_told_too(self, language):
        buyer = replace(BUYER, email="", language=language)
        bring_to(ParcelFactory(buyer=buyer), "ready")
        do(ParcelFactory(buyer=buyer), "cancel", now=PLACED_AT + HOUR)
        templates = {message.template for message in told("parcel:") if message.channel == "text"}
        assert {"parcel_ready", "parcel_cancelled"} <= templates

    def test_a_landline_gets_nothing_and_costs_no_error(self, language):
        order = OrderFactory(buyer=replace(BUYER, email="", phone="+842063852123", language=language))
        assert told(f"order:{order.number}:placed") == []


class TestToTheCooperative:
    def test_a_new_order_says_how_it_is_paid(self):
        cash = ParcelFactory()
        MembershipFactory(cooperative=cash.cooperative)
        again = ParcelFactory(listing=cash.lines.get().product)
        awaited = prepaid_order(again.lines.get().product, now=PLACED_AT, method=TRANSFER).parcels.get()
        by_cash = told(f"parcel:{again.number}:placed")
        by_transfer = told(f"parcel:{awaited.number}:placed")
        assert by_cash
        assert by_transfer
        assert by_cash[0].subject.split("(")[1] != by_transfer[0].subject.split("(")[1]
        assert BUYER.email not in by_cash[0].text

    def test_its_mobile_phone_gets_a_text(self):
        parcel = ParcelFactory()
        cooperative = parcel.cooperative
        cooperative.phone = "+84912000001"
        cooperative.save()
        new = ParcelFactory(listing=parcel.lines.get().product)
        (text,) = [message for message in told(f"parcel:{new.number}:placed") if message.channel == "text"]
        assert (text.recipient, text.template) == ("+84912000001", "order_new")
        assert new.number.upper() in text.text

    def test_it_hears_of_the_buyers_own_cancelling_of_payment_and_of_another_address(self):
        order = prepaid_order(now=PLACED_AT, method=TRANSFER)
        parcel = order.parcels.get()
        clerk = MembershipFactory(cooperative=parcel.cooperative).user
        clerk.email = "thu@example.com"
        clerk.save()
        fact = Fact("transfer", "FT1", PARCEL_TOTAL, CURRENCY, PLACED_AT + HOUR)
        apply_fact(fact=fact, target=attempt_of(order), now=PLACED_AT + HOUR)
        assert PAID in told(f"parcel:{parcel.number}:paid:")[0].text
        commune = CommuneFactory(is_new=True, parent=ProvinceFactory())
        new = Recipient("Trần Văn Bình", "+84987654321", commune, "5 ngõ Chợ", "cổng xanh")
        change_recipient(order=order, recipient=new, by=None, now=PLACED_AT + 2 * HOUR)
        (changed,) = [each for each in told(f"parcel:{parcel.number}:change:") if each.recipient == "thu@example.com"]
        for shown in ("Trần Văn Bình", "0987 654 321", "5 ngõ Chợ", "cổng xanh", commune.name):
            assert shown in changed.text, shown
        cancel_parcel(parcel=parcel, by=None, now=PLACED_AT + 3 * HOUR, reason="buyer")
        assert parcel.number.upper() in told(f"parcel:{parcel.number}:cancelled")[0].text

    def test_a_problem_is_told_without_markup_of_the_buyers(self):
        parcel = ParcelFactory(status="delivered")
        clerk = MembershipFactory(cooperative=parcel.cooperative).user
        clerk.email = "thu@example.com"
        clerk.save()
        now = PLACED_AT + 24 * HOUR
        text = "<script>alert(1)</script> Vỡ túi"
        problem = report_problem(parcel=parcel, key=uuid4(), kind="damaged", text=text, photos=[], by=None, now=now)
        message = next(each for each in told(f"problem:{problem.pk}:") if each.recipient == "thu@example.com")
        assert "Vỡ túi" in message.text
        assert "<script>" not in message.html
        assert f"/lam-viec/van-de/{problem.pk}/" in message.text
