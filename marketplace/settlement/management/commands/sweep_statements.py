from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marketplace.common.dates import local_today
from marketplace.common.errors import DomainError
from marketplace.settlement.periods import last_period_end
from marketplace.settlement.sweep import sweep


class Command(BaseCommand):
    help = (
        "Makes the statements of the latest period that is over, or of the one named. Doing it again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period-to", type=date.fromisoformat, help="the period's last day, as 2026-10-31")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        period_to = options["period_to"] or last_period_end(local_today(now))
        try:
            made = sweep(period_to=period_to, now=now)
        except DomainError as error:
            raise CommandError(str(error)) from error
        taxes = "on" if settings.TAX_WITHHOLDING else "off"
        self.stdout.write(f"{len(made)} statements up to {period_to:%d/%m/%Y}; withholding of tax is {taxes}.")
