"""What every search engine does."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from search.models import ListingDocument
from search.query import Health, ListingResults, Plan

Progress = Callable[[int], None]


class EngineUnavailableError(Exception):
    """The engine did not answer, not in time, or has no index. Another is to be asked."""


class SearchBackend(Protocol):
    """An engine over listing documents: each answers the same plan with the same ids, total, order and counts.

    Reading raises EngineUnavailableError.
    """

    name: str

    def search(self, plan: Plan) -> ListingResults: ...

    def suggest(self, terms: Sequence[str], prefix: str, count: int) -> tuple[int, ...]:
        """Listings which have all terms and one that begins with the prefix, the best quality first."""
        ...

    def has(self, terms: Sequence[str], prefix: str = "") -> bool:
        """Whether any listing has all terms, and one that begins with the prefix when there is one."""
        ...

    def index(self, documents: Iterable[ListingDocument]) -> None:
        """Takes documents in, in place of older ones of the same listing; those marked removed leave."""
        ...

    def rebuild(self, documents: Iterable[ListingDocument], *, progress: Progress) -> int:
        """Replaces everything by these; readers see the old or the new, never a half. How many."""
        ...

    def health(self) -> Health: ...
