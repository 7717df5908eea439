"""The engine without a server: the words from the text tables, everything else from columns in memory."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np
from django.db import DatabaseError, connection, transaction

from search import tables
from search.backends import columns
from search.backends.base import EngineUnavailableError, Progress
from search.backends.columns import Columns, Mask
from search.models import INDEX_VERSION, IndexChange, IndexState, ListingDocument
from search.planning import tier_of
from search.query import Facet, Health, ListingResults, Plan, Sort
from search.tables import Conjunction, Slots, Stamp

_TRIES = 5
_BATCH = 1000
# Of so few hits the terms themselves are read: less work than the posting lists of broad words.
_FEW = 48
# Tiers in a statement: a round trip costs more than a tier that turns out not to be needed.
_AT_ONCE = 2
# Beyond any price and moment.
_HUGE = 2**62

_FIELDS = [field.attname for field in ListingDocument._meta.concrete_fields]
_INSERT = f"INSERT INTO search_listingdocument ({', '.join(_FIELDS)}) VALUES ({', '.join(['%s'] * len(_FIELDS))})"  # noqa: S608
_UPSERT = f"{_INSERT} ON CONFLICT (slot) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _FIELDS[1:])}"

Answer = TypeVar("Answer")


class _ReplacedError(Exception):
    """The index was replaced between two statements of one answer."""


class DatabaseBackend:
    name = "database"

    def search(self, plan: Plan) -> ListingResults:
        return _consistent(lambda: _Reading(plan).results())

    def suggest(self, terms: Sequence[str], prefix: str, count: int) -> tuple[int, ...]:
        if not terms and not prefix:
            return ()
        plan = Plan(terms=tuple(terms), prefix=prefix, count=count)
        return _consistent(lambda: _Reading(plan).page())

    def has(self, terms: Sequence[str], prefix: str = "") -> bool:
        if not terms and not prefix:
            return ListingDocument.objects.filter(is_removed=False).exists()
        return _consistent(lambda: tables.exists(terms, prefix))

    def index(self, documents: Iterable[ListingDocument]) -> None:
        """Each keeps its listing's slot or takes the next. Removed ones stay as rows that say so."""
        with transaction.atomic():
            state = _locked_state()
            numbers = _next_slots()
            for batch in _batches(documents):
                latest = list({document.listing_id: document for document in batch}.values())
                _take_slots(latest, numbers)
                _write(_UPSERT, latest)
                tables.replace((document.slot, document.terms) for document in latest if not document.is_removed)
                tables.remove(document.slot for document in latest if document.is_removed)
                state.seq = max(state.seq, *(document.seq for document in latest))
            state.save(update_fields=["seq"])

    def rebuild(self, documents: Iterable[ListingDocument], *, progress: Progress) -> int:
        count = 0
        with transaction.atomic():
            state = _locked_state()
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM search_listingdocument")
            for batch in _batches(document for document in documents if not document.is_removed):
                for slot, document in enumerate(batch, start=count + 1):
                    document.slot = slot
                _write(_INSERT, batch)
                state.seq = max(state.seq, *(document.seq for document in batch))
                count += len(batch)
                progress(count)
            tables.refill()
            state.version, state.generation = INDEX_VERSION, uuid.uuid4()
            state.save(update_fields=["seq", "version", "generation"])
        return count

    def health(self) -> Health:
        state = IndexState.objects.order_by("pk").first()
        is_usable = state is not None and state.is_usable
        return Health(
            name=self.name,
            is_usable=is_usable,
            documents=ListingDocument.objects.filter(is_removed=False).count(),
            backlog=IndexChange.objects.count(),
            note="" if is_usable else "The index is not built.",
        )


