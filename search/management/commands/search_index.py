"""The search index: made anew, looked at, or compared with the database."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.models import Min
from django.utils import timezone

from marketplace.common.errors import DomainError
from search import feeding
from search.backends.base import EngineUnavailableError
from search.backends.elastic import ElasticBackend
from search.indexing import index_state
from search.models import INDEX_VERSION, IndexChange, IndexedWord, ListingDocument, NamedEntry
from search.rebuilding import rebuild
from search.verifying import Report, verify


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        building = actions.add_parser("rebuild", help="make it anew; searches go on meanwhile")
        building.add_argument(
            "--clear", action="store_true", help="empty it first: no search is answered until the end"
        )
        actions.add_parser("status", help="say how far it is")
        checking = actions.add_parser("verify", help="compare it with the database; status 1 when they differ")
        checking.add_argument("--repair", action="store_true", help="write anew what differs")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            if action == "rebuild":
                self._rebuild(is_cleared=options["clear"])
            elif action == "status":
                self._status()
            else:
                self._verify(repair=options["repair"])
        except (DomainError, EngineUnavailableError) as error:
            raise CommandError(str(error)) from error

    def _rebuild(self, *, is_cleared: bool) -> None:
        total = rebuild(now=timezone.now(), progress=self._progress, is_cleared=is_cleared)
        self._say(f"listings: {total}, names: {NamedEntry.objects.count()}, words: {IndexedWord.objects.count()}")
        if feeding.is_wanted():
            self._say(f"sent to Elasticsearch: {feeding.feed(now=timezone.now(), progress=self._progress)}")

    def _status(self) -> None:
        state, now = index_state(), timezone.now()
        oldest = IndexChange.objects.aggregate(at=Min("at"))["at"]
        documents = ListingDocument.objects.filter(is_removed=False).count()
        self._say(f"engine: {connection.vendor}")
        self._say(f"usable: {'yes' if state.is_usable else 'no'}{', being built' if state.is_being_built else ''}")
        self._say(f"version: {state.version} (of {INDEX_VERSION}), generation {state.generation}, number {state.seq}")
        self._say(f"listings: {documents}, names: {NamedEntry.objects.count()}, words: {IndexedWord.objects.count()}")
        age = f", the oldest {(now - oldest).total_seconds():.0f} s old" if oldest else ""
        self._say(f"backlog: {IndexChange.objects.count()}{age}")
        if feeding.is_wanted():
            health = ElasticBackend().health()
            said = health.note or f"Elasticsearch: {health.documents} listings"
            self._say(f"{said}, backlog {health.backlog}")
        self._say(f"built at: {state.built_at or '-'}, changed at: {state.changed_at or '-'}")

    def _verify(self, *, repair: bool) -> None:
        report = verify(now=timezone.now(), repair=repair, progress=self._progress)
        for line in _lines(report):
            self._say(line)
        is_same = self._compare_elasticsearch(repair=repair) if feeding.is_wanted() else True
        if not (report.is_clean and is_same) and not repair:
            sys.exit(1)

    def _compare_elasticsearch(self, *, repair: bool) -> bool:
        """Whether it has what it should have."""
        feeding.send_changes(ElasticBackend(), progress=self._progress)
        found = feeding.differences()
        self._say(
            f"Elasticsearch: missing: {len(found.missing)}, surplus: {len(found.surplus)}, different: {len(found.other)}"
        )
        if found and repair:
            self._say(f"sent again: {feeding.send_everything_again(progress=self._progress)}")
        return not found

    def _progress(self, done: int) -> None:
        self._say(f"  {done}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _lines(report: Report) -> list[str]:
    lines = [
        f"checked: {report.checked}, missing: {len(report.missing)}, surplus: {len(report.surplus) + len(report.slots)}, "
        f"different: {len(report.different)}, names: {sum(map(len, report.names.values()))}, words: {report.words}"
    ]
    if not report.is_sound:
        lines.append("the text tables are out of order")
    if report.listings:
        lines.append(f"listings: {', '.join(map(str, sorted(report.listings)[:20]))}")
    return lines
