"""The picture of a VietQR code: SVG for pages, PNG to save and for e-mails."""

from io import BytesIO

import segno
from django.utils.safestring import SafeString, mark_safe

# Pixels on the page: beside margins it fits the narrowest phones.
SIZE = 264


def code_svg(payload: str, *, title: str) -> SafeString:
    """An inline picture which screen readers call by its title. Black on white in a dark page too."""
    drawn = segno.make_qr(payload, error="m").svg_inline(
        omitsize=True, dark="#000", light="#fff", svgclass="payment-code", lineclass=None, title=title
    )
    # role: without it some readers go into the drawing.
    opening = f'<svg role="img" width="{SIZE}" height="{SIZE}" '
    return mark_safe(drawn.replace("<svg ", opening, 1))  # noqa: S308 - drawn here; the title is escaped by segno


def code_png(payload: str) -> bytes:
    """8 pixels for a module: sharp when printed, and after a chat has compressed it."""
    picture = BytesIO()
    segno.make_qr(payload, error="m").save(picture, kind="png", scale=8)
    return picture.getvalue()
