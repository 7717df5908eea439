"""Listings as cards: rows of the database turned into ready words and addresses, and those into HTML.

The HTML of a card is written here, not in a template: a list prints 24 of them, and Django's template nodes made up
half of the page's cost.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any, TypedDict

from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from catalog.confirmed import badge
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
    "recognition__stars",
    "recognition__decided_on",
    "recognition__valid_to",
    "recognition__revoked_on",
)
CardRow = tuple[Any, ...]
LAZY = ' loading="lazy"'


class Card(TypedDict):
    """What a card shows, as plain text."""

    url: str
    title: str
    price: str
    unit: str
    who: str
    ocop: str
    season: str
    stock: str
    is_out: bool
    colour: str
    avif: str
    webp: str


def cards(rows: Iterable[CardRow], *, today: date) -> list[Card]:
    """One card for each row of CARD_FIELDS, with the season and the stars of the day; no query."""
    language = get_language() or ""
    prefix = reverse("catalogue:index")
    media = default_storage.url("")
    return [_card(row, today, language, prefix, media) for row in rows]


def _card(row: CardRow, today: date, language: str, prefix: str, media: str) -> Card:
    pk, slug, title, price, unit, step, season, stem, colour, cooperative, commune, left, *recognition = row
    return Card(
        # catalogue:detail, spelt out: reversing it for every card costs as much as drawing it.
        url=f"{prefix}{slug}_{pk}/",
        title=title,
        price=format_vnd(price),
        unit=_unit_word(unit, language),
        who=f"{cooperative} · {commune}",
        ocop=_ocop_tag(recognition, today, language),
        season=_season_tag(season, today.month, language),
        stock=stock_words(left, step, unit),
        is_out=left == 0,
        colour=colour,
        avif=f"{media}{rendition_name(stem, 320, 'avif')} 320w, {media}{rendition_name(stem, 640, 'avif')} 640w"
        if stem
        else "",
        webp=f"{media}{rendition_name(stem, 320, 'webp')}" if stem else "",
    )


def cards_html(shown: Iterable[Card], *, extra_class: str = "", eager: int = 2) -> SafeString:
    """The grid of the cards; pictures after the first `eager` are loaded lazily. Every word in it is escaped."""
    items = "".join([_card_html(card, is_lazy=number >= eager) for number, card in enumerate(shown)])
    return mark_safe(f'<ul class="cards{f" {escape(extra_class)}" if extra_class else ""}">{items}</ul>')  # noqa: S308


def _card_html(card: Card, *, is_lazy: bool) -> str:
    picture = (
        f'<picture><source type="image/avif" srcset="{escape(card["avif"])}" sizes="(min-width:640px) 300px, 46vw">'
        f'<img src="{escape(card["webp"])}" alt="" width="320" height="240"{LAZY if is_lazy else ""}></picture>'
        if card["webp"]
        else ""
    )
    ocop = f'<span class="tag tag--ocop">{escape(card["ocop"])}</span>' if card["ocop"] else ""
    season = f'<span class="tag tag--season">{escape(card["season"])}</span>' if card["season"] else ""
    return (
        f'<li class="card{" card--out" if card["is_out"] else ""}"><span class="photo">'
        f'<svg viewBox="0 0 4 3" aria-hidden="true"><path fill="{escape(card["colour"])}" d="M0 0h4v3H0z"/></svg>'
        f'{picture}</span><h3 class="card__title"><a href="{escape(card["url"])}">{escape(card["title"])}</a></h3>'
        f'<p class="card__price"><span class="price">{escape(card["price"])}<small>/{escape(card["unit"])}</small></span>'
        f'</p><p class="card__who">{escape(card["who"])}</p>'
        f'<p class="card__facts">{ocop}{season}<span class="soft">{escape(card["stock"])}</span></p></li>'
    )


def stock_words(left: int, step: Decimal, unit: str) -> str:
    """As "12 kg left" or "Sold out"."""
    if left == 0:
        return gettext("Sold out")
    return gettext("%(quantity)s left") % {"quantity": format_quantity(left * step, unit)}


def _ocop_tag(recognition: list[Any], today: date, language: str) -> str:
    stars, decided_on, valid_to, revoked_on = recognition
    if stars is None or not decided_on <= today < valid_to or (revoked_on and revoked_on <= today):
        return ""
    return badge(stars, language)


@lru_cache(maxsize=64)
def _unit_word(unit: str, _language: str) -> str:
    return str(SaleUnit(unit).label)


@lru_cache(maxsize=512)
def _season_tag(mask: int, month: int, _language: str) -> str:
    if mask in (0, ALL_YEAR):
        return ""
    return gettext("In season") if is_in_season(mask, month) else season_words(mask)