class _Reading:
    """One plan's way through one state of the index."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        # Asked for along with the hits, since most questions need them.
        self.first: list[Slots] = []
        if plan.terms or plan.prefix:
            tiers = plan.tiers[:_AT_ONCE] if plan.sort is Sort.RELEVANCE else ()
            stamp, [slots, *self.first] = tables.match_each(
                [Conjunction(plan.terms, plan.prefix), *map(Conjunction, tiers)]
            )
            self.columns = self._columns(stamp)
            slots = self._known(slots)
            slots = slots[self.columns.alive[slots]]
        else:
            self.columns = self._columns(tables.stamp())
            slots = np.flatnonzero(self.columns.alive).astype(np.int32)
        self.slots = slots[_filtered(self.columns, slots, plan)]
        self.allowed = {
            facet: self.columns.chosen(facet, chosen)[self.columns.codes[facet][self.slots]]
            for facet, chosen in plan.chosen.items()
        }
        self.hits = self.slots[self._mask()] if self.allowed else self.slots

    def results(self) -> ListingResults:
        return ListingResults(
            ids=self.page(), total=len(self.hits), facets={facet: self._counts(facet) for facet in Facet}
        )

    def page(self) -> tuple[int, ...]:
        plan, hits, rank = self.plan, self.hits, self.columns.rank
        if plan.start >= len(hits):
            return ()
        if plan.sort is Sort.NEAREST:
            communes = self.columns.codes[Facet.COMMUNE][hits]
            kilometres = self.columns.by_code(Facet.COMMUNE, plan.distances or {})[communes]
            order = kilometres * self.columns.size + rank(Sort.RELEVANCE)[hits]
            chosen = _window(hits, order, plan.start, plan.start + plan.count)
        elif plan.sort is Sort.RELEVANCE and plan.tiers:
            by_tiers = self._by_reading if len(hits) <= _FEW else self._by_asking
            chosen = by_tiers(plan.start, plan.start + plan.count)
        else:
            chosen = _window(hits, rank(plan.sort)[hits], plan.start, plan.start + plan.count)
        return tuple(self.columns.plain["listing_id"][chosen].tolist())

    def _by_reading(self, start: int, end: int) -> Slots:
        """The tiers as the hits' own terms have them. One statement."""
        stamp, terms = tables.read(self.hits.tolist())
        if stamp is None or stamp.generation != self.columns.stamp.generation:
            raise _ReplacedError
        tiers = [tier_of(terms.get(slot, ""), self.plan.tiers) for slot in self.hits.tolist()]
        order = np.array(tiers, np.int64) * self.columns.size + self.columns.rank(Sort.RELEVANCE)[self.hits]
        return _window(self.hits, order, start, end)

    def _by_asking(self, start: int, end: int) -> Slots:
        """Tiers are asked for only until the page is full, or no hit is left."""
        end = min(end, len(self.hits))
        remaining = np.zeros(self.columns.size, np.bool_)
        remaining[self.hits] = True
        rank = self.columns.rank(Sort.RELEVANCE)
        found: list[Slots] = []
        passed = 0
        for tier in self._tiers(remaining):
            remaining[tier] = False
            if passed + len(tier) > start:
                found.append(_window(tier, rank[tier], max(0, start - passed), end - passed))
            passed += len(tier)
            if passed >= end:
                break
        return np.concatenate(found)

    def _tiers(self, remaining: Mask) -> Iterator[Slots]:
        for tier in self._answers():
            slots = self._known(tier)
            yield slots[remaining[slots]]
        yield np.flatnonzero(remaining).astype(np.int32)

    def _answers(self) -> Iterator[Slots]:
        """The slots of each tier; no statement for the first ones."""
        yield from self.first
        for start in range(len(self.first), len(self.plan.tiers), _AT_ONCE):
            stamp, found = tables.match_each(
                [Conjunction(terms) for terms in self.plan.tiers[start : start + _AT_ONCE]]
            )
            if stamp.generation != self.columns.stamp.generation:
                raise _ReplacedError
            yield from found

    def _counts(self, facet: Facet) -> dict[int, int]:
        own = facet in self.allowed
        return self.columns.counts(facet, self.slots[self._mask(but=facet)] if own else self.hits)

    def _mask(self, but: Facet | None = None) -> Mask:
        mask = np.ones(len(self.slots), np.bool_)
        for facet, allowed in self.allowed.items():
            if facet is not but:
                mask &= allowed
        return mask

    def _columns(self, stamp: Stamp) -> Columns:
        held = columns.current(stamp)
        if held.stamp.generation != stamp.generation:
            raise _ReplacedError
        return held

    def _known(self, slots: Slots) -> Slots:
        """Those that the columns have heard of."""
        return slots[slots < self.columns.size]


def _filtered(held: Columns, slots: Slots, plan: Plan) -> Mask:
    """Which of the slots fit everything but the facets."""
    plain = held.plain
    mask = np.ones(len(slots), np.bool_)
    for facet, wanted in [
        (Facet.COMMUNE, plan.communes),
        (Facet.COOPERATIVE, plan.cooperatives),
        (Facet.COMMUNE, plan.distances),
    ]:
        if wanted is not None:
            mask &= held.allowed(facet, wanted)[held.codes[facet][slots]]
    if plan.month is not None:
        mask &= (plain["season_months"][slots] >> (plan.month - 1) & 1).astype(np.bool_)
    if plan.in_stock:
        mask &= plain["is_in_stock"][slots]
    if plan.price_from is not None:
        mask &= plain["price"][slots] >= _bounded(plan.price_from)
    if plan.price_to is not None:
        mask &= plain["price"][slots] <= _bounded(plan.price_to)
    if plan.published_after is not None:
        mask &= plain["published"][slots] > _bounded(plan.published_after)
    return mask


def _window(slots: Slots, order: np.ndarray, start: int, end: int) -> Slots:
    """What stands at `start` to `end` of the slots in that order, sorting no more of them than it must."""
    if end < len(slots):
        first = np.argpartition(order, end)[:end]
        slots, order = slots[first], order[first]
    return slots[np.argsort(order)][start:end]


def _bounded(number: int) -> int:
    return max(-_HUGE, min(number, _HUGE))


def _consistent(answer: Callable[[], Answer]) -> Answer:
    for _ in range(_TRIES):
        try:
            return answer()
        except _ReplacedError:
            continue
        except DatabaseError as error:
            raise EngineUnavailableError(str(error)) from error
    raise EngineUnavailableError("The index is made anew again and again.")


def _locked_state() -> IndexState:
    """One writer at a time."""
    return IndexState.objects.select_for_update().order_by("pk").first() or IndexState.objects.create()


def _next_slots() -> Iterator[int]:
    slot = ListingDocument.objects.order_by("slot").values_list("slot", flat=True).last() or 0
    while True:
        slot += 1
        yield slot


def _take_slots(documents: Sequence[ListingDocument], numbers: Iterator[int]) -> None:
    ids = [document.listing_id for document in documents]
    taken = dict(ListingDocument.objects.filter(listing_id__in=ids).values_list("listing_id", "slot"))
    for document in documents:
        document.slot = taken.get(document.listing_id) or next(numbers)


def _write(statement: str, documents: Sequence[ListingDocument]) -> None:
    stale_on = _FIELDS.index("stale_on")
    rows = [[getattr(document, name) for name in _FIELDS] for document in documents]
    for row in rows:
        row[stale_on] = connection.ops.adapt_datefield_value(row[stale_on])
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _batches(documents: Iterable[ListingDocument]) -> Iterator[list[ListingDocument]]:
    remaining = iter(documents)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
