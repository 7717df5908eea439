"""The messages about money given back, another weight, another invoice and the time to confirm: to whom, in which language,
and the amounts in both of their forms.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.utils import translation
from django.utils.translation import gettext

from cooperatives.models import Membership
from marketplace.order.amending import change_invoice
from marketplace.order.deadlines import cancel_unconfirmed, remind_unconfirmed
from marketplace.order.models import WeightConsent
from marketplace.order.packing import answer_consent, record_weights
from marketplace.order.placing import InvoiceTo
from marketplace.payment.models import Refund
from marketplace.payment.providers.base import RefundAnswer
from marketplace.payment.refund_sending import apply_answer
from marketplace.payment.refunds import contest_refund, record_refund_given, request_refund
from tests.factories.cooperatives import MembershipFactory
from tests.factories.money import goods, order_of, parcel_of, pay
from tests.factories.orders import PLACED_AT, ParcelFactory, bring_to
from tests.factories.users import UserFactory
from tests.messages import told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("told_of_missing_words")]

LATER = PLACED_AT + timedelta(hours=9)
BUYER, CLERK, FINANCE = "lan@example.com", "thu@example.com", "ke-toan@example.com"
OTHER = {"vi": "en", "en": "vi"}
languages = pytest.mark.parametrize("language", ["vi", "en"])


def paid_parcel(language, *, method="card", status="delivered"):
    """Of 120.000 ₫ and its delivery; its cooperative has a clerk."""
    parcel = parcel_of(120_000, method=method)
    MembershipFactory(cooperative=parcel.cooperative, user=UserFactory(email=CLERK))
    parcel.order.language = language
    parcel.order.save(update_fields=["language"])
    return bring_to(parcel, status)


def refund_of(parcel, amount=50_000) -> Refund:
    (refund,) = request_refund(parcel=parcel, key="1", reason="damaged", amount=amount, now=LATER)
    return refund


def answer(refund, status):
    given = RefundAnswer(status, f"re_{refund.pk}", amount=int(refund.amount), currency="VND")
    apply_answer(refund=refund, answer=given, now=LATER)


def only(messages, recipient):
    (message,) = [message for message in messages if message.recipient == recipient]
    return message


def assert_says(message, *shown, language="vi"):
    """In the text and in the page, both in that language and no other."""
    for words in shown:
        assert words in message.text, words
        assert words in message.html, words
    link = "Follow the order" if message.recipient == BUYER else "Open the workplace"
    with translation.override(language):
        own = gettext(link)
    with translation.override(OTHER[language]):
        foreign = gettext(link)
    assert own in message.html
    assert foreign not in message.html


@languages
class TestRefundsToTheBuyer:
    def test_one_by_card_is_promised_made_and_told_once(self, language):
        parcel = paid_parcel(language)
        refund = refund_of(parcel)
        (promised,) = told(f"refund:{refund.pk}:promised")
        assert_says(promised, "50.000\xa0₫", parcel.number.upper(), language=language)
        for _ in range(2):
            answer(refund, "succeeded")
        (made,) = told(f"refund:{refund.pk}:returned")
        assert made.recipient == BUYER
        assert_says(made, "50.000\xa0₫", language=language)
        assert parcel.number.upper() in made.subject
        assert not [message for message in told(f"refund:{refund.pk}") if message.recipient == CLERK]

    @pytest.mark.parametrize("first", ["requested", "succeeded"])
    def test_one_that_failed_is_told_whether_at_once_or_days_later(self, language, first):
        parcel = paid_parcel(language)
        refund = refund_of(parcel)
        for status in {"requested": ["failed", "failed"], "succeeded": ["succeeded", "failed", "failed"]}[first]:
            answer(refund, status)
        (message,) = told(f"refund:{refund.pk}:failed")
        assert message.recipient == BUYER
        assert_says(message, "50.000\xa0₫", language=language)
        assert parcel.number.upper() in message.subject

    def test_one_of_the_cooperative_is_asked_of_it_given_and_contested(self, language):
        finance = UserFactory(email=FINANCE)
        finance.user_permissions.add(Permission.objects.get(codename="change_unmatchedmoney"))
        parcel = paid_parcel(language, method="transfer")
        refund = refund_of(parcel)
        asked = only(told(f"refund:{refund.pk}:promised"), CLERK)
        assert_says(asked, "50.000\xa0₫", parcel.number.upper(), parcel.order.buyer_name)
        refund = record_refund_given(refund=refund, reference="FT2632", now=LATER)
        (given,) = told(f"refund:{refund.pk}:given")
        assert given.recipient == BUYER
        assert_says(given, "50.000\xa0₫", "FT2632", language=language)
        contest_refund(refund=refund, note="Chưa thấy", now=LATER)
        contested = told(f"refund:{refund.pk}:contested")
        assert {CLERK, FINANCE} <= {message.recipient for message in contested}
        assert BUYER not in {message.recipient for message in contested}
        for message in contested:
            assert "50.000\xa0₫" in message.text
            assert "Chưa thấy" in message.html


@languages
class TestWeights:
    @pytest.fixture
    def parcel(self, language):
        """2 kg of hens at 120.000 ₫, weighed when packed, paid before."""
        [(listing, _steps)] = goods(120_000, is_weighed=True)
        parcel = order_of([(listing, 4)], method="transfer").parcels.get()
        MembershipFactory(cooperative=parcel.cooperative, user=UserFactory(email=CLERK))
        parcel.order.language = language
        parcel.order.save(update_fields=["language"])
        pay(parcel)
        return bring_to(parcel, "confirmed")

    def weigh(self, parcel, kilograms):
        weights = {parcel.lines.get().pk: Decimal(kilograms)}
        return record_weights(parcel=parcel, weights=weights, by=None, now=LATER)

    def test_lighter_goods_tell_the_new_total_and_what_comes_back(self, parcel, language):
        self.weigh(parcel, "1.9")
        (recharged,) = told(f"parcel:{parcel.number}:recharged")
        assert recharged.recipient == BUYER
        assert_says(recharged, "258.000\xa0₫", "270.000\xa0₫", language=language)
        refund = Refund.objects.get()
        back = only(told(f"refund:{refund.pk}:promised"), BUYER)
        assert_says(back, "12.000\xa0₫", language=language)

    @pytest.mark.parametrize("is_accepted", [True, False])
    def test_heavier_goods_are_a_question_and_the_clerk_hears_the_answer(self, parcel, language, is_accepted):
        self.weigh(parcel, "2.5")
        consent = WeightConsent.objects.get(line__parcel=parcel)
        (question,) = told(f"consent:{consent.pk}:asked")
        assert question.recipient == BUYER
        with translation.override(language):
            assert gettext("Answer here") in question.html
        for shown in ("300.000\xa0₫", "240.000\xa0₫"):
            assert shown in question.text
            assert shown in question.html
        answer_consent(consent=consent, is_accepted=is_accepted, now=LATER)
        message = only(told(f"consent:{consent.pk}:answered"), CLERK)
        assert_says(message, "2,5 kg" if is_accepted else "2 kg")


class TestToTheCooperative:
    def test_another_invoice_is_told_and_that_none_is_asked_for(self):
        parcel = ParcelFactory()
        MembershipFactory(cooperative=parcel.cooperative, user=UserFactory(email=CLERK))
        invoice = InvoiceTo(name="Công ty Sông Bằng", tax_code="0100109106", address="Cao Bằng", email="kt@example.com")
        change_invoice(order=parcel.order, invoice=invoice, by=None, now=LATER)
        changed = only(told(f"parcel:{parcel.number}:invoice:"), CLERK)
        assert_says(changed, "Công ty Sông Bằng", parcel.number.upper())
        change_invoice(order=parcel.order, invoice=None, by=None, now=LATER + timedelta(hours=1))
        *_, last = [message for message in told(f"parcel:{parcel.number}:invoice:") if message.recipient == CLERK]
        assert_says(last, parcel.number.upper())
        assert "Công ty Sông Bằng" not in last.text

    def test_the_reminder_the_escalation_and_the_end_say_until_when(self):
        parcel = ParcelFactory()
        clerk = UserFactory(email=CLERK)
        MembershipFactory(cooperative=parcel.cooperative, role=Membership.Role.CLERK, user=clerk)
        UserFactory(email="operator@example.com", is_staff=True)
        for hours in (48, 60):
            remind_unconfirmed(now=PLACED_AT + timedelta(hours=hours))
        # Placed on 20/11 at 10:00 in Việt Nam: three days later it is over.
        reminder = only(told(f"parcel:{parcel.number}:reminder:"), CLERK)
        escalation = only(told(f"parcel:{parcel.number}:escalation:"), "operator@example.com")
        for message in (reminder, escalation):
            assert_says(message, parcel.number.upper(), "23/11/2026")
        assert parcel.cooperative.short_name in escalation.subject
        cancel_unconfirmed(now=PLACED_AT + timedelta(hours=72))
        ended = only(told(f"parcel:{parcel.number}:timed-out:"), CLERK)
        assert_says(ended, parcel.number.upper())
        assert {message.recipient for message in told(f"parcel:{parcel.number}:event:")} == {BUYER}
