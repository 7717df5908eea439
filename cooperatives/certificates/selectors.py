"""Which stars and certificates listings have on a day, for many listings at once.

A listing is given as (key, key of its cooperative, of its commodity, of its recognition): this package does not know
the catalogue. Every function costs the same few queries for one listing and for thousands.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from django.db.models import Model, QuerySet

from cooperatives.certificates.models import Certificate, OcopRecognition, RecognitionQuerySet
from cooperatives.commodities.models import Commodity
from cooperatives.commodities.selectors import CommodityTree, is_of
from cooperatives.models import Cooperative
from marketplace.common.prepared import Prepared

# More keys than that are not named in a statement: the tables of certificates are small enough to be read whole.
_MOST_KEYS = 500

# What a page shows of a recognition that it reads with something else.
RECOGNITION_SHOWN = (
    "product_name", "stars", "score", "group", "original_group", "decision_number", "decided_on", "issuer", "valid_to",
    "revoked_on", "note",
)  # fmt: skip

M = TypeVar("M", bound=Model)


class ListingKeys(NamedTuple):
    pk: int
    cooperative_id: int | None
    commodity_id: int | None
    recognition_id: int | None = None


ListingRow = ListingKeys | tuple[int, int | None, int | None, int | None]


@dataclass(frozen=True)
class Facts:
    """0 stars mean no recognition in force; `next_change` is the first later day on which these facts are others."""

    stars: int = 0
    schemes: frozenset[str] = frozenset()
    next_change: date | None = None


class _Span(NamedTuple):
    """A fact and the days [start, end) on which it holds."""

    fact: int | str
    start: date
    end: date | None

    def holds(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on < self.end)


def facts_for(listings: Iterable[ListingRow], *, on: date) -> dict[int, Facts]:
    """The facts of each listing on the day, by its key. At most three queries.

    `next_change` counts what time alone changes: certificates and recognitions that begin, expire or are revoked on a
    later day that is known now.
    """
    rows = [ListingKeys(*row) for row in listings]
    stars = _recognition_spans(rows)
    covering = _Covering(rows, on=on)
    # Listings of one cooperative and commodity share their facts.
    known: dict[ListingKeys, Facts] = {}
    found = {}
    for row in rows:
        shared = row._replace(pk=0)
        if shared not in known:
            schemes = tuple(_certificate_span(certificate) for certificate in covering.of(row))
            known[shared] = _facts(stars.get(row.recognition_id or 0, ()), schemes, on)
        found[row.pk] = known[shared]
    return found


def stars_of(listings: Iterable[ListingRow], *, on: date) -> dict[int, int]:
    """Stars of the listings whose recognition is in force on the day; others are left out. One query."""
    rows = [ListingKeys(*row) for row in listings]
    wanted = {row.recognition_id for row in rows if row.recognition_id}
    recognitions = _narrowed(OcopRecognition.objects.in_force(on), "pk", wanted)
    known = dict(recognitions.order_by().values_list("pk", "stars")) if wanted else {}
    return {row.pk: known[row.recognition_id] for row in rows if row.recognition_id in known}


def certificates_of(listings: Iterable[ListingRow], *, on: date) -> dict[int, list[Certificate]]:
    """The certificates that cover each listing on the day; a listing without any has an empty list. Two queries."""
    rows = [ListingKeys(*row) for row in listings]
    covering = _Covering(rows, on=on)
    return {row.pk: [each for each in covering.of(row) if each.is_in_force(on)] for row in rows}


def certificates_covering(*, cooperative_id: int, commodity: Commodity | None, on: date) -> list[Certificate]:
    """The certificates of one cooperative that cover goods of the commodity on the day. One query."""
    return [
        each
        for each in _certificates(cooperative_id, on)
        if each.commodity is None or (commodity is not None and is_of(commodity, each.commodity))
    ]


def certificates_of_cooperative(*, cooperative: Cooperative, on: date) -> list[Certificate]:
    """In force on the day, with their commodities. One query."""
    return _certificates(cooperative.pk, on)


def recognitions_of_cooperative(*, cooperative: Cooperative, on: date) -> RecognitionQuerySet:
    """In force on the day, most stars first."""
    found = OcopRecognition.objects.in_force(on).filter(cooperative_id=cooperative.pk)
    return found.select_related("commodity").order_by("-stars", "product_name", "pk")


def next_change_after(listings: Iterable[ListingRow], *, on: date) -> date | None:
    """The first day after `on` on which stars or certificates of any of the listings change by time alone."""
    days = [facts.next_change for facts in facts_for(listings, on=on).values() if facts.next_change]
    return min(days, default=None)


class _Covering:
    """Certificates in force on a day or later, found by cooperative and commodity without a further query."""

    def __init__(self, rows: list[ListingKeys], *, on: date) -> None:
        owners = {row.cooperative_id for row in rows if row.cooperative_id}
        self._of_cooperative: dict[int, list[Certificate]] = defaultdict(list)
        if owners:
            for certificate in _narrowed(Certificate.objects.not_over(on), "cooperative", owners):
                self._of_cooperative[certificate.cooperative_id].append(certificate)
        self._tree = CommodityTree() if self._of_cooperative else None

    def of(self, row: ListingKeys) -> Iterator[Certificate]:
        for certificate in self._of_cooperative.get(row.cooperative_id or 0, ()):
            if self._covers(certificate, row.commodity_id):
                yield certificate

    def _covers(self, certificate: Certificate, commodity_id: int | None) -> bool:
        if certificate.commodity_id is None:
            return True
        return bool(commodity_id and self._tree and self._tree.is_of(commodity_id, certificate.commodity_id))


def recognitions_shown(*, cooperative: Cooperative, on: date) -> list[OcopRecognition]:
    """In force on the day, most stars first. One query."""
    return _recognitions(cooperative.pk, on)


_certificates = Prepared(
    lambda key, on: Certificate.objects.in_force(on).filter(cooperative_id=key).select_related("commodity")
)


_recognitions = Prepared(
    lambda key, on: (
        OcopRecognition.objects.in_force(on).filter(cooperative_id=key).order_by("-stars", "product_name", "pk")
    )
)


def _recognition_spans(rows: list[ListingKeys]) -> dict[int, tuple[_Span, ...]]:
    wanted = {row.recognition_id for row in rows if row.recognition_id}
    if not wanted:
        return {}
    recognitions = _narrowed(OcopRecognition.objects.all(), "pk", wanted)
    return {each.pk: (_Span(each.stars, each.decided_on, each.ends_on),) for each in recognitions}


def _certificate_span(certificate: Certificate) -> _Span:
    return _Span(certificate.scheme, certificate.valid_from, certificate.ends_on)


def _facts(stars: tuple[_Span, ...], schemes: tuple[_Span, ...], on: date) -> Facts:
    today = _held(stars, schemes, on)
    days = {day for span in (*stars, *schemes) for day in (span.start, span.end) if day and day > on}
    change = next((day for day in sorted(days) if _held(stars, schemes, day) != today), None)
    return Facts(stars=today[0], schemes=today[1], next_change=change)


def _held(stars: tuple[_Span, ...], schemes: tuple[_Span, ...], on: date) -> tuple[int, frozenset[str]]:
    shown = max((int(span.fact) for span in stars if span.holds(on)), default=0)
    return shown, frozenset(str(span.fact) for span in schemes if span.holds(on))


def _narrowed(rows: QuerySet[M], field: str, keys: set[int]) -> QuerySet[M]:
    return rows.filter(**{f"{field}__in": keys}) if len(keys) <= _MOST_KEYS else rows
