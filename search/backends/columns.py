"""What listings are filtered, counted and ordered by, in the memory of the process: arrays with one position a slot.

Readers take the object that is there and never see it change; whoever finds it behind the index makes the next one.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from search import tables
from search.backends.base import EngineUnavailableError
from search.models import ListingDocument
from search.query import PRICE_BANDS, Facet, Sort
from search.tables import Slots, Stamp

_TRIES = 5
_BATCH = 10_000
# More than there are seconds.
_MOMENTS = 2**40
_FIELDS = (
    "slot",
    "listing_id",
    "is_removed",
    "category",
    "commodity",
    "commune",
    "cooperative",
    "stars",
    "certificates",
    "price",
    "season_months",
    "is_in_stock",
    "quality",
    "published",
)
_TYPES: dict[str, type[np.generic]] = {
    "listing_id": np.int64,
    "is_removed": np.bool_,
    "price": np.int64,
    "season_months": np.uint16,
    "is_in_stock": np.bool_,
    "quality": np.int64,
    "published": np.int64,
}
_CODED = {
    Facet.CATEGORY: "category",
    Facet.COMMODITY: "commodity",
    Facet.COMMUNE: "commune",
    Facet.COOPERATIVE: "cooperative",
    Facet.STARS: "stars",
    Facet.CERTIFICATE: "certificates",
}

Mask = NDArray[np.bool_]


class _Codes:
    """Small dense numbers for a column's values, in the order in which they were met; 0 stands for none."""

    def __init__(self, values: Iterable[int] = ()) -> None:
        self.values = [0, *values]
        self.numbers = {value: code for code, value in enumerate(self.values)}

    def of(self, values: NDArray[np.int64]) -> NDArray[np.int32]:
        met, position = np.unique(values, return_inverse=True)
        codes = np.empty(len(met), np.int32)
        for at, value in enumerate(met.tolist()):
            if value not in self.numbers:
                # In this order: readers who find the number find the value.
                self.values.append(value)
                self.numbers[value] = len(self.values) - 1
            codes[at] = self.numbers[value]
        return codes[position]


@dataclass(frozen=True)
class Columns:
    """The columns as they were at a state of the index."""

    stamp: Stamp
    plain: dict[str, NDArray]
    codes: dict[Facet, NDArray[np.int32]]
    # Only ever added to, so that older columns may go on with them.
    known: dict[Facet, _Codes]
    _ranks: dict[Sort, NDArray[np.int32]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.plain["listing_id"])

    @property
    def alive(self) -> Mask:
        return ~self.plain["is_removed"]

    def covers(self, stamp: Stamp) -> bool:
        return self.stamp.generation == stamp.generation and self.stamp.seq >= stamp.seq

    def rank(self, sort: Sort) -> NDArray[np.int32]:
        """Each slot's position in an order of all listings; that of relevance is the order within a tier."""
        if sort not in self._ranks:
            ids, published = self.plain["listing_id"], -self.plain["published"]
            keys: dict[Sort, tuple[NDArray, ...]] = {
                # One key of two, since sorting is what a change of the index costs.
                Sort.RELEVANCE: (ids, published - self.plain["quality"] * _MOMENTS),
                Sort.NEWEST: (ids, published),
                Sort.CHEAPEST: (ids, published, self.plain["price"]),
                Sort.DEAREST: (ids, published, -self.plain["price"]),
            }
            rank = np.empty(self.size, np.int32)
            rank[np.lexsort(keys[sort])] = np.arange(self.size, dtype=np.int32)
            self._ranks[sort] = rank
        return self._ranks[sort]

    def allowed(self, facet: Facet, wanted: Iterable[int]) -> Mask:
        """Which codes of the facet's column stand for one of the values."""
        return self.by_code(facet, dict.fromkeys(wanted, 1)).astype(np.bool_)

    def by_code(self, facet: Facet, numbers: Mapping[int, int]) -> NDArray[np.int64]:
        """A number for each code of the facet's column; 0 where none is given for its value."""
        known = self.known[facet]
        codes = {known.numbers[value]: number for value, number in numbers.items() if value in known.numbers}
        by_code = np.zeros(len(known.values), np.int64)
        by_code[list(codes)] = list(codes.values())
        return by_code

    def chosen(self, facet: Facet, wanted: Iterable[int]) -> Mask:
        """Which codes of the facet's column a choice of these values lets through; none that stands for no value."""
        if facet is Facet.CERTIFICATE:
            bits = sum(1 << bit for bit in wanted if 0 <= bit < 64)
            return np.array([bool(value & bits) for value in self.known[facet].values])
        allowed = self.allowed(facet, wanted)
        allowed[0] = False
        return allowed

    def counts(self, facet: Facet, slots: Slots) -> dict[int, int]:
        """How many of the slots have each value of the facet; none with zero."""
        values = self.known[facet].values
        counted = np.bincount(self.codes[facet][slots], minlength=1)
        counted[0] = 0
        by_value = {values[code]: int(counted[code]) for code in np.flatnonzero(counted).tolist()}
        return _by_bit(by_value) if facet is Facet.CERTIFICATE else by_value


