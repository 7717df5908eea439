"""Elasticsearch as a search engine."""

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from elasticsearch import Elasticsearch

from search.backends import elastic_index, elastic_query
from search.backends.base import EngineUnavailableError, Progress
from search.backends.elastic_client import client, patient, reading, writing
from search.models import IndexState, ListingDocument
from search.query import Health, ListingResults, Plan

# A batch may take its time: nobody waits for it.
WRITING_SECONDS = 30
# The row of the index's state is locked meanwhile.
SWAP_SECONDS = 5


class ElasticBackend:
    """Reads through the alias of this version's index; see search.feeding for who writes."""

    name = "elastic"

    def search(self, plan: Plan) -> ListingResults:
        with reading():
            return elastic_query.results(self._ask(elastic_query.search_body(plan)))

    def suggest(self, terms: Sequence[str], prefix: str, count: int) -> tuple[int, ...]:
        if not terms and not prefix:
            return ()
        with reading():
            return elastic_query.ids(self._ask(elastic_query.suggest_body(terms, prefix, count)))

    def has(self, terms: Sequence[str], prefix: str = "") -> bool:
        with reading():
            answer = elastic_query.whole(self._ask(elastic_query.has_body(terms, prefix)))
            return bool(answer["hits"]["total"]["value"] > 0)

    def index(self, documents: Iterable[ListingDocument]) -> None:
        with writing():
            writer = patient(WRITING_SECONDS)
            if (name := elastic_index.current_index(writer)) is None:
                raise EngineUnavailableError("Elasticsearch has no index")
            self.write(name, documents)

    def rebuild(self, documents: Iterable[ListingDocument], *, progress: Progress) -> int:
        name, count = self.build(documents, progress=progress)
        self.publish(name)
        self.drop_others(name)
        return count

    def health(self) -> Health:
        """Without raising: an engine that does not answer is not usable."""
        state = IndexState.objects.first()
        backlog = state.elastic_backlog if state else 0
        try:
            return Health(self.name, is_usable=True, documents=self.documents(), backlog=backlog)
        except EngineUnavailableError as error:
            return Health(self.name, is_usable=False, documents=0, backlog=backlog, note=str(error))

    def documents(self) -> int:
        """How many readers can find."""
        with reading():
            return int(client().count(index=elastic_index.alias())["count"])

    # -- For the feeder ------------------------------------------------------------------------------------------------
    def current_index(self) -> str | None:
        with reading():
            return elastic_index.current_index(patient(WRITING_SECONDS))

    def write(self, name: str, documents: Iterable[ListingDocument]) -> int:
        """Into this index; readers see it when this returns."""
        with writing():
            writer = patient(WRITING_SECONDS)
            count = elastic_index.send(writer, name, documents, progress=lambda _done: None)
            writer.indices.refresh(index=name)
            return count

    def build(self, documents: Iterable[ListingDocument], *, progress: Progress) -> tuple[str, int]:
        """A new index that nobody reads yet: its name, and how many documents it has. Nothing of it stays on failure."""
        with writing():
            writer = patient(WRITING_SECONDS)
            name = elastic_index.create_index(writer)
            try:
                count = elastic_index.send(writer, name, documents, progress=progress)
                writer.indices.refresh(index=name)
            except BaseException:
                self.discard(name)
                raise
            return name, count

    def publish(self, name: str) -> None:
        """Readers ask this index from now on."""
        with writing():
            elastic_index.publish(patient(SWAP_SECONDS), name)

    def drop_others(self, name: str) -> None:
        """All our indexes but this one: older ones, of older versions, and those whose builder died."""
        with writing():
            elastic_index.drop_others(patient(WRITING_SECONDS), name)

    def numbers(self) -> dict[int, int]:
        """By listing, the number of the document that readers find."""
        with reading():
            return elastic_index.numbers(patient(WRITING_SECONDS))

    def discard(self, name: str) -> None:
        """As well as it goes: what stays is dropped with the next index."""
        with contextlib.suppress(EngineUnavailableError), writing():
            patient(WRITING_SECONDS).indices.delete(index=name, ignore_unavailable=True)

    def _ask(self, body: dict[str, Any]) -> Any:
        reader: Elasticsearch = client()
        # Nobody waits for what it would find later: it is to stop as well.
        body["timeout"] = f"{settings.SEARCH_TIMEOUT * 1000:.0f}ms"
        return reader.search(index=elastic_index.alias(), body=body).body
