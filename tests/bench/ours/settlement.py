"""A statement of N parcels, swept and written as a workbook: python -m tests.bench.ours.settlement PARCELS.

Of a tenth of them first, then of all, each of a cooperative of its own. Prints JSON: the peak of Python's memory and the
elapsed time of each. Everything happens in one transaction that is rolled back.
"""

import gc
import json
import sys
import time
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from random import Random

import django

django.setup()

from django.db import transaction  # noqa: E402

from cooperatives.models import Cooperative  # noqa: E402
from marketplace.common.identifiers import new_identifier  # noqa: E402
from marketplace.ledger.models import Account, Entry, Transaction  # noqa: E402
from marketplace.ledger.services import account_ids  # noqa: E402
from marketplace.order.models import Order, Parcel  # noqa: E402
from marketplace.settlement.sheets import statement_workbook  # noqa: E402
from marketplace.settlement.sweep import BATCH, settle  # noqa: E402

PLACED_AT = datetime(2101, 1, 5, 3, tzinfo=UTC)
PERIOD_TO = date(2101, 1, 31)
SWEPT_AT = datetime(2101, 2, 1, 3, tzinfo=UTC)
TOTAL, FEE = 150_000, 3_750


def main(count: int) -> None:
    measured = {}
    with transaction.atomic():
        # The first statement of a process also loads what every later one uses; of several batches, the first sets the peak.
        sizes = (("warm", 20), ("tenth", max(count // 10, 2 * BATCH)), ("whole", count))
        for name, parcels in sizes:
            cooperative = new_cooperative(name)
            write_parcels(cooperative, parcels)
            measured[name] = measure(cooperative, parcels)
        transaction.set_rollback(True)
    print(json.dumps(measured))


def new_cooperative(name: str) -> Cooperative:
    return Cooperative.objects.create(
        name=f"HTX {name}",
        short_name=name,
        slug=f"bench-{name}",
        registration_number=f"bench-{name}",
        registered_on=PLACED_AT.date(),
        registered_by="bench",
        representative="bench",
    )


def measure(cooperative: Cooperative, count: int) -> dict[str, float]:
    # What Django holds for good is left out of the collector's reckoning, or rubbish would pile up in proportion to it.
    gc.collect()
    gc.freeze()
    tracemalloc.start()
    began = time.perf_counter()
    statement = settle(cooperative=cooperative, period_to=PERIOD_TO, now=SWEPT_AT)
    if statement is None:
        raise RuntimeError("nothing was settled")
    statement_workbook(statement).close()
    elapsed = time.perf_counter() - began
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    if statement.net != count * (TOTAL - FEE):
        raise RuntimeError(f"{statement.net} is not what {count} parcels make")
    return {"rows": count, "peak_kb": peak / 1024, "seconds": elapsed}


def write_parcels(cooperative: Cooperative, count: int) -> None:
    """Delivered, paid by card and posted, written in bulk."""
    rng = Random(count)
    orders = Order.objects.bulk_create(
        Order(number=new_identifier(10, rng), total_incl_tax=TOTAL, total_excl_tax=TOTAL, date_placed=PLACED_AT)
        for _number in range(count)
    )
    parcels = Parcel.objects.bulk_create(
        Parcel(
            number=new_identifier(10, rng),
            order=order,
            cooperative=cooperative,
            status=Parcel.Status.DELIVERED,
            payment_method=Parcel.PaymentMethod.CARD,
            payment_status=Parcel.PaymentStatus.PAID,
            amount_received=TOTAL,
            goods_total=TOTAL,
            delivery_charge=0,
            total=TOTAL,
            placed_at=PLACED_AT,
            paid_at=PLACED_AT,
            delivered_at=PLACED_AT + timedelta(days=2),
        )
        for order in orders
    )
    kinds = Account.Kind
    accounts = account_ids({None, cooperative.pk})
    for kind, debit, credit, amount in (
        ("received", (None, kinds.CARD_CLEARING), (cooperative.pk, kinds.COLLECTED), TOTAL),
        ("alignment", (cooperative.pk, kinds.FEE_OWED), (None, kinds.FEES), FEE),
    ):
        posted = Transaction.objects.bulk_create(
            Transaction(
                key=f"bench:{kind}:{parcel.number}",
                kind=kind,
                cooperative=cooperative,
                parcel=parcel,
                occurred_at=PLACED_AT + timedelta(days=2),
            )
            for parcel in parcels
        )
        Entry.objects.bulk_create(
            Entry(transaction=row, account_id=accounts[side], amount=sign * amount)
            for row in posted
            for sign, side in ((1, debit), (-1, credit))
        )


if __name__ == "__main__":
    main(int(sys.argv[1]))
