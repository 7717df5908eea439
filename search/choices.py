"""What somebody asks the search for: read from the address, and written back into links."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import quote_plus

from django.http import QueryDict

from marketplace.common.money import MAXIMUM_VND, AmountError, parse_vnd
from marketplace.common.text import clean_text
from search.facets import SCHEMES
from search.query import MAXIMUM_KM, MAXIMUM_PAGE, PRICE_BANDS, Facet, ListingQuery, Near, NearUnit, Sort
from search.terms import MAXIMUM_TEXT, query_words

# Of one facet; every link of the page repeats them.
MAXIMUM_KEYS = 30
# A key has at most nine digits here: a longer one overflows SQLite's integers and names nothing.
_KEY_DIGITS = 9
# The radii that the page offers; the address may name any whole number of kilometres.
RADII = (10, 25, 50, 100, 200)
DEFAULT_KM = 50
# Of a typed name of a place or of an amount.
_MAXIMUM_FIELD = 120
# Two decimals are about a kilometre, as exact as distances are; more would say more of the visitor than is needed.
_DECIMALS = 2
# Việt Nam with its islands.
_LATITUDES = (6.0, 24.0)
_LONGITUDES = (102.0, 118.0)

STARS = (3, 4, 5)
# Facets whose values are known without the database.
_KNOWN: Mapping[Facet, frozenset[int]] = {
    Facet.STARS: frozenset(STARS),
    Facet.PRICE_BAND: frozenset(range(len(PRICE_BANDS) + 1)),
    Facet.CERTIFICATE: frozenset(range(len(SCHEMES))),
}


@dataclass(frozen=True)
class Asked:
    """The question, and what stood beside it in the address: names of places that are yet to be found, and mistakes."""

    query: ListingQuery
    # As typed: near which commune, and which one to deliver to.
    near_name: str = ""
    delivery_name: str = ""
    # Around the commune that was typed.
    km: int = DEFAULT_KM
    # A position that is no place in Việt Nam.
    is_off_map: bool = False
    # The facet whose values are all to be shown.
    opened: Facet | None = None

    def with_query(self, query: ListingQuery) -> "Asked":
        return replace(self, query=query)


def read_question(query: QueryDict) -> Asked:
    """Whatever stands in the address: what is malformed or unknown is left out."""
    near, is_off_map = _near(query)
    price_from, price_to = _amount(query.get("tu", "")), _amount(query.get("den", ""))
    if price_from is not None and price_to is not None and price_from > price_to:
        price_from, price_to = price_to, price_from
    sort, opened = query.get("xep", ""), query.get("mo", "")
    chosen = {facet: _keys(query.getlist(facet.value), _KNOWN.get(facet)) for facet in Facet}
    asked = ListingQuery(
        text=read_text(query.get("q", "")),
        is_exact=query.get("dung") == "1",
        chosen={facet: keys for facet, keys in chosen.items() if keys},
        former_unit=_key(query.get("cu", "")),
        in_season=query.get("mua") == "1",
        in_stock=query.get("con") == "1",
        delivers_to=_key(query.get("giao", "")),
        near=near,
        price_from=price_from,
        price_to=price_to,
        sort=Sort(sort) if sort in list(Sort) else Sort.RELEVANCE,
        page=_page(query.get("trang", "")),
    )
    return Asked(
        query=without_nearest(asked),
        near_name=read_text(query.get("gan-ten", ""))[:_MAXIMUM_FIELD],
        delivery_name=read_text(query.get("giao-ten", ""))[:_MAXIMUM_FIELD],
        km=_km(query),
        is_off_map=is_off_map,
        opened=Facet(opened) if opened in list(Facet) else None,
    )


def read_text(text: str) -> str:
    """What was typed, cut to MAXIMUM_TEXT characters, without any that cannot be printed."""
    printable = "".join(letter if letter.isprintable() else " " for letter in clean_text(text[:MAXIMUM_TEXT]))
    return " ".join(printable.split())[:MAXIMUM_TEXT].rstrip()


def has_question(query: ListingQuery) -> bool:
    """Whether anything is asked for: a word, or a choice."""
    return bool(query_words(query.text)) or is_filtered(query)


def is_filtered(query: ListingQuery) -> bool:
    return cleared(query) != replace(query, page=1)


def cleared(query: ListingQuery) -> ListingQuery:
    """The words and their order alone."""
    return without_nearest(ListingQuery(text=query.text, is_exact=query.is_exact, sort=query.sort))


def without_nearest(query: ListingQuery) -> ListingQuery:
    """The nearest first needs a place to be near to."""
    return replace(query, sort=Sort.RELEVANCE) if query.sort is Sort.NEAREST and query.near is None else query


def toggled(query: ListingQuery, facet: Facet, key: int) -> ListingQuery:
    """The question with the key added to the facet, or taken out of it; back on the first page."""
    keys = query.chosen.get(facet, frozenset()) ^ {key}
    others = {other: chosen for other, chosen in query.chosen.items() if other is not facet}
    return replace(query, chosen={**others, facet: keys} if keys else others, page=1)


def pairs(query: ListingQuery) -> list[tuple[str, str]]:
    """Names and values of the address, not yet quoted. One question has one address."""
    found = _head(query)
    for facet in Facet:
        found += [(facet.value, str(key)) for key in sorted(query.chosen.get(facet, ()))]
    return found + _tail(query)


def query_string(query: ListingQuery) -> str:
    """With its question mark; empty when nothing is asked for."""
    return _joined(_quoted(pairs(query)))


def facet_links(query: ListingQuery, facet: Facet) -> Callable[[int], str]:
    """Query strings of the question with a key of the facet toggled, back on the first page.

    A page has a hundred of them: what is the same in all is quoted once.
    """
    query = replace(query, page=1)
    facets, chosen = list(Facet), query.chosen.get(facet, frozenset())
    place = facets.index(facet)
    before, after = _head(query), list[tuple[str, str]]()
    for position, other in enumerate(facets):
        part = before if position < place else after
        if other is not facet:
            part += [(other.value, str(key)) for key in sorted(query.chosen.get(other, ()))]
    first, last = _quoted(before), _quoted(after + _tail(query))

    def link(key: int) -> str:
        own = [f"{facet.value}={one}" for one in sorted(chosen ^ {key})]
        return _joined([*first, *own, *last])

    return link


def _head(query: ListingQuery) -> list[tuple[str, str]]:
    found = [("q", query.text)] if query.text else []
    if query.is_exact:
        found.append(("dung", "1"))
    return found


def _tail(query: ListingQuery) -> list[tuple[str, str]]:
    numbers = {
        "cu": query.former_unit,
        "giao": query.delivers_to,
        "tu": query.price_from,
        "den": query.price_to,
        "mua": query.in_season or None,
        "con": query.in_stock or None,
    }
    found = [(name, str(int(value))) for name, value in numbers.items() if value is not None]
    if isinstance(query.near, Near):
        found.append(("gan", f"{query.near.latitude:.{_DECIMALS}f},{query.near.longitude:.{_DECIMALS}f}"))
    elif query.near is not None:
        found.append(("gan-xa", str(query.near.unit)))
    if query.near is not None and query.near.km != DEFAULT_KM:
        found.append(("km", str(query.near.km)))
    if query.sort is not Sort.RELEVANCE:
        found.append(("xep", query.sort.value))
    if query.page > 1:
        found.append(("trang", str(query.page)))
    return found


def _quoted(found: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{name}={quote_plus(value, safe=',')}" for name, value in found]


def _joined(parts: list[str]) -> str:
    return f"?{'&'.join(parts)}" if parts else ""


def _keys(values: Iterable[str], known: frozenset[int] | None) -> frozenset[int]:
    keys = (key for value in values if (key := _key(value)) is not None and (known is None or key in known))
    return frozenset(islice(keys, MAXIMUM_KEYS))


def _key(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) <= _KEY_DIGITS else None


def _page(value: str) -> int:
    return min(max(_key(value) or 1, 1), MAXIMUM_PAGE)


def _amount(value: str) -> int | None:
    """As people write amounts: 50000, 50.000, 50.000 ₫."""
    try:
        return parse_vnd(value[:_MAXIMUM_FIELD], maximum=MAXIMUM_VND)
    except AmountError:
        return None


def _km(query: QueryDict) -> int:
    return min(max(_key(query.get("km", "")) or DEFAULT_KM, 1), MAXIMUM_KM)


def _near(query: QueryDict) -> tuple[Near | NearUnit | None, bool]:
    """The place, and whether one was named that is not on the map."""
    km = _km(query)
    if point := query.get("gan", ""):
        place = _point(point)
        return (Near(*place, km), False) if place else (None, True)
    unit = _key(query.get("gan-xa", ""))
    return (None if unit is None else NearUnit(unit, km)), False


def _point(text: str) -> tuple[float, float] | None:
    first, _comma, second = text[:_MAXIMUM_FIELD].partition(",")
    try:
        latitude, longitude = float(first), float(second)
    except ValueError:
        return None
    # Neither NaN nor infinity is between two numbers.
    if not (_LATITUDES[0] <= latitude <= _LATITUDES[1] and _LONGITUDES[0] <= longitude <= _LONGITUDES[1]):
        return None
    return round(latitude, _DECIMALS), round(longitude, _DECIMALS)
