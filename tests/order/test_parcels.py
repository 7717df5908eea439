from datetime import date, timedelta

import pytest

from cooperatives.linkage.models import SaleEvidence, SaleReduction
from cooperatives.partner.models import StockRecord
from marketplace.order import services
from marketplace.order.models import Parcel, ParcelEvent
from marketplace.order.states import (
    TRANSITIONS,
    OrderStatus,
    ReasonUnknownError,
    ReturnWindowOverError,
    Status,
    TransitionNotAllowedError,
    order_status,
)
from marketplace.outbox.models import OutboxMessage
from tests.factories.listings import ListingFactory
from tests.factories.orders import PLACED_AT, OrderFactory, ParcelFactory, bring_to, do
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ACTS = {
    "confirm": Status.CONFIRMED,
    "pack": Status.PACKED,
    "ready": Status.READY,
    "ship": Status.SHIPPED,
    "deliver": Status.DELIVERED,
    "fail": Status.DELIVERY_FAILED,
    "start_return": Status.RETURNING,
    "return": Status.RETURNED,
    "cancel": Status.CANCELLED,
}


def stock_of(parcel: Parcel) -> tuple[int, int]:
    record = StockRecord.objects.get(product=parcel.lines.get().product)
    return record.num_in_stock, record.num_allocated


@pytest.mark.parametrize("status", list(Status))
def test_only_the_transitions_of_the_table_are_possible_and_a_refusal_changes_nothing(status):
    parcel = ParcelFactory(status=status)
    later = PLACED_AT + DAY
    for act, wanted in ACTS.items():
        if wanted in TRANSITIONS[status]:
            continue
        before = (stock_of(parcel), parcel.events.count(), OutboxMessage.objects.count())
        with pytest.raises(TransitionNotAllowedError) as caught:
            do(parcel, act, now=later)
        assert parcel.number.upper() in str(caught.value)
        parcel.refresh_from_db()
        assert parcel.status == status
        assert before == (stock_of(parcel), parcel.events.count(), OutboxMessage.objects.count())


@pytest.mark.parametrize(("status", "wanted"), [(a, b) for a, following in TRANSITIONS.items() for b in following])
def test_every_transition_of_the_table_is_possible_and_recorded(status, wanted):
    parcel = ParcelFactory(status=status)
    act = next(act for act, leads_to in ACTS.items() if leads_to == wanted)
    moved = do(parcel, act, now=PLACED_AT + DAY)
    event = ParcelEvent.objects.filter(parcel=parcel).latest("occurred_at", "pk")
    assert moved.status == wanted == Parcel.objects.get().status
    assert (event.from_status, event.to_status, event.occurred_at) == (status, wanted, PLACED_AT + DAY)


def test_who_did_it_and_what_they_said_is_kept():
    clerk = UserFactory()
    parcel = ParcelFactory(status="packed")
    services.ship_parcel(parcel=parcel, by=clerk, now=PLACED_AT + DAY, note="Viettel Post 123456")
    event = parcel.events.get(to_status="shipped")
    assert (event.by, event.note) == (clerk, "Viettel Post 123456")


def test_stock_is_held_until_it_is_sent_and_then_leaves_the_shelf():
    parcel = ParcelFactory(units=2, status="packed")
    assert stock_of(parcel) == (40, 4)
    parcel = bring_to(ParcelFactory(units=2), "shipped")
    assert stock_of(parcel) == (36, 0)
    assert parcel.lines.get().num_allocated == 0


def test_a_cancelled_parcel_gives_its_stock_back_once():
    parcel = ParcelFactory(units=2, status="cancelled")
    assert stock_of(parcel) == (40, 0)
    with pytest.raises(TransitionNotAllowedError):
        do(parcel, "cancel", now=PLACED_AT + DAY)
    assert stock_of(parcel) == (40, 0)


def test_a_second_try_at_delivery_takes_no_stock_again():
    parcel = ParcelFactory(units=2, status="delivery_failed")
    services.ship_parcel(parcel=parcel, by=None, now=PLACED_AT + DAY)
    assert stock_of(parcel) == (36, 0)


@pytest.mark.parametrize(("is_restocked", "left"), [(True, 40), (False, 36)])
def test_goods_that_come_back_are_sold_again_only_when_they_are_fit(is_restocked, left):
    parcel = ParcelFactory(units=2, status="returning")
    services.return_parcel(parcel=parcel, by=None, now=PLACED_AT + DAY, is_restocked=is_restocked)
    assert stock_of(parcel) == (left, 0)


