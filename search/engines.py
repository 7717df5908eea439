"""Which engine answers: the chosen one, and the database whenever that one cannot."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import F

from search.backends.base import EngineUnavailableError, Progress, SearchBackend
from search.backends.database import DatabaseBackend
from search.backends.elastic import ElasticBackend
from search.models import INDEX_VERSION, IndexState, ListingDocument
from search.query import Health, ListingResults, Plan

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Clock = Callable[[], float]

# For so long nobody asks an engine that has failed.
REST_SECONDS = 10.0
# An engine that was seen to have the whole index is believed to have it for so long.
BELIEF_SECONDS = 1.0


def current() -> SearchBackend:
    """The engine of SEARCH_ENGINE. It answers in any case: reading raises nothing because of Elasticsearch."""
    return _engine(settings.SEARCH_ENGINE)


@lru_cache(maxsize=2)
def _engine(name: str) -> SearchBackend:
    if name == "database":
        return DatabaseBackend()
    if name == "elastic":
        return GuardedBackend(ElasticBackend(), DatabaseBackend())
    raise ImproperlyConfigured(f"SEARCH_ENGINE is {name!r}, neither 'database' nor 'elastic'.")


def forget() -> None:
    """Has the next caller start with a closed circuit, as a new process does."""
    _engine.cache_clear()


class Circuit:
    """Open for REST_SECONDS after a failure; then one caller tries while the others go on without. Thread-safe."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._failed_at = clock()
        # None: closed.
        self._closed_from: float | None = None

    @property
    def is_open(self) -> bool:
        return self._closed_from is not None

    def admits(self) -> bool:
        """Whether the caller may try."""
        with self._lock:
            if self._closed_from is None:
                return True
            now = self._clock()
            if now < self._closed_from:
                return False
            self._closed_from = now + REST_SECONDS
            return True

    def failed(self, reason: str) -> None:
        with self._lock:
            was_closed = self._closed_from is None
            self._failed_at = self._clock()
            self._closed_from = self._failed_at + REST_SECONDS
        if was_closed:
            logger.warning("%s is left alone, the database answers instead: %s", self._name, reason)

    def succeeded(self, began: float) -> None:
        """An answer to a question of that time, which says nothing of a failure since."""
        if self._closed_from is None:
            return
        with self._lock:
            if self._closed_from is None or began < self._failed_at:
                return
            self._closed_from = None
        logger.info("%s answers again", self._name)


class GuardedBackend:
    """An engine beside the database, and the database behind it."""

    def __init__(self, engine: SearchBackend, database: SearchBackend, *, clock: Clock = time.monotonic) -> None:
        self.name = engine.name
        self.circuit = Circuit(engine.name, clock)
        self._engine = engine
        self._database = database
        self._clock = clock
        self._believed_until = clock()

    def search(self, plan: Plan) -> ListingResults:
        return self._ask(lambda engine: engine.search(plan))

    def suggest(self, terms: Sequence[str], prefix: str, count: int) -> tuple[int, ...]:
        return self._ask(lambda engine: engine.suggest(terms, prefix, count))

    def has(self, terms: Sequence[str], prefix: str = "") -> bool:
        return self._ask(lambda engine: engine.has(terms, prefix))

    def index(self, documents: Iterable[ListingDocument]) -> None:
        self._engine.index(documents)

    def rebuild(self, documents: Iterable[ListingDocument], *, progress: Progress) -> int:
        return self._engine.rebuild(documents, progress=progress)

    def health(self) -> Health:
        """The engine's own; one that is left alone is not asked."""
        if not self.circuit.admits():
            return Health(self.name, is_usable=False, documents=0, backlog=0, note=f"{self.name} is left alone")
        began = self._clock()
        health = self._engine.health()
        if health.is_usable:
            self.circuit.succeeded(began)
        else:
            self.circuit.failed(health.note)
        return health

    def _ask(self, question: Callable[[SearchBackend], Answer]) -> Answer:
        if self.circuit.admits():
            began = self._clock()
            try:
                self._see_that_it_is_whole()
                answer = question(self._engine)
            except EngineUnavailableError as error:
                self.circuit.failed(str(error))
            else:
                if (took := self._clock() - began) > settings.SEARCH_TIMEOUT:
                    self.circuit.failed(f"it took {took:.1f} s")
                else:
                    self.circuit.succeeded(began)
                return answer
        return question(self._database)

    def _see_that_it_is_whole(self) -> None:
        """Raises EngineUnavailableError unless the engine has been fed the whole of this generation."""
        now = self._clock()
        if now < self._believed_until and not self.circuit.is_open:
            return
        if not IndexState.objects.filter(generation=F("elastic_generation"), version=INDEX_VERSION).exists():
            raise EngineUnavailableError("it has not been fed the whole index yet")
        self._believed_until = now + BELIEF_SECONDS
