"""Keeping the index in step with the other tables: what triggers have noted, and what time alone changes."""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from cooperatives.models import CooperativeActivity
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.dates import local_day
from marketplace.common.locks import BusyError, locked
from search.documents import listing_documents
from search.entries import WHOLE, entries
from search.models import IndexChange, IndexState, ListingDocument, NamedEntry
from search.reach import Reach, reach_of
from search.storing import documents_of, is_same, save_state, store_documents, store_entries
from search.words import WordCounts

BATCH = 500
# How long one pass of run_due stays with the index.
_SECONDS = 20

# The named entries whose weight hangs on a column of the listings.
_COLUMNS = {
    NamedEntry.Kind.CATEGORY: "category",
    NamedEntry.Kind.COMMODITY: "commodity",
    NamedEntry.Kind.COMMUNE: "commune",
    NamedEntry.Kind.COOPERATIVE: "cooperative",
}


def index_state() -> IndexState:
    """The one row, made when it is first asked for."""
    return IndexState.objects.order_by("pk").first() or IndexState.objects.get_or_create(pk=1)[0]


def refresh_index(*, now: datetime) -> int:
    """Brings the index up to date, within some twenty seconds; how much there was to do.

    An index that is missing, of another version or left unfinished is built whatever it takes.
    """
    from search.rebuilding import rebuild  # it builds on this module

    state = index_state()
    if state.is_being_built:
        return 0
    if not state.is_usable or state.is_left_unfinished:
        return rebuild(now=now)
    today, end = local_day(now), time.monotonic() + _SECONDS
    done = note_day(today=today)
    for apply in (apply_changes, apply_stale):
        while time.monotonic() < end and (count := apply(now=now)):
            done += count
    return done


def note_day(*, today: date) -> int:
    """Notes the cooperatives and units that begin or end between the last day that was looked at and today."""
    since = index_state().looked_on
    if since is None or since >= today:
        IndexState.objects.filter(looked_on=None).update(looked_on=today)
        return 0
    turns = Q(valid_from__gt=since, valid_from__lte=today) | Q(valid_to__gt=since, valid_to__lte=today)
    cooperatives = CooperativeActivity.objects.filter(turns).values_list("cooperative_id", flat=True)
    units = AdministrativeUnit.objects.filter(turns).values_list("pk", flat=True)
    noted = [
        *_changes(IndexChange.Kind.COOPERATIVE, set(cooperatives.order_by())),
        *_changes(IndexChange.Kind.UNIT, set(units.order_by())),
    ]
    with transaction.atomic():
        IndexChange.objects.bulk_create(noted, batch_size=BATCH)
        IndexState.objects.update(looked_on=today)
    return len(noted)


def apply_changes(*, now: datetime, limit: int = BATCH) -> int:
    """Takes the oldest changes into the index; how many, 0 when there are none or the index is another's just now.

    Changes that reach more than `limit` listings are put back as changes of those listings.
    """
    state = index_state()
    if state.building_at or not state.is_usable:
        return 0
    changes = list(IndexChange.objects.order_by("pk").values_list("pk", "kind", "object_id")[:limit])
    if not changes:
        return 0
    reach = reach_of((kind, key) for _pk, kind, key in changes)
    listings = sorted(reach.listings)
    later = _changes(IndexChange.Kind.LISTING, listings[limit:])
    update = prepare(listings[:limit], reach=reach, today=local_day(now))
    update.taken = [pk for pk, _kind, _key in changes]
    update.put_back = list(later)
    return len(changes) if write(update, state=state, now=now) else 0


def apply_stale(*, now: datetime, limit: int = BATCH) -> int:
    """Makes documents anew whose day has come; how many."""
    state, today = index_state(), local_day(now)
    if state.building_at or not state.is_usable:
        return 0
    stale = ListingDocument.objects.filter(is_removed=False, stale_on__lte=today).order_by("stale_on", "slot")
    keys = list(stale.values_list("listing_id", flat=True)[:limit])
    if not keys:
        return 0
    return len(keys) if write(prepare(keys, reach=Reach(), today=today), state=state, now=now) else 0


@dataclass
class Update:
    """What is to be written, worked out before anything is locked."""

    stored: dict[int, ListingDocument]
    documents: list[ListingDocument]
    removed: list[ListingDocument]
    # By kind, as they are and as they are to be.
    entries: list[tuple[list[NamedEntry], list[NamedEntry]]]
    # Changes that are done with, and others in place of them.
    taken: list[int] = field(default_factory=list)
    put_back: list[IndexChange] = field(default_factory=list)


def prepare(listing_ids: Collection[int], *, reach: Reach, today: date, is_forced: bool = False) -> Update:
    """What differs in the index for the listings, and for the names that the reach has. `is_forced` writes what is the same too."""
    keys = list(listing_ids)
    documents, stored = listing_documents(keys, today=today), documents_of(keys)
    changed = [
        document
        for key, document in documents.items()
        if is_forced or key not in stored or not is_same(stored[key], document)
    ]
    removed = [document for key, document in stored.items() if key not in documents and not document.is_removed]
    names = {kind: set(found) for kind, found in reach.names.items()}
    for kind, column in _COLUMNS.items():
        moved = _moved(changed, removed, stored, column)
        if moved:
            names.setdefault(kind, set()).update(moved)
    return Update(stored, changed, removed, [_entries(kind, found, today) for kind, found in names.items()])


def write(update: Update, *, state: IndexState, now: datetime) -> bool:
    """Writes it in one transaction; nothing, and False, when the index is no longer in that state."""
    words = WordCounts()
    for document in update.documents:
        known = update.stored.get(document.listing_id)
        words.replace(known.terms if known else "", document.terms)
    for document in update.removed:
        words.replace(document.terms, "")
    try:
        with transaction.atomic():
            held = locked(IndexState.objects.filter(pk=state.pk))[0]
            if _mark(held) != _mark(state) or held.building_at:
                return False
            store_documents(held, stored=update.stored, documents=update.documents, removed=update.removed)
            is_new = [store_entries(stored=before, entries=after, words=words) for before, after in update.entries]
            is_vocabulary_new = words.save() or any(is_new)
            if update.documents or update.removed or is_vocabulary_new:
                save_state(held, now=now, is_vocabulary_new=is_vocabulary_new)
            IndexChange.objects.bulk_create(update.put_back, batch_size=BATCH)
            IndexChange.objects.filter(pk__in=update.taken).delete()
    except BusyError:
        return False
    return True


def _mark(state: IndexState) -> tuple[object, ...]:
    return state.generation, state.seq, state.names_seq


def _moved(
    changed: Iterable[ListingDocument],
    removed: Iterable[ListingDocument],
    stored: dict[int, ListingDocument],
    column: str,
) -> set[int]:
    """The keys in the column that a listing came to or left."""
    moved: set[int] = {getattr(document, column) for document in removed}
    for document in changed:
        known = stored.get(document.listing_id)
        before = getattr(known, column) if known and not known.is_removed else None
        after = getattr(document, column)
        if before != after:
            moved |= {key for key in (before, after) if key is not None}
    return moved - {0}


def _entries(kind: NamedEntry.Kind, keys: set[int], today: date) -> tuple[list[NamedEntry], list[NamedEntry]]:
    stored = NamedEntry.objects.filter(kind=kind)
    if kind not in WHOLE:
        stored = stored.filter(object_id__in=keys)
    return list(stored), entries(kind, on=today, keys=keys)


def _changes(kind: IndexChange.Kind, keys: Iterable[int]) -> list[IndexChange]:
    return [IndexChange(kind=kind, object_id=key) for key in sorted(keys)]
