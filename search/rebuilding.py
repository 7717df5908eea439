"""Making the whole index anew, while searches go on reading the old one where there is one."""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.selectors import public_listings
from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError
from marketplace.common.locks import locked
from search import tables
from search.documents import listing_documents
from search.entries import entries
from search.indexing import index_state
from search.models import BUILDING_FOR, INDEX_VERSION, IndexChange, IndexedWord, IndexState, ListingDocument, NamedEntry
from search.storing import documents_of, spelt, store_documents
from search.surroundings import Surroundings
from search.words import WordCounts

Progress = Callable[[int], None]

_BATCH = 1000


class IndexBeingBuiltError(DomainError):
    code = "index_being_built"
    message = _("The index is being built already.")


def rebuild(*, now: datetime, progress: Progress = lambda _: None, is_cleared: bool = False) -> int:
    """Writes every document anew and returns how many; `progress` hears how many are done.

    An index of this version stays readable throughout, each document either as it was or as it is. One of another
    version, and with `is_cleared` any, is emptied first and unusable until the end. Raises IndexBeingBuiltError.
    """
    is_empty = _begin(is_cleared=is_cleared)
    try:
        words = WordCounts()
        seen = _write_documents(now, words, progress, is_empty=is_empty)
        if not is_empty:
            _remove_all_but(seen)
        _finish(now, words)
    except BaseException:
        # Dead at once: the next pass of run_due begins again.
        IndexState.objects.update(building_at=timezone.now() - BUILDING_FOR)
        raise
    return len(seen)


def _begin(*, is_cleared: bool) -> bool:
    """Whether the index is empty now."""
    pk = index_state().pk
    with transaction.atomic():
        state = locked(IndexState.objects.filter(pk=pk))[0]
        if state.is_being_built:
            raise IndexBeingBuiltError
        state.building_at = timezone.now()
        is_empty = is_cleared or not state.is_usable
        if is_empty:
            state.version, state.generation = 0, uuid4()
            # What they tell of is read now; whoever commits after this notes it again.
            for model in (IndexChange, ListingDocument, NamedEntry, IndexedWord):
                _empty(model)
            # Made anew: what stands there may be out of order.
            tables.drop()
            tables.create()
        state.save()
    return is_empty


def _write_documents(now: datetime, words: WordCounts, progress: Progress, *, is_empty: bool) -> set[int]:
    """The keys of all listings that have a document now."""
    around, today = Surroundings(), local_day(now)
    seen: set[int] = set()
    for keys in _batches():
        documents = listing_documents(keys, today=today, surroundings=around)
        for document in documents.values():
            words.add(document.terms)
        stored = {} if is_empty else documents_of(keys)
        with transaction.atomic():
            state = locked(IndexState.objects.all())[0]
            store_documents(state, stored=stored, documents=list(documents.values()), has_text=False)
            state.building_at = timezone.now()
            state.save()
        seen |= documents.keys()
        progress(len(seen))
    return seen


def _batches() -> Iterator[list[int]]:
    last = 0
    while keys := list(public_listings().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        yield keys
        last = keys[-1]


def _remove_all_but(seen: set[int]) -> None:
    kept = ListingDocument.objects.filter(is_removed=False).values_list("listing_id", flat=True)
    surplus = sorted(set(kept.iterator()) - seen)
    for start in range(0, len(surplus), _BATCH):
        gone = documents_of(surplus[start : start + _BATCH])
        with transaction.atomic():
            state = locked(IndexState.objects.all())[0]
            store_documents(state, stored=gone, documents=[], removed=gone.values())
            state.save()


def _finish(now: datetime, words: WordCounts) -> None:
    """Names, words and the mark of a complete index, at once."""
    today = local_day(now)
    found = [entry for kind in NamedEntry.Kind for entry in entries(kind, on=today)]
    for entry in found:
        words.add(spelt(entry))
    rows = words.rows()
    with transaction.atomic():
        state = locked(IndexState.objects.all())[0]
        _empty(NamedEntry)
        _empty(IndexedWord)
        NamedEntry.objects.bulk_create(found, batch_size=_BATCH)
        IndexedWord.objects.bulk_create(rows, batch_size=_BATCH)
        # In one go it takes a fraction of the time.
        tables.refill()
        state.version, state.generation = INDEX_VERSION, uuid4()
        state.names_seq += 1
        state.built_at = state.changed_at = now
        state.looked_on, state.building_at = today, None
        state.save()


def _empty(model: type[Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608 - a table of ours
