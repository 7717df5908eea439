"""Writes text messages to the standard output: for trying the site, and until a provider is chosen."""

import sys
from datetime import datetime

from marketplace.outbox.texts.base import TextMessage


class ConsoleBackend:
    def send(self, message: TextMessage, *, now: datetime) -> None:
        sys.stdout.write(f"[{now:%d/%m/%Y %H:%M}] {message.phone}: {message.text}\n")
