"""What a visitor has chosen on a list of listings: read from the address, and written back into links."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Any

from django.http import QueryDict

MAXIMUM_PAGE = 10_000
# Of one facet; every link of the page repeats them.
MAXIMUM_KEYS = 30
# A key has at most nine digits here: a longer one overflows SQLite's integers and names nothing.
_KEY_DIGITS = 9


class Sort(StrEnum):
    NEWEST = "moi"
    CHEAPEST = "gia"
    DEAREST = "gia-giam"


class Facet(StrEnum):
    """The facets of a list; the value is the facet's name in the address."""

    CATEGORY = "loai"
    COMMUNE = "xa"
    COOPERATIVE = "htx"


@dataclass(frozen=True)
class Choice:
    """A set for each facet (OR inside a facet, AND between them), season, order and page."""

    category: frozenset[int] = frozenset()
    commune: frozenset[int] = frozenset()
    cooperative: frozenset[int] = frozenset()
    in_season: bool = False
    sort: Sort = Sort.NEWEST
    page: int = 1

    @property
    def is_filtered(self) -> bool:
        return bool(self.category or self.commune or self.cooperative or self.in_season)

    def of(self, facet: Facet) -> frozenset[int]:
        return getattr(self, facet.name.lower())

    def toggled(self, facet: Facet, key: int) -> "Choice":
        """The choice with the key added to the facet, or taken out of it; back on the first page."""
        changed: dict[str, Any] = {facet.name.lower(): self.of(facet) ^ {key}}
        return replace(self, page=1, **changed)

    def cleared(self) -> "Choice":
        return Choice(sort=self.sort)

    def query_string(self) -> str:
        """With its question mark; empty when nothing is chosen. One choice has one address."""
        pairs: list[str] = []
        for facet in Facet:
            pairs += [f"{facet.value}={key}" for key in sorted(self.of(facet))]
        if self.in_season:
            pairs.append("mua=1")
        if self.sort is not Sort.NEWEST:
            pairs.append(f"xep={self.sort.value}")
        if self.page > 1:
            pairs.append(f"trang={self.page}")
        return f"?{'&'.join(pairs)}" if pairs else ""


def read_choice(query: QueryDict) -> Choice:
    """Whatever stands in the address: what is malformed or unknown is left out."""
    sort = query.get("xep", "")
    return Choice(
        category=_keys(query.getlist(Facet.CATEGORY.value)),
        commune=_keys(query.getlist(Facet.COMMUNE.value)),
        cooperative=_keys(query.getlist(Facet.COOPERATIVE.value)),
        in_season=query.get("mua") == "1",
        sort=Sort(sort) if sort in list(Sort) else Sort.NEWEST,
        page=_page(query.get("trang", "")),
    )


def _keys(values: Iterable[str]) -> frozenset[int]:
    return frozenset(islice((int(value) for value in values if _is_key(value)), MAXIMUM_KEYS))


def _is_key(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= _KEY_DIGITS


def _page(value: str) -> int:
    return min(max(int(value), 1), MAXIMUM_PAGE) if _is_key(value) else 1
