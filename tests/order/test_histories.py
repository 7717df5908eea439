"""Random histories of orders: whatever happens, totals add up and stock is held exactly for what is still to be sent."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cooperatives.linkage.models import SaleEvidence
from cooperatives.partner.models import StockRecord
from marketplace.basket.services import BasketError
from marketplace.checkout.services import EmptyBasketError
from marketplace.common.errors import DomainError
from marketplace.order import evidence
from marketplace.order.models import Line, Order, Parcel
from marketplace.order.placing import Address
from marketplace.order.states import HOLDS_STOCK, TRANSITIONS, Status, order_status
from marketplace.payment.models import PaymentFact
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import PLACED_AT, basket_with, destination, do, place

ACTS = ["confirm", "pack", "ship", "deliver", "fail", "start_return", "return", "cancel"]
LEADS_TO = dict(
    zip(
        ACTS,
        [
            Status.CONFIRMED,
            Status.PACKED,
            Status.SHIPPED,
            Status.DELIVERED,
            Status.DELIVERY_FAILED,
            Status.RETURNING,
            Status.RETURNED,
            Status.CANCELLED,
        ],
        strict=True,
    )
)


class Histories(RuleBasedStateMachine):
    """Each history is a transaction, taken back at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.history = transaction.atomic()
        self.history.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.history.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        assert not Order.objects.exists()
        sellers = [CooperativeFactory(), CooperativeFactory()]
        self.listings = [
            ListingFactory(cooperative=sellers[0], step=Decimal("0.5"), price_per_unit=120_000, stock=8),
            ListingFactory(cooperative=sellers[0], step=1, price_per_unit=35_000, sale_unit="bundle", stock=6),
            ListingFactory(cooperative=sellers[1], step=Decimal("0.1"), price_per_unit=300_000, stock=1),
        ]
        self.address = Address(commune=destination(), street="12 phố Xuân Trường")
        self.stock = {record.product_id: record.num_in_stock for record in StockRecord.objects.all()}
        self.now = PLACED_AT

    @rule(steps=st.lists(st.integers(0, 6), min_size=3, max_size=3))
    def order(self, steps: list[int]) -> None:
        wanted = [(listing, n * listing.step) for listing, n in zip(self.listings, steps, strict=True) if n]
        before = Order.objects.count()
        try:
            order = place(basket_with(*wanted, now=self.now), address=self.address, now=self.now)
        except (BasketError, EmptyBasketError):
            # Goods ran short while the basket was filled, or nothing was wanted.
            assert Order.objects.count() == before
            return
        assert order.total_incl_tax == sum(parcel.total for parcel in order.parcels.all())

    @rule(which=st.integers(0, 20), act=st.sampled_from(ACTS), hours=st.integers(0, 40))
    def move(self, which: int, act: str, hours: int) -> None:
        parcels = list(Parcel.objects.order_by("pk"))
        if not parcels:
            return
        self.now += timedelta(hours=hours)
        parcel = parcels[which % len(parcels)]
        status = parcel.status
        try:
            moved = do(parcel, act, now=self.now)
        except DomainError:
            parcel.refresh_from_db()
            assert parcel.status == status
            return
        assert moved.status == LEADS_TO[act]
        assert LEADS_TO[act] in TRANSITIONS[status]

    @invariant()
    def stock_is_held_for_what_is_to_be_sent_and_for_nothing_else(self) -> None:
        for record in StockRecord.objects.all():
            lines = Line.objects.filter(stockrecord=record)
            waiting = lines.filter(parcel__status__in=HOLDS_STOCK)
            assert record.num_allocated == steps_of(waiting, "quantity") == steps_of(lines, "num_allocated")
            never_sent = lines.filter(parcel__status__in=[*HOLDS_STOCK, Status.CANCELLED, Status.RETURNED])
            away = steps_of(lines, "quantity") - steps_of(never_sent, "quantity")
            assert record.num_in_stock == self.stock[record.product_id] - away

    @invariant()
    def parcels_add_up_to_the_order_and_lines_to_the_parcel(self) -> None:
        for order in Order.objects.prefetch_related("parcels__lines"):
            parcels = order.parcels.all()
            assert order.total_incl_tax == sum(parcel.total for parcel in parcels)
            assert order.shipping_incl_tax == sum(parcel.delivery_charge for parcel in parcels)
            assert order.status == order_status([parcel.status for parcel in parcels])
            for parcel in parcels:
                assert parcel.goods_total == sum(line.line_price_incl_tax for line in parcel.lines.all())
                for line in parcel.lines.all():
                    assert line.line_price_incl_tax == line.units * line.price_per_unit

    @invariant()
    def money_was_received_for_what_is_paid_and_evidence_is_what_a_rebuild_would_write(self) -> None:
        paid = Parcel.objects.filter(payment_status="paid").aggregate(total=Sum("total"))["total"]
        assert paid == PaymentFact.objects.aggregate(total=Sum("amount"))["total"]
        told = [(fact.source, fact.amount, len(fact.reductions)) for fact in evidence.sale_facts()]
        kept = SaleEvidence.objects.order_by("source").prefetch_related("reductions")
        assert sorted(told) == sorted((sale.source, sale.amount, len(sale.reductions.all())) for sale in kept)


def steps_of(lines, field: str) -> int:
    return lines.aggregate(total=Sum(field))["total"] or 0


@pytest.mark.django_db
def test_random_histories_keep_totals_stock_money_and_evidence_in_line():
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=8, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
