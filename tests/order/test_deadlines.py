"""Nobody confirms: reminded after 48 hours, others told after 60, cancelled after 72. Time is told, not waited for."""

from datetime import timedelta

import pytest

from cooperatives.models import Membership
from cooperatives.partner.models import StockRecord
from marketplace.order import services
from marketplace.order.deadlines import cancel_unconfirmed, remind_unconfirmed
from marketplace.order.models import Parcel
from marketplace.outbox.models import OutboxMessage
from marketplace.payment.models import Refund
from tests.factories.cooperatives import MembershipFactory
from tests.factories.listings import ListingFactory
from tests.factories.money import parcel_of
from tests.factories.orders import PLACED_AT, ParcelFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def after(hours, minutes=0):
    return PLACED_AT + timedelta(hours=hours, minutes=minutes)


@pytest.fixture
def parcel():
    return ParcelFactory()


def told(parcel, event):
    found = OutboxMessage.objects.filter(key__startswith=f"parcel:{parcel.number}:{event}:")
    return set(found.values_list("recipient", flat=True))


def test_before_48_hours_nobody_is_reminded(parcel):
    assert remind_unconfirmed(now=after(47, 59)) == 0


def test_clerks_are_reminded_once(parcel):
    clerk = MembershipFactory(cooperative=parcel.cooperative, user=UserFactory(email="clerk@example.com")).user
    assert remind_unconfirmed(now=after(48)) == 1
    assert remind_unconfirmed(now=after(50)) == 0
    assert told(parcel, "reminder") == {parcel.cooperative.email, clerk.email}


def test_after_60_hours_managers_and_operators_are_told(parcel):
    UserFactory(email="operator@example.com", is_staff=True)
    for role in (Membership.Role.MANAGER, Membership.Role.CLERK):
        MembershipFactory(cooperative=parcel.cooperative, role=role, user=UserFactory(email=f"{role}@example.com"))
    remind_unconfirmed(now=after(48))
    assert remind_unconfirmed(now=after(60)) == 1
    assert remind_unconfirmed(now=after(61)) == 0
    assert told(parcel, "escalation") == {"operator@example.com", "manager@example.com"}


def test_a_clock_that_stood_still_escalates_and_does_not_remind_as_well(parcel):
    assert remind_unconfirmed(now=after(65)) == 1
    assert not told(parcel, "reminder")


def test_what_is_confirmed_is_left_in_peace(parcel):
    services.confirm_parcel(parcel=parcel, by=None, now=after(1))
    assert remind_unconfirmed(now=after(48)) == cancel_unconfirmed(now=after(72)) == 0
    assert Parcel.objects.get().status == "confirmed"


def test_after_72_hours_it_is_cancelled_and_its_stock_is_free(parcel):
    assert cancel_unconfirmed(now=after(71, 59)) == 0
    assert cancel_unconfirmed(now=after(72)) == 1
    assert cancel_unconfirmed(now=after(73)) == 0
    event = parcel.events.get(to_status="cancelled")
    assert (event.reason, event.by) == ("not_confirmed", None)
    assert StockRecord.objects.get().num_allocated == 0
    assert told(parcel, "timed-out") == {parcel.cooperative.email}
    assert OutboxMessage.objects.filter(key=f"parcel:{parcel.number}:event:{event.pk}").exists()


def test_what_was_paid_in_advance_is_given_back():
    parcel_of(100_000)
    cancel_unconfirmed(now=after(72))
    assert Refund.objects.get().amount == 130_000


def test_other_parcels_of_the_order_stay(parcel):
    other = ParcelFactory(listing=ListingFactory(), now=after(10))
    cancel_unconfirmed(now=after(72))
    other.refresh_from_db()
    assert other.status == "placed"
