"""`rebuild_evidence`: makes all evidence again from its sources; `--check` only tells whether they agree."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from cooperatives.linkage.rebuild import RebuildReport, rebuild


class Command(BaseCommand):
    help = "Rebuilds the evidence of trade from orders and listings, and reports how it differed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail if anything differs.")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        report = rebuild(progress=self._progress, check=check)
        self._print(report)
        if check and not report.agrees:
            raise CommandError(_("The appended evidence differs from its sources."))
        self.stdout.write(
            self.style.SUCCESS(_("The evidence agrees with its sources.") if report.agrees else _("Rebuilt."))
        )

    def _progress(self, table: str, done: int) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\r{table}: {done}", ending="")

    def _print(self, report: RebuildReport) -> None:
        for table in report.tables:
            if table.is_skipped:
                self.stdout.write(_("%(table)s: no source is registered") % {"table": table.table})
                continue
            self.stdout.write(
                _("%(table)s: %(rows)d rows, %(missing)d missing, %(different)d different, %(extra)d extra")
                % {
                    "table": table.table,
                    "rows": table.rows,
                    "missing": table.missing,
                    "different": table.different,
                    "extra": table.extra,
                }
            )
