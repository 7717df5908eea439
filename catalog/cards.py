"""Listings as cards: rows of the database turned into ready words and addresses, so that templates only print."""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypedDict

from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.translation import get_language, gettext

from catalog.photos import rendition_name
from catalog.seasons import is_in_season, season_words
from cooperatives.commodities.models import ALL_YEAR
from marketplace.common.money import format_vnd
from marketplace.common.quantities import SaleUnit, format_quantity

# What a card reads of a listing, by one statement (see selectors.card_rows).
CARD_FIELDS = (
    "pk",
    "slug",
    "title",
    "price_per_unit",
    "sale_unit",
    "step",
    "season_months",
    "cover_stem",
    "cover_colour",
    "cooperative__short_name",
    "commune__name",
    "free_steps",
)
CardRow = tuple[Any, ...]


class Card(TypedDict):
    """What parts/listing_cards.html prints. A mapping, because templates look keys up first."""

    url: str
    title: str
    price: str
    unit: str
    who: str
    season: str
    stock: str
    is_out: bool
    colour: str
    avif: str
    webp: str


def cards(rows: Iterable[CardRow], *, month: int) -> list[Card]:
    """One card for each row of CARD_FIELDS; no query."""
    language = get_language() or ""
    prefix = reverse("catalogue:index")
    media = default_storage.url("")
    return [_card(row, month, language, prefix, media) for row in rows]


def _card(row: CardRow, month: int, language: str, prefix: str, media: str) -> Card:
    pk, slug, title, price, unit, step, season, stem, colour, cooperative, commune, left = row
    return Card(
        # catalogue:detail, spelt out: reversing it for every card costs as much as drawing it.
        url=f"{prefix}{slug}_{pk}/",
        title=title,
        price=format_vnd(price),
        unit=_unit_word(unit, language),
        who=f"{cooperative} · {commune}",
        season=_season_tag(season, month, language),
        stock=stock_words(left, step, unit),
        is_out=left == 0,
        colour=colour,
        avif=f"{media}{rendition_name(stem, 320, 'avif')} 320w, {media}{rendition_name(stem, 640, 'avif')} 640w"
        if stem
        else "",
        webp=f"{media}{rendition_name(stem, 320, 'webp')}" if stem else "",
    )


def stock_words(left: int, step: Decimal, unit: str) -> str:
    """As "12 kg left" or "Sold out"."""
    if left == 0:
        return gettext("Sold out")
    return gettext("%(quantity)s left") % {"quantity": format_quantity(left * step, unit)}


@lru_cache(maxsize=64)
def _unit_word(unit: str, _language: str) -> str:
    return str(SaleUnit(unit).label)


@lru_cache(maxsize=512)
def _season_tag(mask: int, month: int, _language: str) -> str:
    if mask in (0, ALL_YEAR):
        return ""
    return gettext("In season") if is_in_season(mask, month) else season_words(mask)
