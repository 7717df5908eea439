"""Parts of the storefront's pages that are printed on every one of them, or many times on one, as HTML.

As the cards, they are written here and not in templates, whose nodes cost most of a page. Each escapes what it is given.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.formats import localize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from marketplace.common.quantities import SaleUnit
from marketplace.common.templatetags.market import icon

if TYPE_CHECKING:
    from catalog.lists import FacetLinks, Link
    from catalog.pages import Pages


def crumbs_html(crumbs: Iterable[Mapping[str, str]]) -> SafeString:
    """Where one is, as parts/breadcrumbs.html says."""
    items: list[str] = []
    link = ""
    for crumb in crumbs:
        label, url = escape(str(crumb["label"])), crumb.get("url")
        here = f'<li><span aria-current="page">{label}</span></li>'
        items[-1:] = [link, here] if items else [here]
        link = f'<li><a href="{escape(url)}">{label}</a></li>' if url else here
    return mark_safe(f"{_home_crumb(get_language())}{''.join(items)}</ol></nav>")  # noqa: S308 - escaped above


@lru_cache(maxsize=8)
def _home_crumb(_language: str | None) -> str:
    title, home = escape(gettext("You are here")), escape(gettext("Home"))
    return (
        f'<nav class="wrap crumbs" aria-label="{title}"><ol class="crumbs__list">'
        f'<li><a href="{escape(reverse("wagtail_serve", args=[""]))}">{home}</a></li>'
    )


def stepper_html(
    *,
    identity: str,
    name: str,
    label: str,
    unit: str,
    step: Decimal,
    minimum: Decimal,
    value: str,
    maximum: Decimal | None,
    error: str,
    is_label_hidden: bool,
) -> SafeString:
    """A quantity in units of sale, as parts/quantity_stepper.html says; `value` is what stands in the input."""
    key, less, more = escape(identity), *_stepper_buttons(get_language())
    most = "" if maximum is None else f' data-maximum="{_plain(maximum)}"'
    wrong = f' aria-invalid="true" aria-describedby="{key}_error"' if error else ""
    words = (
        f'<p class="field__error" id="{key}_error">{icon("circle-alert", 18)}<span>{escape(error)}</span></p>'
        if error
        else ""
    )
    return mark_safe(  # noqa: S308 - escaped above
        f'<div class="quantity"><label for="{key}"{UNSEEN if is_label_hidden else ""}>{escape(label)}</label>'
        f'<span class="stepper" data-stepper data-step="{_plain(step)}" data-minimum="{_plain(minimum)}"{most}>{less}'
        f'<span class="stepper__box"><input type="text" id="{key}" name="{escape(name)}" value="{escape(value)}" '
        f'inputmode="decimal" autocomplete="off" maxlength="12"{wrong}>'
        f'<span class="stepper__unit">{escape(str(SaleUnit(unit).label))}</span></span>{more}</span>{words}</div>'
    )


UNSEEN = ' class="unseen"'


@lru_cache(maxsize=8)
def _stepper_buttons(_language: str | None) -> tuple[str, str]:
    return tuple(  # type: ignore[return-value]
        f'<button type="button" hidden data-by="{by}">{icon(sign, 18)}<span class="unseen">{escape(word)}</span></button>'
        for by, sign, word in ((-1, "minus", gettext("Less")), (1, "plus", gettext("More")))
    )


def _plain(number: Decimal) -> str:
    """With a dot, for the script."""
    return str(localize(number, use_l10n=False))


def facets_html(facets: "Iterable[FacetLinks]", *, clear_url: str | None, other_ways: bool) -> SafeString:
    """Facets as links with counts, as parts/facet_list.html says."""
    head, clear, others = _facet_frame(get_language())
    shown = "".join(
        f'<div class="facet"><h3>{escape(facet.title)}</h3><ul class="facet__links">'
        f"{''.join([_facet_link(link) for link in facet.links])}</ul></div>"
        for facet in facets
    )
    cleared = f'<a class="more" href="{escape(clear_url)}">{clear}</a>' if clear_url else ""
    return mark_safe(f"{head}{cleared}</div>{shown}{others if other_ways else ''}</aside>")  # noqa: S308 - escaped above


def _facet_link(link: "Link") -> str:
    current = ' aria-current="true"' if link.is_on else ""
    count = "" if link.count is None else f"<b>{link.count}</b>"
    return (
        f'<li><a class="facet__link" href="{escape(link.url)}" rel="nofollow"{current}>'
        f"<span>{escape(link.label)}</span>{count}</a></li>"
    )


@lru_cache(maxsize=8)
def _facet_frame(_language: str | None) -> tuple[str, str, str]:
    """The beginning, the words of the link that clears all, and the other ways to choose."""
    title, close = escape(gettext("Filter")), escape(gettext("Close"))
    other_ways = escape(gettext("Other ways to choose"))
    by_commune, by_cooperative = escape(gettext("By commune")), escape(gettext("By cooperative"))
    head = (
        f'<aside class="facets" id="loc" aria-label="{title}"><div class="section__head"><h2>{title}</h2>'
        f'<a class="more only-narrow" href="#ket-qua">{close}</a>'
    )
    others = (
        f'<div class="facet"><h3>{other_ways}</h3><p>'
        f'<a class="more" href="{escape(reverse("places:index"))}">{by_commune}</a><br>'
        f'<a class="more" href="{escape(reverse("cooperatives:index"))}">{by_cooperative}</a></p></div>'
    )
    return head, escape(gettext("Clear all")), others


def pages_html(pages: "Pages") -> SafeString:
    """Pages of a list as links, as parts/pagination.html says; nothing for a single page."""
    if pages.count <= 1:
        return SafeString()
    before, after, word, head = _page_words(get_language())
    links = [head]
    if pages.previous_url:
        links.append(f'<a href="{escape(pages.previous_url)}" rel="prev">{before}</a>')
    for link in pages.links:
        if link.number is None:
            links.append("<span>…</span>")
        elif link.is_current:
            links.append(f'<span aria-current="page">{word}{link.number}</span>')
        else:
            links.append(f'<a href="{escape(link.url)}">{word}{link.number}</a>')
    if pages.next_url:
        links.append(f'<a href="{escape(pages.next_url)}" rel="next">{after}</a>')
    return mark_safe(f"{''.join(links)}</nav>")  # noqa: S308 - escaped above


@lru_cache(maxsize=8)
def _page_words(_language: str | None) -> tuple[str, str, str, str]:
    before, after = escape(gettext("Previous page")), escape(gettext("Next page"))
    page, pages = escape(gettext("Page")), escape(gettext("Pages"))
    return (
        f'{icon("chevron-left", 18)}<span class="unseen">{before}</span>',
        f'<span class="unseen">{after}</span>{icon("chevron-right", 18)}',
        f'<span class="unseen">{page} </span>',
        f'<nav class="pages" aria-label="{pages}">',
    )
