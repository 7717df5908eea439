"""Where people read how far their parcel is."""

import re

# By the name that stands on the parcel. Unverified, as docs/operations.md says.
_PAGES = {"ghn": "https://donhang.ghn.vn/?order_code={}", "ghtk": "https://i.ghtk.vn/{}"}
_NUMBER = re.compile(r"[A-Za-z0-9.-]{4,40}")


def tracking_url(carrier: str, number: str) -> str:
    """The carrier's own page about the parcel; empty for a carrier whose page is not known, or an unlikely number."""
    page = _PAGES.get(carrier.strip().lower())
    return page.format(number) if page and _NUMBER.fullmatch(number) else ""
