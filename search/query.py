"""A question to the search and its answer: all that views and engines know of each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

PER_PAGE = 24
# Pages further on are the last one's business: an engine's work stays bounded.
MAXIMUM_PAGE = 400
MAXIMUM_KM = 200

# VND per displayed unit, per kilogram where the weight is known: the upper ends of all bands but the last, exclusive.
PRICE_BANDS = (50_000, 100_000, 200_000, 500_000)


class Facet(StrEnum):
    """The seven facets; every value of each is a number. The word is the facet's name in the address."""

    CATEGORY = "loai"
    COMMODITY = "nong-san"
    COMMUNE = "xa"
    COOPERATIVE = "htx"
    # 3 to 5.
    STARS = "sao"
    # The position of the scheme in search.facets.SCHEMES.
    CERTIFICATE = "chung-nhan"
    # The position in PRICE_BANDS, the last being beyond them all.
    PRICE_BAND = "gia"


class Sort(StrEnum):
    RELEVANCE = ""
    NEWEST = "moi"
    CHEAPEST = "re"
    DEAREST = "dat"
    NEAREST = "gan"


@dataclass(frozen=True)
class Near:
    """A place on the map and how far around it, in kilometres."""

    latitude: float
    longitude: float
    km: int


@dataclass(frozen=True)
class NearUnit:
    """The middle of a commune, by its key, and how far around it, in kilometres."""

    unit: int
    km: int


@dataclass(frozen=True)
class ListingQuery:
    """What somebody asks for: OR inside a facet, AND between everything."""

    text: str = ""
    # The words as typed, without correction.
    is_exact: bool = False
    chosen: Mapping[Facet, frozenset[int]] = field(default_factory=dict)
    # A former commune or district: the communes that its area is in today.
    former_unit: int | None = None
    in_season: bool = False
    in_stock: bool = False
    # A commune that the cooperative must deliver to.
    delivers_to: int | None = None
    near: Near | NearUnit | None = None
    # VND per displayed unit, both inclusive.
    price_from: int | None = None
    price_to: int | None = None
    # Seconds since 1970: first on sale later than that.
    published_after: int | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 1


@dataclass(frozen=True)
class Plan:
    """A query in the terms of the index: what search.planning makes of a ListingQuery, and all that an engine reads.

    A hit has every term of `terms`, a term that begins with `prefix` when there is one, and fits every filter.
    """

    terms: tuple[str, ...] = ()
    prefix: str = ""
    # Conjunctions, the best first; a hit stands in the first that it has all terms of, or behind them all.
    tiers: tuple[tuple[str, ...], ...] = ()
    # Facets without a choice are absent; wider commodities are given with all below them.
    chosen: Mapping[Facet, frozenset[int]] = field(default_factory=dict)
    # None: any.
    communes: frozenset[int] | None = None
    cooperatives: frozenset[int] | None = None
    # Whole kilometres by commune, those within reach only.
    distances: Mapping[int, int] | None = None
    # 1 to 12.
    month: int | None = None
    in_stock: bool = False
    price_from: int | None = None
    price_to: int | None = None
    published_after: int | None = None
    sort: Sort = Sort.RELEVANCE
    start: int = 0
    count: int = PER_PAGE


Counts = Mapping[int, int]


@dataclass(frozen=True)
class ListingResults:
    """One page of listings by id, in order; how many there are; and per facet the hits by value, none of them zero.

    A facet's counts ignore the choice in it. An answer beyond the end has a total and no ids.
    """

    ids: tuple[int, ...]
    total: int
    facets: Mapping[Facet, Counts]


@dataclass(frozen=True)
class Health:
    """How an engine is: `backlog` counts changes it has not heard of yet."""

    name: str
    is_usable: bool
    documents: int
    backlog: int
    note: str = ""


def price_band(price: int) -> int:
    """The band that a price stands in: its position in PRICE_BANDS, or their number."""
    return sum(price >= end for end in PRICE_BANDS)
