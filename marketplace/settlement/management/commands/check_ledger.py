from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace.settlement.checks import differences, overdue


class Command(BaseCommand):
    help = (
        "Compares the ledger with parcels and facts, and says what money waits for more than 15 minutes. "
        "Ends with status 1 when something is wrong: run it every 15 minutes, and let that raise the alarm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = [*differences(), *overdue(timezone.now())]
        for sentence in wrong:
            self.stderr.write(sentence)
        if wrong:
            raise CommandError(f"{len(wrong)} things are wrong with the books.")
        self.stdout.write("The books are right.")