def test_a_delivered_parcel_may_be_returned_for_seven_days():
    parcel = ParcelFactory(status="delivered")
    with pytest.raises(ReturnWindowOverError):
        do(parcel, "return", now=parcel.delivered_at + timedelta(days=7, seconds=1))
    assert Parcel.objects.get().status == Status.DELIVERED
    assert do(parcel, "return", now=parcel.delivered_at + timedelta(days=7)).status == Status.RETURNED


def test_a_reason_that_is_none_of_ours_is_refused():
    parcel = ParcelFactory(status="shipped")
    with pytest.raises(ReasonUnknownError):
        services.fail_delivery(parcel=parcel, by=None, now=PLACED_AT + DAY, reason="weather")
    with pytest.raises(ReasonUnknownError):
        services.cancel_parcel(parcel=ParcelFactory(), by=None, now=PLACED_AT + DAY, reason="")
    assert Parcel.objects.get(pk=parcel.pk).status == Status.SHIPPED


def test_the_buyer_hears_of_what_concerns_the_buyer():
    parcel = ParcelFactory()
    OutboxMessage.objects.all().delete()
    bring_to(parcel, "delivered")
    subjects = [message.subject for message in OutboxMessage.objects.order_by("pk")]
    assert len(subjects) == 3
    assert {message.recipient for message in OutboxMessage.objects.all()} == {"lan@example.com"}


def test_the_cooperative_hears_when_the_buyer_cancels():
    parcel = ParcelFactory()
    OutboxMessage.objects.all().delete()
    services.cancel_parcel(parcel=parcel, by=None, now=PLACED_AT + DAY, reason="buyer")
    assert set(OutboxMessage.objects.values_list("recipient", flat=True)) == {
        "lan@example.com",
        parcel.cooperative.email,
    }


@pytest.mark.parametrize(
    ("statuses", "derived"),
    [
        (["placed", "placed"], OrderStatus.PLACED),
        (["placed", "cancelled"], OrderStatus.PLACED),
        (["cancelled", "cancelled"], OrderStatus.CANCELLED),
        (["placed", "confirmed"], OrderStatus.IN_PROGRESS),
        (["delivered", "cancelled"], OrderStatus.COMPLETED),
        (["delivered", "shipped"], OrderStatus.IN_PROGRESS),
        (["returned", "returned"], OrderStatus.RETURNED),
        (["delivered", "returned"], OrderStatus.IN_PROGRESS),
        (["returned", "cancelled"], OrderStatus.RETURNED),
    ],
)
def test_the_status_of_an_order_is_derived_from_its_parcels(statuses, derived):
    assert order_status(statuses) == derived


def test_the_order_follows_its_parcels():
    order = OrderFactory(goods=[(ListingFactory(), 1), (ListingFactory(), 1)])
    first, second = order.parcels.order_by("pk")
    bring_to(first, "delivered")
    order.refresh_from_db()
    assert order.status == OrderStatus.IN_PROGRESS
    bring_to(second, "cancelled")
    order.refresh_from_db()
    assert order.status == OrderStatus.COMPLETED


def test_a_delivered_and_paid_parcel_is_evidence_of_each_line():
    parcel = ParcelFactory(status="delivered", units="1.5")
    line, sale = parcel.lines.get(), SaleEvidence.objects.get()
    assert (sale.source, sale.order_key, sale.amount) == (f"line:{line.pk}", parcel.order.number, 180_000)
    assert (sale.cooperative, sale.commodity, sale.unit) == (parcel.cooperative, line.commodity, line.origin_unit)
    assert (sale.delivered_on, sale.paid_on) == (date(2026, 11, 20), date(2026, 11, 20))


def test_a_parcel_that_was_only_delivered_is_no_evidence():
    parcel = ParcelFactory(status="shipped")
    services.deliver_parcel(parcel=parcel, by=None, now=PLACED_AT + DAY)
    assert not SaleEvidence.objects.exists()


def test_a_return_takes_the_evidence_back_from_its_day_on():
    parcel = ParcelFactory(status="delivered")
    do(parcel, "return", now=PLACED_AT + DAY)
    reduction = SaleReduction.objects.get()
    assert (reduction.amount, reduction.reduced_on) == (120_000, date(2026, 11, 21))
