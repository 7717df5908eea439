"""Addresses that the index keeps."""

from django.conf import settings
from django.utils.translation import get_language


def local_address(url: str) -> str:
    """An address of the index, which are those of the default language, in the language of the page."""
    language = get_language() or settings.LANGUAGE_CODE
    if language == settings.LANGUAGE_CODE or not url.startswith("/") or url.startswith(f"/{language}/"):
        return url
    return f"/{language}{url}"
