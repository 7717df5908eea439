"""Suggestions while typing, as HTML: the options of the list below the box. Every word in it is escaped."""

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from marketplace.common.templatetags.market import icon
from search.addresses import local_address
from search.finding import Suggestion
from search.models import NamedEntry

Kind = NamedEntry.Kind
_ICONS = {
    Kind.COMMODITY: "sprout",
    Kind.CATEGORY: "sprout",
    Kind.COOPERATIVE: "users",
    Kind.COMMUNE: "map-pin",
    Kind.PAGE: "file-text",
}


def suggestions_html(found: Iterable[Suggestion]) -> SafeString:
    """Nothing for none."""
    language = get_language()
    options = "".join([_option(number, suggestion, language) for number, suggestion in enumerate(found)])
    return mark_safe(options)  # noqa: S308 - escaped below


def _option(number: int, suggestion: Suggestion, language: str | None) -> str:
    drawing, kind = _kind(suggestion.kind, language)
    detail = f" <small>{escape(suggestion.detail)}</small>" if suggestion.detail else ""
    return (
        f'<a class="suggest__option" role="option" id="goi-y-{number}" tabindex="-1" aria-selected="false" '
        f'href="{escape(local_address(suggestion.url))}">{drawing}<span>{escape(suggestion.label)}{detail}</span>'
        f'<span class="unseen">, {kind}</span></a>'
    )


@lru_cache(maxsize=64)
def _kind(kind: str, _language: str | None) -> tuple[str, str]:
    """The drawing and the word of a kind."""
    if kind in _ICONS:
        return icon(_ICONS[Kind(kind)], 18), escape(str(Kind(kind).label))
    return icon("search", 18), escape(gettext("Listing"))
