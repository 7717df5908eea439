"""Counting what is searched for and opened, without a word about who did.

A request writes nothing: it counts in this process. A thread of its own brings the counts into the database, some
seconds later, in one statement for each table.
"""

import atexit
import logging
import re
import threading
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model, Sum

from marketplace.common.dates import local_day
from search.models import ClickTally, ListingDocument, SearchTally
from search.terms import query_words

logger = logging.getLogger(__name__)

# All that is not kept by its own text.
OTHER = ""
MAXIMUM_TALLIED = 60
# Different counts that wait in a process: the first number wakes the thread, beyond the second all are "other".
FULL = 200
MAXIMUM_WAITING = 2_000
# Different texts of one day: somebody who makes texts up fills no table.
MAXIMUM_TEXTS = 20_000
KEPT_DAYS = 90
# A text that stayed below this is shown to nobody, and forgotten after RARE_DAYS.
SHOWN_FROM = 3
RARE_DAYS = 30
FORGOTTEN = 1000

# Seven digits in a row, whatever signs stand between them: phone, identity card, bank account.
_LONG_NUMBER = re.compile(r"\d(?:[\W_]*\d){6}")

Key = tuple[date, str, int]
Counts = tuple[Counter[Key], Counter[Key], Counter[Key]]
SEARCHES, WITHOUT, CLICKS = range(3)


def tallied_text(text: str) -> str:
    """What a search is counted under: its words without marks, or OTHER where they may name a person, or say too much."""
    if len(text) > MAXIMUM_TALLIED or "@" in unicodedata.normalize("NFKC", text) or _LONG_NUMBER.search(text):
        return OTHER
    return " ".join(word.folded for word in query_words(text))[:MAXIMUM_TALLIED]


def _none() -> Counts:
    return Counter(), Counter(), Counter()


class Tallies:
    """The counts that wait in this process, and the thread that brings them away. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_flushed_at_exit = False
        self._waiting = _none()

    def add_search(self, *, text: str, is_found: bool, now: datetime) -> None:
        day, words = local_day(now), tallied_text(text)
        with self._lock:
            self._count(SEARCHES, (day, words, 0))
            if not is_found:
                self._count(WITHOUT, (day, words, 0))
        self._start()

    def add_click(self, *, text: str, listing_id: int, now: datetime) -> None:
        with self._lock:
            self._count(CLICKS, (local_day(now), tallied_text(text), listing_id))
        self._start()

    def flush(self) -> int:
        """Writes what waits; how many counts. What cannot be written is lost, and logged."""
        with self._lock:
            waiting, self._waiting = self._waiting, _none()
        size = sum(map(len, waiting))
        if size:
            try:
                _write(waiting)
            except Exception:
                logger.exception("%s counts of searches were lost", size)
        return size

    def _count(self, which: int, key: Key) -> None:
        counter = self._waiting[which]
        if key not in counter and sum(map(len, self._waiting)) >= MAXIMUM_WAITING:
            if which == CLICKS:
                return
            key = (key[0], OTHER, 0)
        counter[key] += 1
        if sum(map(len, self._waiting)) >= FULL:
            self._woken.set()

    def _start(self) -> None:
        """Begins the thread unless it runs; it ends when nothing waits, so that an idle process has none."""
        if not settings.SEARCH_TALLY_SECONDS:
            return
        with self._lock:
            if not self._is_flushed_at_exit:
                self._is_flushed_at_exit = True
                atexit.register(self.flush)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="search-tallies", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        try:
            while True:
                self._woken.wait(settings.SEARCH_TALLY_SECONDS)
                self._woken.clear()
                self.flush()
                with self._lock:
                    if not any(self._waiting):
                        self._thread = None
                        return
        finally:
            connection.close()


tallies = Tallies()


@transaction.atomic
def _write(waiting: Counts) -> None:
    for day in sorted({key[0] for counter in waiting for key in counter}):
        searches, without, clicks = (_of_day(day, counter) for counter in waiting)
        _write_searches(day, searches, without)
        if clicks:
            _write_clicks(day, clicks)


def _of_day(day: date, counter: Counter[Key]) -> Counter[tuple[str, int]]:
    return Counter({(text, listing): count for (on, text, listing), count in counter.items() if on == day})


def _write_searches(day: date, searches: Counter[tuple[str, int]], without: Counter[tuple[str, int]]) -> None:
    kept = _kept_texts(SearchTally, day, searches)
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for which, counter in enumerate((searches, without)):
        for (text, _listing), count in counter.items():
            sums[text if text in kept else OTHER][which] += count
    rows = [(day, text, *counts) for text, counts in sorted(sums.items())]
    _add(SearchTally, ("day", "text"), ("searches", "without_result"), rows)


def _write_clicks(day: date, clicks: Counter[tuple[str, int]]) -> None:
    """Of listings that there are: a browser may name anything."""
    kept = _kept_texts(ClickTally, day, clicks)
    listings = {listing for _text, listing in clicks}
    known = set(ListingDocument.objects.filter(listing_id__in=listings).values_list("listing_id", flat=True))
    sums: Counter[tuple[str, int]] = Counter()
    for (text, listing), count in clicks.items():
        if listing in known:
            sums[text if text in kept else OTHER, listing] += count
    _add(ClickTally, ("day", "text", "listing_id"), ("clicks",), [(day, *key, sums[key]) for key in sorted(sums)])


def _kept_texts(model: type[Model], day: date, counter: Iterable[tuple[str, int]]) -> set[str]:
    """The texts that the day has room for: all, or when it is full those that it knows."""
    texts = {text for text, _listing in counter}
    rows = model._default_manager.filter(day=day)  # noqa: SLF001 - Django's own name for it
    if rows.count() < MAXIMUM_TEXTS:
        return texts
    return set(rows.filter(text__in=texts).values_list("text", flat=True))


def _add(model: type[Model], key: Sequence[str], counts: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Adds to the rows of these keys, which are made where they are missing. One statement. The rows are in order, so
    that two processes never wait for each other.
    """
    if not rows:
        return
    table, columns = model._meta.db_table, [*key, *counts]
    values = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(rows))
    sums = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in counts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values} "  # noqa: S608 - names of ours alone
            f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sums}",
            [_adapted(value) for row in rows for value in row],
        )


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


@transaction.atomic
def forget_tallies(*, now: datetime) -> int:
    """Deletes what is older than KEPT_DAYS, and after RARE_DAYS the texts that few people searched for, at most FORGOTTEN
    rows of each table at once. Part of `run_due`; how many rows.
    """
    today = local_day(now)
    old, rare_day = today - timedelta(days=KEPT_DAYS), today - timedelta(days=RARE_DAYS)
    frequent = SearchTally.objects.order_by().values("text").annotate(total=Sum("searches"))
    shown = frequent.filter(total__gte=SHOWN_FROM).values("text")
    deleted = 0
    for model in (SearchTally, ClickTally):
        deleted += model.objects.filter(day__lt=old).delete()[0]
        # A text that was opened from need not have been counted as searched for: whatever is not shown goes.
        rare = model.objects.filter(day__lt=rare_day).exclude(text=OTHER).exclude(text__in=shown)
        rows = list(rare.order_by().values_list("pk", flat=True)[:FORGOTTEN])
        if rows:
            deleted += model.objects.filter(pk__in=rows).delete()[0]
    return deleted
