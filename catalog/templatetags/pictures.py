"""Photos of listings in pages: {% load pictures %}."""

from typing import Protocol

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from catalog.photos import rendition_url, source_set

register = template.Library()


class Photo(Protocol):
    """A ProductImage or a StoredPhoto."""

    stem: str
    width: int
    height: int
    colour: str


@register.simple_tag
def picture(photo: Photo, *, alt: str = "", sizes: str = "100vw", lazy: bool = True) -> SafeString:
    """The photo in its own shape, over a drawing in its main colour that stands until it comes.

    `sizes` is HTML's; `alt` is empty where the words beside it name the goods; nothing for a photo without files.
    """
    if not photo.stem:
        return mark_safe("")
    return format_html(
        '<span class="photo"><svg viewBox="0 0 {width} {height}" aria-hidden="true">'
        '<path fill="{colour}" d="M0 0h{width}v{height}H0z"/></svg><picture>'
        '<source type="image/avif" srcset="{avif}" sizes="{sizes}">'
        '<source type="image/webp" srcset="{webp}" sizes="{sizes}">'
        '<img src="{fallback}" alt="{alt}" width="{width}" height="{height}"{lazy}></picture></span>',
        width=photo.width,
        height=photo.height,
        colour=photo.colour,
        avif=source_set(photo.stem, "avif"),
        webp=source_set(photo.stem, "webp"),
        sizes=sizes,
        fallback=rendition_url(photo.stem, 640, "webp"),
        alt=alt,
        lazy=mark_safe(' loading="lazy"') if lazy else "",
    )
