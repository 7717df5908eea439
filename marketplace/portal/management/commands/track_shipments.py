"""Asks the carriers how far the parcels are that they took by their own interface."""

import logging
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils import timezone

from marketplace.common.errors import DomainError
from marketplace.portal.shipments import open_shipments, track

_log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Asks carriers for the status of open shipments, the longest unasked first; run it every quarter of an hour."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=int, default=500, help="at most so many in one run")

    def handle(self, *args, **options) -> None:
        shipments = open_shipments(limit=options["limit"])
        failed = 0
        for shipment in shipments:
            try:
                track(shipment=shipment, now=timezone.now())
            except DomainError as error:
                failed += 1
                _log.warning("shipment %s was not tracked: %s", shipment.reference, error)
        self.stdout.write(f"{len(shipments)} shipments asked about, {failed} without an answer")
