"""Writing documents, names and words. Everything here is called in the transaction that holds the state of the index."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from django.conf import settings
from django.db import connection
from django.db.models import Max

from search import tables
from search.models import IndexState, ListingDocument, NamedEntry
from search.words import WordCounts

# What a document says, besides where it is kept.
FACTS = tuple(
    field.attname
    for field in ListingDocument._meta.concrete_fields
    if field.attname not in {"slot", "listing_id", "seq", "is_removed"}
)
_STALE_ON = FACTS.index("stale_on") - len(FACTS)
_ALL = ("slot", "listing_id", "seq", "is_removed", *FACTS)
_VALUES = attrgetter(*_ALL)
# Written by hand: Django's bulk_create takes three times as long.
_UPSERT = (
    f"INSERT INTO {ListingDocument._meta.db_table} ({', '.join(_ALL)}) VALUES ({', '.join(['%s'] * len(_ALL))}) "  # noqa: S608
    f"ON CONFLICT (slot) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _ALL[1:])}"
)
_ENTRY = ("label", "detail", "url", "terms", "weight")
_BATCH = 500


def is_same(stored: ListingDocument, document: ListingDocument) -> bool:
    return not stored.is_removed and all(getattr(stored, fact) == getattr(document, fact) for fact in FACTS)


def store_documents(
    state: IndexState,
    *,
    stored: Mapping[int, ListingDocument],
    documents: Collection[ListingDocument],
    removed: Iterable[ListingDocument] = (),
    has_text: bool = True,
) -> None:
    """Writes documents as changed, under the next numbers; those that are `stored` by their listing keep their slot.

    The `removed` stay without words, until every engine knows of it. `has_text=False` leaves the text tables to
    tables.refill.
    """
    slots = _free_slots(state, sum(each.listing_id not in stored for each in documents), keep=stored)
    gone = list(removed)
    for document in documents:
        known = stored.get(document.listing_id)
        document.slot = known.slot if known else next(slots)
        document.is_removed = False
    for document in gone:
        document.is_removed, document.terms = True, ""
    rows = [*documents, *gone]
    for document in rows:
        state.seq += 1
        document.seq = state.seq
    _upsert(rows)
    if has_text:
        tables.replace((document.slot, document.terms) for document in documents)
        tables.remove([document.slot for document in gone])


def store_entries(*, stored: Iterable[NamedEntry], entries: Iterable[NamedEntry], words: WordCounts) -> bool:
    """Makes the `stored` entries into the others, and notes what changes of words; whether anything was to do."""
    before = {(entry.kind, entry.object_id): entry for entry in stored}
    after = {(entry.kind, entry.object_id): entry for entry in entries}
    changed = [entry for key, entry in after.items() if key not in before or not _is_same_entry(before[key], entry)]
    surplus = [entry for key, entry in before.items() if key not in after]
    for entry in changed:
        known = before.get((entry.kind, entry.object_id))
        words.replace(spelt(known), spelt(entry))
    for entry in surplus:
        words.replace(spelt(entry), "")
    NamedEntry.objects.filter(pk__in=[entry.pk for entry in surplus]).delete()
    NamedEntry.objects.bulk_create(
        changed, batch_size=_BATCH, update_conflicts=True, unique_fields=["kind", "object_id"], update_fields=_ENTRY
    )
    return bool(changed or surplus)


def spelt(entry: NamedEntry | None) -> str:
    """The terms of a name that belong to the vocabulary. The country's communes that sell nothing here have nearly every
    syllable there is: no mistake would be seen as one.
    """
    if entry is None or (entry.kind == NamedEntry.Kind.COMMUNE and not entry.weight):
        return ""
    return entry.terms


def save_state(state: IndexState, *, now: datetime, is_vocabulary_new: bool) -> None:
    state.changed_at = now
    state.names_seq += is_vocabulary_new
    state.save()


def _upsert(documents: Iterable[ListingDocument]) -> None:
    rows = [list(_VALUES(document)) for document in documents]
    for row in rows:
        row[_STALE_ON] = connection.ops.adapt_datefield_value(row[_STALE_ON])
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, rows)


def _is_same_entry(stored: NamedEntry, entry: NamedEntry) -> bool:
    return all(getattr(stored, column) == getattr(entry, column) for column in _ENTRY)


def _free_slots(state: IndexState, count: int, *, keep: Mapping[int, ListingDocument]) -> Iterator[int]:
    """That many slots: those of removed documents that Elasticsearch has heard of, then new ones."""
    if not count:
        return iter(())
    kept = {document.slot for document in keep.values()}
    free = ListingDocument.objects.filter(is_removed=True).order_by("slot")
    # While its index is made anew that number is 0, and all of them stay.
    if settings.SEARCH_ENGINE == "elastic":
        free = free.filter(seq__lte=state.elastic_seq)
    found = [slot for slot in free.values_list("slot", flat=True)[: count + len(kept)] if slot not in kept][:count]
    last: int = ListingDocument.objects.aggregate(last=Max("slot"))["last"] or 0
    return iter([*found, *range(last + 1, last + 1 + count - len(found))])


def documents_of(listing_ids: Sequence[int]) -> dict[int, ListingDocument]:
    """Stored documents by listing, removed ones among them."""
    return {document.listing_id: document for document in ListingDocument.objects.filter(listing_id__in=listing_ids)}
