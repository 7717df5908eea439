"""Descriptions of listings: Oscar prints them as HTML, so nothing gets there that was not cleaned."""

import re
from html import unescape

import nh3
from django.utils.html import linebreaks, strip_tags

TAGS = {"p", "br", "strong", "em", "b", "i", "ul", "ol", "li", "h3", "h4"}
MAXIMUM_LENGTH = 6000

_PARAGRAPH_END = re.compile(r"</(?:p|li|h3|h4|ul|ol)>\s*", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br\s*/?>\s*", re.IGNORECASE)
_MANY_BREAKS = re.compile(r"\n{3,}")


def clean_html(html: str) -> str:
    """The HTML with only TAGS and no attribute; scripts and styles go with what is inside them."""
    return nh3.clean(html, tags=TAGS, attributes={}, clean_content_tags={"script", "style"}).strip()


def html_from_text(text: str) -> str:
    """Paragraphs of a text that a person typed: what looks like a tag stays text."""
    return linebreaks(text.strip(), autoescape=True) if text.strip() else ""


def text_from_html(html: str) -> str:
    """The text as a person would type it again: the opposite of `html_from_text`."""
    broken = _LINE_BREAK.sub("\n", _PARAGRAPH_END.sub("\n\n", html))
    return _MANY_BREAKS.sub("\n\n", unescape(strip_tags(broken))).strip()
