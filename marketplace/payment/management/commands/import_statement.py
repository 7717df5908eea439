"""Imports a bank's statement for a cooperative, of any length."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cooperatives.models import Cooperative
from marketplace.common.errors import DomainError
from marketplace.payment.statement_import import COMMAND_ROWS, import_statement, preview_statement


class Command(BaseCommand):
    help = "Imports a bank's statement (CSV or XLSX) of a cooperative's account. The same file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--cooperative", required=True, help="the cooperative's address name (slug)")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")

    def handle(self, *args: Any, file: Path, cooperative: str, dry_run: bool, **options: Any) -> None:
        owner = Cooperative.objects.filter(slug=cooperative).first()
        if owner is None:
            raise CommandError(f"No cooperative has the address name {cooperative!r}.")
        counts: Counter[str] = Counter()
        try:
            with file.open("rb") as content:
                rows = (
                    preview_statement(file=content, cooperative=owner, maximum_rows=COMMAND_ROWS)
                    if dry_run
                    else import_statement(
                        file=content, cooperative=owner, by=None, now=timezone.now(), maximum_rows=COMMAND_ROWS
                    )
                )
                for row in rows:
                    if row.error:
                        self.stderr.write(f"{row.number}: {row.error}")
                    counts[str(row.finding.result) if row.finding else "problem"] += 1
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in sorted(counts.items())) or "no rows")
