"""`load_rules`: the official targets and the coverage rule, once."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from cooperatives.indicators.services import load_rules_and_targets


class Command(BaseCommand):
    help = "Adds the official targets and the coverage rule where they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_rules_and_targets()
        self.stdout.write(ngettext("%(n)d row added.", "%(n)d rows added.", added) % {"n": added})
