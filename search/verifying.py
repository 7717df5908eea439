"""Whether the index says what the other tables say, and making it so."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.selectors import public_listings
from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError
from marketplace.common.locks import locked
from search import tables
from search.documents import listing_documents
from search.entries import entries
from search.indexing import apply_changes, apply_stale, index_state, note_day, prepare, write
from search.models import IndexedWord, IndexState, ListingDocument, NamedEntry
from search.reach import Reach
from search.storing import documents_of, is_same, spelt
from search.surroundings import Surroundings
from search.words import WordCounts

Progress = Callable[[int], None]

_BATCH = 1000
_ATTEMPTS = 5


class IndexNotUsableError(DomainError):
    code = "index_not_usable"
    message = _("The index is missing, of another version or being built.")


@dataclass
class Report:
    """What differs. Listings by key; `slots` hold terms of no document."""

    checked: int = 0
    missing: set[int] = field(default_factory=set)
    surplus: set[int] = field(default_factory=set)
    different: set[int] = field(default_factory=set)
    slots: set[int] = field(default_factory=set)
    # Commodities, categories, cooperatives, communes and pages.
    names: dict[NamedEntry.Kind, set[int]] = field(default_factory=dict)
    words: int = 0
    is_sound: bool = True

    @property
    def listings(self) -> set[int]:
        return self.missing | self.surplus | self.different

    @property
    def is_clean(self) -> bool:
        return self.is_sound and not (self.listings or self.slots or self.names or self.words)


def verify(*, now: datetime, repair: bool = False, progress: Progress = lambda _: None) -> Report:
    """Takes in what is pending, then compares every document with one built afresh and with the text tables, and every
    name and count of words. With `repair` what differs is written anew. Raises IndexNotUsableError.
    """
    _catch_up(now)
    report = Report(is_sound=tables.is_sound())
    if not report.is_sound and repair:
        _refill()
    _compare_listings(report, now, progress)
    if report.listings:
        report = _looked_at_twice(report, now)
    report.slots = _slots_of_nobody()
    report.names = {kind: keys for kind in NamedEntry.Kind if (keys := _other_names(kind, now))}
    if repair:
        _repair(report, now)
    report.words = _recount(is_written=repair)
    return report


def _catch_up(now: datetime) -> None:
    state = index_state()
    if state.building_at or not state.is_usable:
        raise IndexNotUsableError
    note_day(today=local_day(now))
    while apply_changes(now=now) or apply_stale(now=now):
        pass


def _compare_listings(report: Report, now: datetime, progress: Progress) -> None:
    around = Surroundings()
    for keys in _batches():
        _compare(report, keys, now, around)
        report.checked += len(keys)
        progress(report.checked)


def _batches() -> Iterator[list[int]]:
    """Every listing that is public or in the index."""
    indexed = ListingDocument.objects.filter(is_removed=False).order_by()
    keys = sorted({*indexed.values_list("listing_id", flat=True), *public_listings().values_list("pk", flat=True)})
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]


def _compare(report: Report, keys: Collection[int], now: datetime, around: Surroundings) -> None:
    documents = listing_documents(keys, today=local_day(now), surroundings=around)
    stored = documents_of(list(keys))
    texts = tables.contents([document.slot for document in stored.values() if not document.is_removed])
    for key in keys:
        document, known = documents.get(key), stored.get(key)
        is_indexed = known is not None and not known.is_removed
        if document is None:
            if is_indexed:
                report.surplus.add(key)
        elif known is None or not is_indexed:
            report.missing.add(key)
        elif not is_same(known, document) or texts.get(known.slot) != frozenset(document.terms.split()):
            report.different.add(key)


def _looked_at_twice(first: Report, now: datetime) -> Report:
    """Without what somebody changed while the comparison went on."""
    _catch_up(now)
    report, keys = Report(checked=first.checked, is_sound=first.is_sound), sorted(first.listings)
    for start in range(0, len(keys), _BATCH):
        _compare(report, keys[start : start + _BATCH], now, Surroundings())
    return report


def _slots_of_nobody() -> set[int]:
    alive = ListingDocument.objects.filter(is_removed=False).order_by().values_list("slot", flat=True)
    return set(tables.held()) - set(alive)


def _other_names(kind: NamedEntry.Kind, now: datetime) -> set[int]:
    def facts(found: Collection[NamedEntry]) -> dict[int, tuple[object, ...]]:
        return {each.object_id: (each.label, each.detail, each.url, each.terms, each.weight) for each in found}

    stored, fresh = facts(NamedEntry.objects.filter(kind=kind)), facts(entries(kind, on=local_day(now)))
    return {key for key in stored.keys() | fresh.keys() if stored.get(key) != fresh.get(key)}


def _repair(report: Report, now: datetime) -> None:
    keys = sorted(report.listings)
    for start in range(0, len(keys), _BATCH):
        _write(keys[start : start + _BATCH], Reach(), now)
    if report.names:
        _write([], Reach(names={kind: set(found) for kind, found in report.names.items()}), now)
    with transaction.atomic():
        tables.remove(_slots_of_nobody())


def _write(keys: Collection[int], reach: Reach, now: datetime) -> None:
    for _attempt in range(_ATTEMPTS):
        state = index_state()
        if write(prepare(keys, reach=reach, today=local_day(now), is_forced=True), state=state, now=now):
            return


def _refill() -> None:
    with transaction.atomic():
        locked(IndexState.objects.all())
        tables.refill()


def _recount(*, is_written: bool) -> int:
    """How many words have another count than the documents and names give; 0 when somebody indexed meanwhile."""
    state = index_state()
    words = WordCounts()
    for terms in ListingDocument.objects.filter(is_removed=False).values_list("terms", flat=True).iterator():
        words.add(terms)
    for entry in NamedEntry.objects.iterator():
        words.add(spelt(entry))
    rows = words.rows()
    counted = Counter({row.word: row.documents for row in rows})
    stored = Counter(dict(IndexedWord.objects.values_list("word", "documents")))
    wrong = sum(counted[word] != stored[word] for word in counted.keys() | stored.keys())
    with transaction.atomic():
        held = locked(IndexState.objects.filter(pk=state.pk))[0]
        if (held.seq, held.names_seq) != (state.seq, state.names_seq):
            return 0
        if wrong and is_written:
            IndexedWord.objects.all().delete()
            IndexedWord.objects.bulk_create(rows, batch_size=_BATCH)
            held.names_seq += 1
            held.save()
    return wrong
