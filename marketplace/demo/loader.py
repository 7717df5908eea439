"""Loads the whole demo: each part in order, in one transaction, with its time printed."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from cooperatives.indicators.services import load_rules_and_targets
from cooperatives.linkage.rebuild import rebuild
from cooperatives.models import Cooperative
from cooperatives.places.services import load_units
from marketplace.common.errors import DomainError
from marketplace.demo import (
    accounts,
    certificates,
    delivery,
    ledger,
    listings,
    pages,
    registry,
    settlement,
    transfers,
    vouchers,
)
from marketplace.demo.cooperatives import load_cooperatives
from marketplace.demo.photos import Photos
from marketplace.demo.world import World, read_places
from search.rebuilding import rebuild as rebuild_index
from search.synonyms import load_defaults

Report = Callable[[str], None]


class OtherDataPresentError(DomainError):
    code = "other_data_present"
    message = "The database holds cooperatives that are not the demo's: the demo is loaded only into an empty one."


def is_loaded() -> bool:
    """Return whether the demo is there. Raises OtherDataPresentError when anything else is."""
    if Cooperative.objects.filter(is_demo=False).exists():
        raise OtherDataPresentError
    return Cooperative.objects.exists()


def load_demo(*, world: World, photos: Photos | None = None, report: Report = lambda _: None) -> None:
    """Fill an empty database. The same seed, day and number of orders give the same data.

    `photos` that were begun for the same world become the listings' covers. Raises NotADemoError where the setting
    DEMO is off, and OtherDataPresentError.
    """
    accounts.require_demo()
    if is_loaded():
        raise OtherDataPresentError
    with _step(report, "places"):
        load_units(progress=lambda *_: None)
    with transaction.atomic(), without_chatter():
        _load_tables(world, report)
    if photos:
        with _step(report, "pictures"):
            photos.attach(world, lambda done, total: report(f"  pictures {done}/{total}"))
    with _step(report, "search index"):
        rebuild_index(now=timezone.now())


def _load_tables(world: World, report: Report) -> None:
    read_places(world)
    with _step(report, "commodities and key products"):
        registry.load_commodities(world)
        registry.load_key_products(world)
        load_defaults()
    with _step(report, "people and cooperatives"):
        accounts.load_officials(world)
        load_cooperatives(world)
        delivery.load_delivery(world)
        transfers.load_bank_accounts(world)
    with _step(report, "linkage models"):
        load_rules_and_targets()
        registry.load_linkages(world)
    with _step(report, "listings"):
        listings.load_listings(world)
        certificates.load_certificates(world)
        vouchers.load_voucher(world)
    with _step(report, "orders"):
        count = ledger.load_orders(world)
        report(f"  {count} orders")
        settlement.load_fees(world)
        settlement.load_card_payments(world)
    with _step(report, "evidence of trade"):
        rebuild()
    with _step(report, "ledger and statements"):
        settlement.load_ledger()
        settlement.load_statements(world)
    with _step(report, "pages"):
        pages.load_pages(world)
        accounts.appoint(world)


@contextmanager
def without_chatter() -> Iterator[None]:
    """Keep the logs of Wagtail and of its tasks, a line for every page, out of the progress that is printed."""
    loggers = [logging.getLogger(name) for name in ("django_tasks", "wagtail", "wagtail.audit")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@contextmanager
def _step(report: Report, name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    report(f"{name}: {time.monotonic() - began:.1f} s")
