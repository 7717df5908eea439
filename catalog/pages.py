"""Links to the pages of a list."""

from collections.abc import Callable
from dataclasses import dataclass

AROUND = 1


@dataclass(frozen=True)
class PageLink:
    """A page of the list, or with number None a gap between two."""

    number: int | None
    url: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class Pages:
    """What parts/pagination.html shows."""

    number: int
    count: int
    previous_url: str
    next_url: str
    links: list[PageLink]


def page_links(*, number: int, count: int, url_of: Callable[[int], str]) -> Pages:
    """The first page, the last one, and those around the current one."""
    near = range(number - AROUND, number + AROUND + 1)
    shown = sorted({page for page in (1, *near, count) if 1 <= page <= count})
    links: list[PageLink] = []
    for page in shown:
        if links and page - (links[-1].number or 0) > 1:
            links.append(PageLink(None))
        links.append(PageLink(page, url_of(page), page == number))
    return Pages(
        number=number,
        count=count,
        previous_url=url_of(number - 1) if number > 1 else "",
        next_url=url_of(number + 1) if number < count else "",
        links=links,
    )
