from datetime import timedelta

import pytest

from cooperatives.linkage.models import SaleEvidence
from marketplace.order.models import Parcel
from marketplace.order.states import TransitionNotAllowedError
from marketplace.payment.models import PaymentFact
from marketplace.payment.services import deliver_with_cash
from tests.factories.orders import PLACED_AT, ParcelFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

NOW = PLACED_AT + timedelta(days=1)


def test_delivered_and_paid_is_one_act_that_makes_two_records():
    clerk, parcel = UserFactory(), ParcelFactory(status="shipped")
    parcel = deliver_with_cash(parcel=parcel, by=clerk, now=NOW)
    fact = PaymentFact.objects.get()
    assert (parcel.status, parcel.payment_status) == ("delivered", "paid")
    assert (parcel.delivered_at, parcel.paid_at) == (NOW, NOW)
    assert (fact.parcel, fact.amount, fact.provider, fact.reference) == (parcel, 150_000, "cash", parcel.number)
    assert fact.recorded_by == clerk
    assert SaleEvidence.objects.count() == 1


def test_a_parcel_that_was_not_sent_is_not_delivered_and_no_money_is_recorded():
    parcel = ParcelFactory(status="confirmed")
    with pytest.raises(TransitionNotAllowedError):
        deliver_with_cash(parcel=parcel, by=None, now=NOW)
    assert not PaymentFact.objects.exists()
    assert Parcel.objects.get().payment_status == "unpaid"


def test_cash_told_twice_is_received_once():
    parcel = deliver_with_cash(parcel=ParcelFactory(status="shipped"), by=None, now=NOW)
    with pytest.raises(TransitionNotAllowedError):
        deliver_with_cash(parcel=parcel, by=None, now=NOW)
    assert PaymentFact.objects.count() == 1


@pytest.mark.parametrize("status", ["cancelled", "returning", "returned"])
def test_no_money_is_taken_for_what_was_cancelled_or_comes_back(status):
    parcel = ParcelFactory(status=status)
    with pytest.raises(TransitionNotAllowedError):
        deliver_with_cash(parcel=parcel, by=None, now=NOW)
    assert not PaymentFact.objects.exists()
