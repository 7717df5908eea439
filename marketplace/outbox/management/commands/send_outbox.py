"""Sends the messages that are due: once, or with --loop until it is stopped."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.outbox.services import send_due


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", type=float, metavar="SECONDS", help="look again after so many seconds")
        parser.add_argument("--limit", type=int, default=100, help="messages at most at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()
        if options["loop"] is not None:
            for wanted in (signal.SIGTERM, signal.SIGINT):
                signal.signal(wanted, lambda *_signal: stopped.set())
        while True:
            sent = send_due(now=timezone.now(), limit=options["limit"])
            if sent or options["loop"] is None:
                self.stdout.write(_("Messages sent: %(count)d.") % {"count": sent})
            close_old_connections()
            if options["loop"] is None or stopped.wait(options["loop"]):
                return
