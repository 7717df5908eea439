"""Many buyers at once, each in a thread with a connection of its own, placing real orders."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models.functions import Coalesce
from oscar.apps.voucher.models import Voucher, VoucherApplication

from cooperatives.partner import services as stock
from cooperatives.partner.models import StockRecord
from marketplace.basket.models import Basket
from marketplace.basket.services import use_voucher
from marketplace.checkout import usage
from marketplace.checkout.services import CheckoutError, GoodsGoneError
from marketplace.common.locks import locked
from marketplace.order.models import Line, Order, OrderDiscount
from marketplace.order.placing import Address
from marketplace.outbox.models import OutboxMessage
from tests.factories.listings import ListingFactory
from tests.factories.offers import voucher
from tests.factories.orders import PLACED_AT, basket_with, destination, place

BUYERS = 50
PIECES = 20


@pytest.fixture
def hens():
    return ListingFactory(sale_unit="piece", step=1, price_per_unit=150_000, stock=PIECES)


def all_at_once(act: Callable[[int], object], times: int, *, workers: int, is_patient: bool = True) -> list[object]:
    """What each call returned or raised; as many as there are workers start together.

    The patient wait for a lock however long it takes: the last of many does so for seconds on a slow machine.
    """
    together = Barrier(workers)

    def run(turn: int) -> object:
        try:
            if is_patient and connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = '60s'")
            if turn < workers:
                together.wait(60)
            return act(turn)
        except Exception as error:  # noqa: BLE001 - every outcome is counted
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, range(times)))


def buy_all(listing, buyers: int, *, workers: int) -> list[object]:
    baskets = [basket_with((listing, 1)) for _ in range(buyers)]
    address = Address(commune=destination(), street="12 phố Xuân Trường")
    return all_at_once(lambda turn: place(baskets[turn], address=address, seen_total=180_000), buyers, workers=workers)


def outcomes(results: list[object]) -> Counter:
    return Counter(type(result).__name__ for result in results)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_fifty_buyers_of_twenty_make_twenty_orders_and_thirty_clear_refusals(hens):
    results = buy_all(hens, BUYERS, workers=BUYERS)
    assert outcomes(results) == {"Order": PIECES, "GoodsGoneError": BUYERS - PIECES}
    assert all(hens.title in str(result) for result in results if isinstance(result, GoodsGoneError))
    record = StockRecord.objects.get(product=hens)
    assert (record.num_in_stock, record.num_allocated) == (PIECES, PIECES)
    assert Order.objects.count() == Line.objects.count() == PIECES
    assert OutboxMessage.objects.filter(recipient="lan@example.com").count() == PIECES


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_guard_the_same_race_oversells(hens, monkeypatch):
    """The control: a race that this cannot lose would prove nothing."""
    constraint = next(c for c in StockRecord._meta.constraints if c.name == "stockrecord_allocation_within_stock")
    everybody = Barrier(BUYERS)

    def read_then_write(steps: stock.Steps) -> None:
        for pk, wanted in steps.items():
            record = StockRecord.objects.get(pk=pk)
            everybody.wait(60)
            if record.num_in_stock - record.num_allocated < wanted:
                raise stock.StockShortError(stockrecord_id=pk)
            StockRecord.objects.filter(pk=pk).update(num_allocated=Coalesce("num_allocated", 0) + wanted)

    monkeypatch.setattr(stock, "allocate", read_then_write)
    with connection.schema_editor() as editor:
        editor.remove_constraint(StockRecord, constraint)
    try:
        results = buy_all(hens, BUYERS, workers=BUYERS)
        assert outcomes(results)["Order"] > PIECES
        assert StockRecord.objects.get(product=hens).num_allocated > PIECES
    finally:
        StockRecord.objects.update(num_allocated=0)
        with connection.schema_editor() as editor:
            editor.add_constraint(StockRecord, constraint)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_whoever_waits_too_long_for_a_lock_is_asked_to_press_again(hens):
    basket = basket_with((hens, 1))
    address = Address(commune=destination(), street="12 phố Xuân Trường")
    with transaction.atomic():
        locked(StockRecord.objects.filter(product=hens))
        results = all_at_once(
            lambda _turn: place(basket, address=address, seen_total=180_000), 1, workers=1, is_patient=False
        )
    assert outcomes(results) == {"BusyError": 1}
    assert not Order.objects.exists()
    assert place(basket, address=address, seen_total=180_000) == Order.objects.get()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_to_oversell_even_when_the_code_would(hens):
    with pytest.raises(IntegrityError):
        StockRecord.objects.filter(product=hens).update(num_allocated=PIECES + 1)


@pytest.mark.parametrize("workers", [10])
@pytest.mark.django_db(transaction=True)
def test_the_same_token_ten_times_in_parallel_is_one_order(hens, workers):
    basket, token = basket_with((hens, 2)), uuid4()
    address = Address(commune=destination(), street="12 phố Xuân Trường")
    results = all_at_once(
        lambda _turn: place(basket, token=token, address=address, seen_total=330_000), workers, workers=workers
    )
    order = Order.objects.get()
    assert results == [order] * workers
    assert StockRecord.objects.get(product=hens).num_allocated == 2


def last_use(buyers: int) -> list[object]:
    """So many buyers order with the same code, which may be used once. Of other goods each: no stock holds them up."""
    voucher(usage=Voucher.SINGLE_USE)
    baskets = [basket_with((ListingFactory(price_per_unit=100_000, step=1), 1)) for _ in range(buyers)]
    for basket in baskets:
        use_voucher(basket=basket, code="TET2027", owner=None, now=PLACED_AT)
    address = Address(commune=destination(), street="12 phố Xuân Trường")
    return all_at_once(lambda turn: place(baskets[turn], address=address, seen_total=120_000), buyers, workers=buyers)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_last_use_of_a_code_by_twenty_buyers_is_one_order_and_nineteen_kept_baskets():
    results = last_use(20)
    found = outcomes(results)
    assert found["Order"] == 1
    # Who quoted before the use was taken hears of it under the lock, who came later sees another total.
    assert found["VoucherGoneError"] + found["PriceChangedError"] == 19
    assert VoucherApplication.objects.count() == OrderDiscount.objects.count() == Voucher.objects.get().num_orders == 1
    assert Basket.objects.filter(status=Basket.OPEN).count() == 19
    assert all(str(result) for result in results if not isinstance(result, Order))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_on_the_code_the_same_race_gives_it_away_more_than_once(monkeypatch):
    """The control: a race that this cannot lose would prove nothing. Everybody looks before anybody takes."""
    look, everybody = usage.voucher_problem, Barrier(20)

    def look_and_wait(*args, **kwargs):
        problem = look(*args, **kwargs)
        everybody.wait(60)
        return problem

    monkeypatch.setattr(usage, "locked", list)
    monkeypatch.setattr(usage, "voucher_problem", look_and_wait)
    results = last_use(20)
    assert outcomes(results)["Order"] > 1
    assert VoucherApplication.objects.count() > 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_a_time_nobody_fails(hens):
    """On SQLite as on PostgreSQL: whoever is not refused for want of goods has an order."""
    results = buy_all(hens, 32, workers=8)
    assert outcomes(results) == {"Order": PIECES, "GoodsGoneError": 12}
    assert all(isinstance(result, Order | CheckoutError) for result in results)
