"""A bank's statement that pays N parcels, imported: python -m tests.bench.ours.statement PARCELS.

Imports a tenth of them first and then all, each with its own parcels, and prints JSON: how many blocks of Python's
memory were held at most, and the elapsed time of each. Blocks are counted while rows go by, which costs next to nothing; to
trace each allocation made the import five times slower. Everything happens in one transaction that is rolled back.
"""

import csv
import gc
import io
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from random import Random

import django

django.setup()

from django.db import transaction  # noqa: E402

from cooperatives.models import Cooperative  # noqa: E402
from marketplace.common.identifiers import new_identifier  # noqa: E402
from marketplace.order.models import Order, Parcel  # noqa: E402
from marketplace.order.placing import payment_reference  # noqa: E402
from marketplace.payment.attempts import open_attempts  # noqa: E402
from marketplace.payment.statement_import import BATCH, import_statement  # noqa: E402
from marketplace.payment.transfers import Result  # noqa: E402

PLACED_AT = datetime(2026, 11, 1, 3, tzinfo=UTC)
LOOK_EVERY = 10
NAMES = ("Ngày giao dịch", "Số tham chiếu", "Ghi nợ", "Ghi có", "Số dư", "Nội dung")


def main(count: int) -> None:
    # The first import of a process also loads what every later one uses.
    measured = {}
    with transaction.atomic():
        # Of several batches too: the first of them sets the peak.
        for name, parcels in (("warm", 20), ("tenth", max(count // 10, 2 * BATCH)), ("whole", count)):
            measured[name] = measure(parcels)
        transaction.set_rollback(True)
    print(json.dumps(measured))


def measure(count: int) -> dict[str, float]:
    cooperative = Cooperative.objects.order_by("pk").first()
    file = statement(wait_for_transfers(cooperative, count))
    gc.collect()
    # What the process holds for good need not be looked through each time.
    gc.freeze()
    before = peak = sys.getallocatedblocks()
    began = time.perf_counter()
    rows = import_statement(
        file=file, cooperative=cooperative, by=None, now=PLACED_AT + timedelta(hours=6), maximum_rows=count
    )
    paid = 0
    for number, row in enumerate(rows, start=1):
        paid += row.finding is not None and row.finding.result is Result.PAID
        if number % LOOK_EVERY == 0:
            peak = max(peak, sys.getallocatedblocks())
        if number % BATCH == 0:
            # What is held counts, not what Django's queries leave to the collector and when that comes by.
            gc.collect()
    elapsed = time.perf_counter() - began
    if paid != count:
        raise RuntimeError(f"{paid} of {count} parcels were paid")
    return {"rows": count, "blocks": peak - before, "seconds": elapsed}


def wait_for_transfers(cooperative: Cooperative, count: int) -> list[str]:
    """References of new parcels, written in bulk."""
    rng = Random(count)
    orders = Order.objects.bulk_create(
        [
            Order(number=new_identifier(10, rng), total_incl_tax=150_000, total_excl_tax=150_000, date_placed=PLACED_AT)
            for _number in range(count)
        ]
    )
    parcels = Parcel.objects.bulk_create(parcel_of(order, cooperative, rng) for order in orders)
    for order, parcel in zip(orders, parcels, strict=True):
        open_attempts(order=order, parcels=[parcel], now=PLACED_AT)
    return [str(parcel.payment_reference) for parcel in parcels]


def parcel_of(order: Order, cooperative: Cooperative, rng: Random) -> Parcel:
    number = new_identifier(10, rng)
    return Parcel(
        number=number,
        order=order,
        cooperative=cooperative,
        payment_method=Parcel.PaymentMethod.TRANSFER,
        payment_status=Parcel.PaymentStatus.AWAITING,
        payment_reference=payment_reference(number),
        hold_expires_at=PLACED_AT + timedelta(days=1),
        goods_total=150_000,
        delivery_charge=0,
        total=150_000,
        placed_at=PLACED_AT,
    )


def statement(references: list[str]) -> io.BytesIO:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(NAMES)
    for number, reference in enumerate(references):
        memo = f"MBVCB.{number:010d}.{reference}.CT tu 0351000646393 NONG THI HOA toi 8301205000123"
        writer.writerow(["01/11/2026", f"FT{reference[3:]}", "", "150.000", "", memo])
    return io.BytesIO(text.getvalue().encode())


if __name__ == "__main__":
    main(int(sys.argv[1]))
