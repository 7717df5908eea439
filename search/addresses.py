"""Addresses that the index keeps, and those that editors write."""

from django.conf import settings
from django.urls import translate_url
from django.utils.translation import get_language, override


def local_address(url: str) -> str:
    """An address of the index, which are those of the default language, in the language of the page."""
    language = get_language() or settings.LANGUAGE_CODE
    if language == settings.LANGUAGE_CODE or not url.startswith("/") or url.startswith(f"/{language}/"):
        return url
    return f"/{language}{url}"


def written_address(url: str) -> str:
    """An address as an editor wrote it: a path of a page in the language that is active, anything else as it is."""
    language = get_language() or settings.LANGUAGE_CODE
    if language == settings.LANGUAGE_CODE or not url.startswith("/"):
        return url
    # Not every route of ours has languages: a document has none.
    with override(settings.LANGUAGE_CODE):
        return translate_url(url, language)