_lock = threading.Lock()
_held: Columns | None = None


def current(stamp: Stamp) -> Columns:
    """The columns at that state of the index or a later one of its generation; those of another if it has been replaced
    since. No statement while nothing changes.
    """
    global _held
    held = _held
    if held is None or not held.covers(stamp):
        with _lock:
            held = _held
            if held is None or not held.covers(stamp):
                held = _held = _read(held)
    return held


def forget() -> None:
    """Drops what is held: for whoever has seen the index go back, which only tests do."""
    global _held
    _held = None


def _read(held: Columns | None) -> Columns:
    for _ in range(_TRIES):
        stamp = tables.stamp()
        # A row that changes meanwhile has a higher number than the state that was read, and is read again next time.
        base = held if held and held.stamp.generation == stamp.generation and held.stamp.seq <= stamp.seq else None
        columns = _with_rows(base, stamp)
        if tables.stamp().generation == stamp.generation:
            return columns
    raise EngineUnavailableError("The index is made anew again and again.")


def _with_rows(base: Columns | None, stamp: Stamp) -> Columns:
    rows = ListingDocument.objects.values_list(*_FIELDS)
    last = ListingDocument.objects.order_by("slot").values_list("slot", flat=True).last() or 0
    if base:
        changed = list(rows.filter(seq__gt=base.stamp.seq).order_by("seq")[: _BATCH + 1])
        if len(changed) <= _BATCH:
            columns = _copied(base, stamp, last + 1)
            _fill(columns, changed)
            return columns
    columns = _copied(None, stamp, last + 1)
    after = -1
    while batch := list(rows.filter(slot__gt=after).order_by("slot")[:_BATCH]):
        _fill(columns, batch)
        after = batch[-1][0]
    return columns


def _copied(base: Columns | None, stamp: Stamp, size: int) -> Columns:
    if base is None:
        known = {facet: _Codes() for facet in _CODED}
        known[Facet.PRICE_BAND] = _Codes()
        # Code 0 is no band's.
        known[Facet.PRICE_BAND].values = [0, *range(len(PRICE_BANDS) + 1)]
        known[Facet.PRICE_BAND].numbers = {band: band + 1 for band in range(len(PRICE_BANDS) + 1)}
        base = Columns(
            stamp,
            {name: np.empty(0, kind) for name, kind in _TYPES.items()},
            {facet: np.empty(0, np.int32) for facet in Facet},
            known,
        )
    plain = {name: _grown(values, size) for name, values in base.plain.items()}
    plain["is_removed"][base.size :] = True
    return Columns(stamp, plain, {facet: _grown(codes, size) for facet, codes in base.codes.items()}, base.known)


def _grown(values: NDArray, size: int) -> NDArray:
    grown = np.zeros(max(size, len(values)), values.dtype)
    grown[: len(values)] = values
    return grown


def _fill(columns: Columns, batch: Sequence[tuple[int, ...]]) -> None:
    rows = dict(zip(_FIELDS, np.array(batch, dtype=np.int64).reshape(-1, len(_FIELDS)).T, strict=True))
    slots = rows["slot"]
    # A row that came after the size was read is for the next time.
    fits = slots < columns.size
    slots = slots[fits]
    for name in _TYPES:
        columns.plain[name][slots] = rows[name][fits]
    for facet, name in _CODED.items():
        columns.codes[facet][slots] = columns.known[facet].of(rows[name][fits])
    columns.codes[Facet.PRICE_BAND][slots] = 1 + np.searchsorted(PRICE_BANDS, rows["price"][fits], side="right")


def _by_bit(by_set: dict[int, int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for bits, count in by_set.items():
        for bit in range(bits.bit_length()):
            if bits >> bit & 1:
                counts[bit] = counts.get(bit, 0) + count
    return counts
