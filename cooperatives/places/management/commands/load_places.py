from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cooperatives.places.services import load_units
from marketplace.common.errors import DomainError


class Command(BaseCommand):
    help = "Load the administrative units of the country, before and after 2025-07-01. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--package-dir", type=Path, help="where vietnamadminunits is, when it is not installed")

    def handle(self, *args: Any, package_dir: Path | None = None, **options: Any) -> None:
        try:
            result = load_units(progress=self._report, package_dir=package_dir)
        except DomainError as error:
            raise CommandError(str(error)) from error
        if result.is_unchanged:
            self.stdout.write("Nothing to add: every unit is there.")
        else:
            self.stdout.write(
                f"Added {result.units} units, {result.successions} successions and {result.names} renames."
            )

    def _report(self, stage: str, done: int, total: int) -> None:
        self.stdout.write(f"  {stage}: {done}/{total}")
