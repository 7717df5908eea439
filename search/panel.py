"""The panel beside the results, as HTML: choices as links, and three small forms. Every word in it is escaped.

Written here and not in a template, whose nodes would cost most of the page (see catalog.fragments).
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from catalog.lists import Link
from marketplace.common.money import group_thousands
from search.choices import DEFAULT_KM, RADII, pairs
from search.links import FacetPanel
from search.query import ListingQuery, Near, NearUnit
from search.resolve import Places


def panel_html(
    query: ListingQuery,
    *,
    places: Places,
    toggles: Iterable[Link],
    facets: Iterable[FacetPanel],
    here: str,
    clear_url: str | None,
) -> SafeString:
    """The whole panel. On a phone the link "Filter" leads to it."""
    title, close, clear, season = _frame(get_language())
    cleared = f'<a class="more" href="{escape(clear_url)}">{clear}</a>' if clear_url else ""
    switches = "".join([_link(link) for link in toggles])
    return mark_safe(  # noqa: S308 - escaped above and below
        f'<aside class="facets" id="loc" aria-label="{title}"><div class="section__head"><h2>{title}</h2>'
        f'<a class="more only-narrow" href="#ket-qua">{close}</a>{cleared}</div>'
        f'<div class="facet"><h3>{season}</h3><ul class="facet__links">{switches}</ul></div>'
        f"{_delivery_form(query, places, here)}{_near_form(query, places, here)}"
        f"{''.join([_facet(facet) for facet in facets])}{_price_form(query, here)}</aside>"
    )


def _facet(facet: FacetPanel) -> str:
    links = "".join([_link(link) for link in facet.links])
    rest = ""
    if facet.all_url:
        rest = f'<a class="facet__all" href="{escape(facet.all_url)}" rel="nofollow">{_all_words(facet.count)}</a>'
    elif facet.more:
        more = "".join([_link(link) for link in facet.more])
        rest = (
            f'<details class="facet__more"><summary class="facet__all">{_all_words(facet.count)}</summary>'
            f'<ul class="facet__links">{more}</ul></details>'
        )
    return (
        f'<div class="facet" id="{facet.name}"><h3>{escape(facet.title)}</h3>'
        f'<ul class="facet__links">{links}</ul>{rest}</div>'
    )


def _all_words(count: int) -> str:
    return escape(gettext("All %(count)s") % {"count": group_thousands(count)})


def _link(link: Link) -> str:
    current = ' aria-current="true"' if link.is_on else ""
    count = "" if link.count is None else f"<b>{group_thousands(link.count)}</b>"
    return (
        f'<li><a class="facet__link" href="{escape(link.url)}" rel="nofollow"{current}>'
        f"<span>{escape(link.label)}</span>{count}</a></li>"
    )


def _delivery_form(query: ListingQuery, places: Places, here: str) -> str:
    words = _words(get_language())
    value = places[query.delivers_to].label if query.delivers_to is not None else ""
    return _form(
        words.delivery,
        here,
        _hidden(replace(query, delivers_to=None)),
        f'<label for="giao-ten">{words.commune}</label><div class="facet__row">'
        f'<input type="text" id="giao-ten" name="giao-ten" value="{escape(value)}" maxlength="120" autocomplete="off">'
        f'<button class="button">{words.apply}</button></div>',
        identity="giao",
    )


def _near_form(query: ListingQuery, places: Places, here: str) -> str:
    words = _words(get_language())
    near = query.near
    km = near.km if near is not None else DEFAULT_KM
    value = places[near.unit].label if isinstance(near, NearUnit) else ""
    # A position stays while another radius is chosen; the name of a commune takes its place.
    kept = replace(query, near=replace(near, km=DEFAULT_KM) if isinstance(near, Near) else None)
    options = "".join(
        f'<option value="{each}"{" selected" if each == km else ""}>{each} km</option>' for each in sorted({*RADII, km})
    )
    return _form(
        words.near,
        here,
        _hidden(kept),
        f'<label for="gan-ten">{words.commune}</label><input type="text" id="gan-ten" name="gan-ten" value="{escape(value)}" '
        f'maxlength="120" autocomplete="off"><label for="km">{words.within}</label><div class="facet__row">'
        f'<select id="km" name="km">{options}</select><button class="button">{words.apply}</button></div>',
        identity="gan",
    )


def _price_form(query: ListingQuery, here: str) -> str:
    words = _words(get_language())
    first = "" if query.price_from is None else group_thousands(query.price_from)
    last = "" if query.price_to is None else group_thousands(query.price_to)
    return _form(
        words.price,
        here,
        _hidden(replace(query, price_from=None, price_to=None)),
        '<div class="facet__row"><div>'
        f'<label for="tu">{words.low}</label><input type="text" id="tu" name="tu" value="{first}" inputmode="numeric" '
        f'maxlength="20" autocomplete="off"></div><div><label for="den">{words.high}</label><input type="text" id="den" '
        f'name="den" value="{last}" inputmode="numeric" maxlength="20" autocomplete="off"></div></div>'
        f'<button class="button">{words.apply}</button>',
        identity="khoang-gia",
    )


def _form(title: str, here: str, hidden: str, inside: str, *, identity: str) -> str:
    return (
        f'<form class="facet facet--form" id="{identity}" action="{escape(here)}"><h3>{title}</h3>'
        f"{hidden}{inside}</form>"
    )


def _hidden(query: ListingQuery) -> str:
    """The rest of the question, which the form sends along."""
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in pairs(replace(query, page=1))
    )


@lru_cache(maxsize=8)
def _frame(_language: str | None) -> tuple[str, str, str, str]:
    return (
        escape(gettext("Filter")),
        escape(gettext("Close")),
        escape(gettext("Clear all")),
        escape(gettext("Season and stock")),
    )


class _Words(NamedTuple):
    delivery: str
    commune: str
    apply: str
    near: str
    within: str
    price: str
    low: str
    high: str


@lru_cache(maxsize=8)
def _words(_language: str | None) -> _Words:
    return _Words(
        delivery=escape(gettext("Delivered to my commune")),
        commune=escape(gettext("Commune")),
        apply=escape(gettext("Apply")),
        near=escape(gettext("Near a commune")),
        within=escape(gettext("Within")),
        price=escape(gettext("Price range")),
        low=escape(gettext("From (₫)")),
        high=escape(gettext("To (₫)")),
    )
