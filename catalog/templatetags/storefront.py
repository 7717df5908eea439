"""What only the storefront's templates need: {% load storefront %}.

The live blocks and pages of the CMS ask for their data here: an editor's page holds a choice, never a listing.
"""

import json
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.template import Context, RequestContext
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog import communes, fragments, makers, selectors
from catalog.cards import Card, cards, cards_html
from catalog.choices import read_choice
from catalog.confirmed import confirmations
from catalog.lists import FacetLinks
from catalog.pages import Pages, page_links
from catalog.structured import organization_data
from cooperatives.indicators import pages as indicator_pages
from cooperatives.indicators.selectors import coverage
from cooperatives.models import Cooperative
from cooperatives.places.selectors import unit_by_code
from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError

register = template.Library()

FIGURE_SECONDS = 300

# As Django's json_script does: nothing in the data can end the script element.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.filter
def typed(value: Decimal | str | None) -> str:
    """A quantity as it stands in an input: "1,5", without groups; what a person typed stays as it is."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",")
    return "" if value is None else str(value)


@register.filter
def initials(name: str) -> str:
    """At most two letters that stand for a cooperative without a picture: "HTX Tâm Hòa" gives "TH"."""
    words = [word for word in name.split() if word[:1].isalpha() and word.casefold() not in {"htx", "hợp", "tác", "xã"}]
    return "".join(word[0] for word in words[-2:]).upper()


@register.simple_tag
def structured_data(thing: dict[str, object] | list[object]) -> SafeString:
    """schema.org data for search engines; a data block, which no browser runs."""
    text = json.dumps(thing, ensure_ascii=False, separators=(",", ":"), default=str).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - escaped above


@register.simple_tag
def frame_url(name: str, *args: str) -> str:
    """The address of a page that is the same for everybody. The frame asks for a dozen each time, so they are kept."""
    return _address(name, args, get_language())


@lru_cache(maxsize=128)
def _address(name: str, args: tuple[str, ...], _language: str | None) -> str:
    return reverse(name, args=args)


@register.simple_tag
def front_cards(scope: str, count: int) -> list[Card]:
    """Cards for a front page: "season" for what is in season first, else the newest."""
    today = local_day(timezone.now())
    if scope == "season":
        return cards(selectors.season_rows(month=today.month, count=count), today=today)
    return cards(selectors.newest_rows(count=count), today=today)


@register.simple_tag
def card_grid(shown: list[Card], extra_class: str = "", eager: int | str = "") -> SafeString:
    """The cards as parts/listing_cards.html shows them."""
    return cards_html(shown, extra_class=extra_class, eager=int(eager or 2))


@register.simple_tag
def crumb_list(shown: list[dict[str, str]]) -> SafeString:
    return fragments.crumbs_html(shown)


@register.simple_tag
def page_nav(pages: Pages) -> SafeString:
    return fragments.pages_html(pages)


@register.simple_tag
def facet_panel(shown: list[FacetLinks], clear_url: str | None, other_ways: bool | str) -> SafeString:  # noqa: FBT001
    return fragments.facets_html(shown, clear_url=clear_url, other_ways=bool(other_ways))


@register.simple_tag(takes_context=True)
def stepper(context: Context) -> SafeString:
    """What the context of parts/quantity_stepper.html describes."""
    minimum: Decimal = context["minimum"]
    maximum = context.get("maximum")
    return fragments.stepper_html(
        identity=str(context["id"]),
        name=str(context["name"]),
        label=str(context["label"]),
        unit=str(context["unit"]),
        step=context["step"],
        minimum=minimum,
        value=typed(context.get("value") or minimum),
        maximum=maximum if isinstance(maximum, Decimal) else None,
        error=str(context.get("error") or ""),
        is_label_hidden=bool(context.get("hidden_label")),
    )


@register.simple_tag
def front_communes(count: int) -> list[communes.CommuneEntry]:
    """The communes that most goods on sale come from."""
    return communes.communes_with_trade(on=local_day(timezone.now()), count=count)


@register.simple_tag
def front_cooperatives(count: int) -> list[makers.CooperativeEntry]:
    """The cooperatives that sell most of what is in season."""
    return makers.cooperatives_in_season(on=local_day(timezone.now()), count=count)


@register.simple_tag
def front_figure() -> dict[str, Any] | None:
    """The home province's L1 of today, as parts/figure_card.html takes it; None while it cannot be computed.

    Computing it reads the whole registry of the province, so that a front page is given it FIGURE_SECONDS old.
    """
    today = local_day(timezone.now())
    key = f"front-figure-{settings.HOME_PROVINCE_CODE}-{today:%Y%m%d}-{get_language()}"
    figure = cache.get(key)
    if figure is None:
        try:
            province = unit_by_code(code=settings.HOME_PROVINCE_CODE, on=today)
            result = coverage(province, today, today=today)
        except DomainError:
            return None
        figure = indicator_pages.figure(result.l1, result)
        cache.set(key, figure, FIGURE_SECONDS)
    return figure


@register.simple_tag(takes_context=True)
def cooperative_list(context: RequestContext) -> dict[str, Any]:
    """Entries and page links of the list of cooperatives, for the page that the address asks for."""
    request = _request(context)
    found = makers.cooperatives_on(on=local_day(timezone.now()), number=read_choice(request.GET).page)
    pages = page_links(number=found.number, count=found.count, url_of=lambda page: f"{request.path}?trang={page}")
    return {"entries": found.entries, "pages": pages}


@register.simple_tag(takes_context=True)
def cooperative_profile(context: RequestContext, cooperative: Cooperative) -> dict[str, Any]:
    """What is on sale and where the cooperative works: cards, pages, homes, places, is_active, confirmations."""
    request, today = _request(context), local_day(timezone.now())
    found = makers.profile_of(cooperative, on=today, number=read_choice(request.GET).page)
    return {
        "cards": cards(found.rows, today=today),
        "pages": page_links(number=found.number, count=found.count, url_of=lambda page: f"{request.path}?trang={page}"),
        "homes": found.homes,
        "places": found.places,
        "is_active": found.is_active,
        "confirmations": confirmations(found.recognitions, found.certificates),
    }


@register.simple_tag
def page_crumbs(label: str) -> list[dict[str, str]]:
    """The crumbs of a page right below the home page."""
    return [{"label": label}]


@register.simple_tag
def cooperative_crumbs(cooperative: Cooperative) -> list[dict[str, str]]:
    return [{"label": _("Cooperatives"), "url": reverse("cooperatives:index")}, {"label": cooperative.short_name}]


@register.simple_tag(takes_context=True)
def organization(context: RequestContext, cooperative: Cooperative) -> SafeString:
    """The cooperative's structured data."""
    return structured_data(organization_data(_request(context), cooperative))


def _request(context: RequestContext) -> HttpRequest:
    return context["request"]
