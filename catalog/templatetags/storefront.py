"""What only the storefront's templates need: {% load storefront %}."""

import json
from decimal import Decimal
from functools import lru_cache

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

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
def frame_url(name: str) -> str:
    """The address of a page that takes no arguments. The frame asks for a dozen on every page, so they are kept."""
    return _address(name, get_language())


@lru_cache(maxsize=128)
def _address(name: str, _language: str | None) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
