"""What Elasticsearch has yet to hear of the index, sent in order: a part of run_due.

IndexState says how far it has got: the index behind the alias has every document up to `elastic_seq`, provided that
`elastic_generation` is the generation of the tables. Both move only after Elasticsearch has confirmed, and only from
what they were when reading began, so any number of feeders may run, and die anywhere.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from search.backends.base import EngineUnavailableError, Progress
from search.backends.elastic import ElasticBackend
from search.models import IndexState, ListingDocument

logger = logging.getLogger(__name__)

BATCH = 1_000


def is_wanted() -> bool:
    return bool(settings.SEARCH_ENGINE == "elastic")


def feed(*, now: datetime, progress: Progress = lambda _done: None) -> int:  # noqa: ARG001 (as all parts of run_due)
    """How many documents were sent; 0 when there is nothing new, or Elasticsearch is not there, which is logged."""
    if not is_wanted():
        return 0
    try:
        return send_changes(ElasticBackend(), progress=progress)
    except EngineUnavailableError as error:
        logger.warning("Elasticsearch is not fed: %s; %d changes wait", error, backlog())
        return 0


def backlog() -> int:
    """How many changes Elasticsearch has not heard of."""
    state = IndexState.objects.first()
    return state.elastic_backlog if state else 0


def send_changes(engine: ElasticBackend, *, progress: Progress) -> int:
    """Everything that is new; the whole index where there is none of this generation. Raises EngineUnavailableError."""
    state = IndexState.objects.first()
    if state is None or not state.is_usable:
        return 0
    index = engine.current_index()
    if index is None or state.elastic_generation != state.generation:
        return _build(engine, progress)
    sent = 0
    while state.elastic_generation == state.generation and state.elastic_seq < state.seq:
        batch = list(ListingDocument.objects.filter(seq__gt=state.elastic_seq).order_by("seq")[:BATCH])
        engine.write(index, batch)
        # A feeder that was overtaken by a rebuild wrote into an index that nobody reads.
        if engine.current_index() != index or not _advance(state, batch[-1].seq if batch else state.seq):
            break
        sent += len(batch)
        progress(sent)
        state.refresh_from_db()
    return sent


def _advance(state: IndexState, seq: int) -> bool:
    """Whether the state was still what it was when the batch was read."""
    unchanged = IndexState.objects.filter(
        pk=state.pk,
        generation=state.generation,
        elastic_generation=state.generation,
        elastic_seq=state.elastic_seq,
    )
    return unchanged.update(elastic_seq=seq) == 1


def _build(engine: ElasticBackend, progress: Progress) -> int:
    """A new index of everything, in place of what readers have. 0 when somebody else was faster."""
    with transaction.atomic():
        state = IndexState.objects.select_for_update().get()
        IndexState.objects.filter(pk=state.pk).update(elastic_generation=None, elastic_seq=0)
    index, count = engine.build(_everything(), progress=progress)
    with transaction.atomic():
        now = IndexState.objects.select_for_update().get()
        if is_mine := now.generation == state.generation and now.elastic_generation is None:
            engine.publish(index)
            # What changed while the index was built has a higher number and is sent next.
            IndexState.objects.filter(pk=now.pk).update(elastic_generation=state.generation, elastic_seq=state.seq)
    if not is_mine:
        engine.discard(index)
        return 0
    engine.drop_others(index)
    return count


def _everything() -> Iterator[ListingDocument]:
    last = -1
    present = ListingDocument.objects.filter(is_removed=False).order_by("slot")
    while batch := list(present.filter(slot__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].slot


@dataclass(frozen=True)
class Differences:
    """Listings whose document in Elasticsearch is not the one that the tables have."""

    missing: frozenset[int]
    surplus: frozenset[int]
    other: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.missing or self.surplus or self.other)


def differences() -> Differences:
    """Of what Elasticsearch should have by now. Raises EngineUnavailableError."""
    there = ElasticBackend().numbers()
    heard = IndexState.objects.get().elastic_seq
    here = dict(
        ListingDocument.objects.filter(is_removed=False, seq__lte=heard).values_list("listing_id", "seq").iterator()
    )
    # What changed since is known to be on its way.
    coming = set(ListingDocument.objects.filter(seq__gt=heard).values_list("listing_id", flat=True))
    return Differences(
        missing=frozenset(here.keys() - there.keys()),
        surplus=frozenset(there.keys() - here.keys() - coming),
        other=frozenset(listing for listing in here.keys() & there.keys() if here[listing] != there[listing]),
    )


def send_everything_again(*, progress: Progress = lambda _done: None) -> int:
    """Builds the index anew, whatever it holds; how many documents. Raises EngineUnavailableError."""
    IndexState.objects.update(elastic_generation=None, elastic_seq=0)
    return send_changes(ElasticBackend(), progress=progress)
