"""Does everything that is due now; with --every SECONDS, again and again until it is stopped.

Each part is on its own: one that fails costs itself and nothing else, and is tried again at the next pass.
"""

import logging
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from marketplace.order.deadlines import cancel_unconfirmed, remind_unconfirmed
from marketplace.order.packing import expire_consents
from marketplace.outbox.services import send_due
from marketplace.payment.emails_receipts import ask_for_transfers, tell_holds_end
from marketplace.payment.holds import expire_holds
from marketplace.payment.reconcile import reconcile_payments
from marketplace.payment.refund_sending import send_due_refunds
from marketplace.portal.recognitions import remind_of_recognitions
from search.feeding import feed
from search.indexing import refresh_index
from search.saved_notices import tell_savers
from search.tallies import forget_tallies

logger = logging.getLogger(__name__)


def send_messages(*, now: datetime) -> int:
    return send_due(now=now)


# In this order: what is paid is known before a hold ends, and messages leave with what the others caused. The index
# comes last: it takes longest, and Elasticsearch is told what is in it.
PARTS: tuple[tuple[str, Callable[..., int]], ...] = (
    ("payments reconciled", reconcile_payments),
    ("holds ended", expire_holds),
    ("unconfirmed parcels told of", remind_unconfirmed),
    ("unconfirmed parcels cancelled", cancel_unconfirmed),
    ("questions about weights settled", expire_consents),
    ("refunds finished", send_due_refunds),
    ("transfers asked for", ask_for_transfers),
    ("holds about to end", tell_holds_end),
    ("recognitions about to end", remind_of_recognitions),
    ("savers of searches told", tell_savers),
    ("counts of searches forgotten", forget_tallies),
    ("messages sent", send_messages),
    ("search index", refresh_index),
    ("documents sent to Elasticsearch", feed),
)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="do it again after so many seconds")

    def handle(self, *args: Any, every: float | None, **options: Any) -> None:
        stopped = threading.Event()
        if every is not None:
            for wanted in (signal.SIGTERM, signal.SIGINT):
                signal.signal(wanted, lambda *_signal: stopped.set())
        while True:
            done = {name: count for name, part in PARTS if (count := run_part(name, part))}
            if done or every is None:
                self.stdout.write(", ".join(f"{name}: {count}" for name, count in done.items()) or "nothing was due")
            if every is None or stopped.wait(every):
                return
            close_old_connections()


def run_part(name: str, part: Callable[..., int]) -> int:
    """How much it did; 0 when it failed, which is logged."""
    try:
        return part(now=timezone.now())
    except Exception:
        logger.exception("%s: failed; the other parts go on", name)
        return 0
