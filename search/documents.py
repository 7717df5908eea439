"""Listings as the index holds them, built from the other tables for many listings at once."""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from django.conf import settings
from django.utils import translation

from catalog.selectors import public_listings
from cooperatives.certificates.models import Certificate
from cooperatives.certificates.selectors import Facts, ListingKeys, facts_for
from cooperatives.partner.selectors import free_steps
from marketplace.common.dates import local_day, start_of_day
from marketplace.common.quantities import SaleUnit
from marketplace.order.models import Line, Parcel
from search.facets import certificate_bits
from search.models import ListingDocument
from search.quality import RECENT_DAYS, Merits, quality
from search.surroundings import Surroundings
from search.terms import Part, rest_part, stored_terms, title_part, words_of

_TAG = re.compile(r"<[^>]*>")
_GRAMS_OF_KILOGRAM = 1000
_GRAMS = {unit.value: unit.grams for unit in SaleUnit}
_NO_FACTS = Facts()
# Of a description: more than its form takes, and less than the megabyte that a document of PostgreSQL's has room for.
_MAXIMUM_TEXT = 50_000


class _Row(NamedTuple):
    """Columns of a public listing, as _COLUMNS names them."""

    pk: int
    title: str
    description: str
    category: int | None
    commodity: int | None
    commune: int | None
    cooperative: int | None
    recognition: int | None
    sale_unit: str
    price_per_unit: Decimal
    unit_weight_kg: Decimal | None
    season_months: int
    cover_stem: str
    published_at: datetime | None
    free_steps: int


_COLUMNS = (
    "pk", "title", "description", "category_id", "commodity_id", "commune_id", "cooperative_id", "recognition_id",
    "sale_unit", "price_per_unit", "unit_weight_kg", "season_months", "cover_stem", "published_at", "free_steps",
)  # fmt: skip


class Sales(NamedTuple):
    """Parcels with the listing that were delivered lately, and the day on which the first of them is no longer recent."""

    parcels: int
    until: date


def listing_documents(
    listing_ids: Collection[int], *, today: date, surroundings: Surroundings | None = None
) -> dict[int, ListingDocument]:
    """The documents of those listings that anyone may see, by key, without slot and number.

    The same queries for one listing and for a thousand, at most: more are not asked for at once. `surroundings` that
    are passed again save most of them.
    """
    around = surroundings or Surroundings()
    listings = public_listings().filter(pk__in=list(listing_ids)).annotate(free_steps=free_steps("stockrecords__"))
    rows = [_Row(*row) for row in listings.values_list(*_COLUMNS)]
    if not rows:
        return {}
    around.load(
        communes={row.commune for row in rows if row.commune},
        cooperatives={row.cooperative for row in rows if row.cooperative},
    )
    facts, sales = _facts(rows, today), recent_sales([row.pk for row in rows], today=today)
    return {row.pk: _document(row, facts.get(row.pk, _NO_FACTS), sales.get(row.pk), today, around) for row in rows}


def recent_sales(listing_ids: Collection[int], *, today: date) -> dict[int, Sales]:
    """Of the listings that had any in the last RECENT_DAYS days, today among them. One query."""
    since = start_of_day(today - timedelta(days=RECENT_DAYS - 1))
    lines = Line.objects.filter(
        product_id__in=list(listing_ids), parcel__status=Parcel.Status.DELIVERED, parcel__delivered_at__gte=since
    )
    delivered: dict[int, dict[int | None, date]] = {}
    for listing, parcel, moment in lines.order_by().values_list("product_id", "parcel_id", "parcel__delivered_at"):
        if listing and moment:
            delivered.setdefault(listing, {})[parcel] = local_day(moment)
    return {
        listing: Sales(len(parcels), min(parcels.values()) + timedelta(days=RECENT_DAYS))
        for listing, parcels in delivered.items()
    }


def comparable_price(price: Decimal, unit: str, unit_weight_kg: Decimal | None) -> int:
    """Đồng for a kilogram where the weight of the unit is known, else for the unit; rounded to whole đồng."""
    grams = _GRAMS.get(unit)
    if grams == _GRAMS_OF_KILOGRAM:
        return int(price)
    if grams:
        price = price * _GRAMS_OF_KILOGRAM / grams
    elif unit_weight_kg:
        price = price / unit_weight_kg
    return int(price.quantize(Decimal(1), ROUND_HALF_UP))


def season_flips_on(mask: int, today: date) -> date | None:
    """The first day of the month in which "in season now" is no longer what it is today; none for all the year."""
    month = today.month - 1
    for later in range(1, 12):
        if (mask >> (month + later) % 12 & 1) != (mask >> month & 1):
            return date(today.year + (month + later) // 12, (month + later) % 12 + 1, 1)
    return None


def plain_text(html: str) -> str:
    """The words of a description, without its tags."""
    text = _TAG.sub(" ", html)
    return (unescape(text) if "&" in text else text).strip()


def _facts(rows: Sequence[_Row], today: date) -> dict[int, Facts]:
    return facts_for([ListingKeys(row.pk, row.cooperative, row.commodity, row.recognition) for row in rows], on=today)


def _document(row: _Row, facts: Facts, sales: Sales | None, today: date, around: Surroundings) -> ListingDocument:
    text = plain_text((row.description or "")[:_MAXIMUM_TEXT])
    category, commodity = row.category or 0, row.commodity or 0
    commune, cooperative = row.commune or 0, row.cooperative or 0
    terms = stored_terms(
        [
            title_part(words_of(row.title)),
            *around.of(
                commune=commune, cooperative=cooperative, commodity=commodity, category=category, title=row.title
            ),
            rest_part(words_of(text)),
            _facts_part(facts),
        ]
    )
    is_in_season = bool(row.season_months >> (today.month - 1) & 1)
    merits = Merits(
        is_in_stock=row.free_steps > 0,
        is_in_season=is_in_season,
        parcels_delivered=sales.parcels if sales else 0,
        has_photo=bool(row.cover_stem),
        description_length=len(text),
        has_certificate=bool(facts.stars or facts.schemes),
    )
    changes = (season_flips_on(row.season_months, today), facts.next_change, sales.until if sales else None)
    return ListingDocument(
        listing_id=row.pk,
        terms=terms,
        category=category,
        commodity=commodity,
        commune=commune,
        cooperative=cooperative,
        stars=facts.stars,
        certificates=certificate_bits(facts.schemes),
        price=comparable_price(row.price_per_unit, row.sale_unit, row.unit_weight_kg),
        season_months=row.season_months,
        is_in_stock=row.free_steps > 0,
        quality=quality(merits),
        published=int(row.published_at.timestamp()) if row.published_at else 0,
        stale_on=min((day for day in changes if day), default=None),
    )


def _facts_part(facts: Facts) -> Part:
    """Words of the certificates' names, and "ocop 4 sao"."""
    if facts == _NO_FACTS:
        return Part(())
    found = [term for scheme in sorted(facts.schemes) for term in _scheme_words(scheme)]
    return Part((*found, "ocop", str(facts.stars), "sao") if facts.stars else tuple(found))


@lru_cache
def _scheme_words(scheme: str) -> tuple[str, ...]:
    """Of the scheme's name in every language of the site."""
    names = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names.append(str(Certificate.Scheme(scheme).label))
    return rest_part(word for name in names for word in words_of(name)).plain
