"""The coverage map: an outline and one symbol for each commune, as numbers that a template draws with SVG."""

import json
import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

WIDTH = 1000
MARGIN = 30
# Exact numbers of deliveries would let a neighbour work out one cooperative's trade: the map and the table show bands.
BANDS = (1, 10, 50, 200)
RADII = (12.0, 15.0, 20.0, 26.0, 33.0)
# Where communes stand close together, as before the restructuring, the large symbols shrink.
CROWDED_RADII = (11.0, 13.0, 16.0, 20.0, 24.0)
LABEL_HEIGHT = 20.0
# Of the system's fonts at 17 units; only decides whether a label has room.
LETTER_WIDTH = 8.6

OUTLINES = {"04": Path(__file__).parent / "data" / "caobang_outline.geojson"}


def band(deliveries: int) -> int:
    """0 for none, then 1 to 4: from 1, from 10, from 50, from 200 deliveries."""
    return bisect_right(BANDS, deliveries)


@dataclass(frozen=True)
class Place:
    """What the map shows of a commune. `rung` is None where no model covers it; wards and townships are not counted."""

    name: str
    latitude: float
    longitude: float
    rung: int | None
    deliveries: int
    is_counted: bool
    title: str
    url: str


@dataclass(frozen=True)
class Symbol:
    """A commune drawn: a circle, or a square where the commune is not counted."""

    x: float
    y: float
    radius: float
    mark: str
    rung_class: str
    is_counted: bool
    title: str
    url: str

    @property
    def left(self) -> float:
        return round(self.x - self.radius, 1)

    @property
    def top(self) -> float:
        return round(self.y - self.radius, 1)

    @property
    def side(self) -> float:
        return round(2 * self.radius, 1)


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    anchor: str
    text: str


@dataclass(frozen=True)
class Map:
    width: int
    height: int
    outline: str
    symbols: Sequence[Symbol]
    labels: Sequence[Label]


@dataclass(frozen=True)
class _Frame:
    """An equirectangular projection true to scale in the middle of the box."""

    west: float
    north: float
    scale_x: float
    scale_y: float
    height: int

    def point(self, longitude: float, latitude: float) -> tuple[float, float]:
        return (
            round(MARGIN + (longitude - self.west) * self.scale_x, 1),
            round(MARGIN + (self.north - latitude) * self.scale_y, 1),
        )


@lru_cache(maxsize=8)
def _rings(province_code: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    path = OUTLINES.get(province_code)
    if path is None:
        return ()
    geometry = json.loads(path.read_text())["features"][0]["geometry"]
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return tuple(tuple((x, y) for x, y in ring) for polygon in polygons for ring in polygon)


def _frame(points: Sequence[tuple[float, float]]) -> _Frame:
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    scale_x = (WIDTH - 2 * MARGIN) / max(east - west, 0.1)
    scale_y = scale_x / math.cos(math.radians((south + north) / 2))
    return _Frame(west, north, scale_x, scale_y, round((north - south) * scale_y) + 2 * MARGIN)


def coverage_map(*, province_code: str, places: Iterable[Place], crowd: int = 56) -> Map | None:
    """The map of a province, or None when there is nothing to place. `crowd` communes or fewer leave room for large symbols."""
    chosen = sorted(places, key=lambda place: (-place.deliveries, place.name))
    rings = _rings(province_code)
    points = [point for ring in rings for point in ring] + [(place.longitude, place.latitude) for place in chosen]
    if not points:
        return None
    frame = _frame(points)
    outline = "".join("M" + "L".join("{} {}".format(*frame.point(*point)) for point in ring) + "Z" for ring in rings)
    radii = RADII if len(chosen) <= crowd else CROWDED_RADII
    symbols = [_symbol(place, frame, radii[band(place.deliveries)]) for place in chosen]
    labels = _labels([(place.name, symbol) for place, symbol in zip(chosen, symbols, strict=True)], frame)
    return Map(WIDTH, frame.height, outline, symbols, labels)


def _symbol(place: Place, frame: _Frame, radius: float) -> Symbol:
    x, y = frame.point(place.longitude, place.latitude)
    return Symbol(
        x=x,
        y=y,
        radius=radius,
        mark="–" if place.rung is None else str(place.rung),
        rung_class="none" if place.rung is None else str(place.rung),
        is_counted=place.is_counted,
        title=place.title,
        url=place.url,
    )


Box = tuple[float, float, float, float]


def _overlaps(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _labels(named: Sequence[tuple[str, Symbol]], frame: _Frame) -> list[Label]:
    """Names where they fit without touching a symbol or another name; the busiest communes choose first."""
    taken: list[Box] = [
        (symbol.x - symbol.radius, symbol.y - symbol.radius, symbol.x + symbol.radius, symbol.y + symbol.radius)
        for _, symbol in named
    ]
    labels = []
    for name, symbol in named:
        for label, box in _positions(name, symbol):
            inside = box[0] >= 0 and box[2] <= WIDTH and box[1] >= 0 and box[3] <= frame.height
            if inside and not any(_overlaps(box, other) for other in taken):
                labels.append(label)
                taken.append(box)
                break
    return labels


def _positions(name: str, symbol: Symbol) -> list[tuple[Label, Box]]:
    length = len(name) * LETTER_WIDTH
    gap = symbol.radius + 5
    right, left, x, y = symbol.x + gap, symbol.x - gap, symbol.x, symbol.y
    half = LABEL_HEIGHT / 2
    below, above = y + gap + LABEL_HEIGHT, y - gap
    places = [
        (right, y + 6, "start", (right, y - half, right + length, y + half)),
        (left, y + 6, "end", (left - length, y - half, left, y + half)),
        (x, below - 5, "middle", (x - length / 2, below - LABEL_HEIGHT, x + length / 2, below)),
        (x, above - 4, "middle", (x - length / 2, above - LABEL_HEIGHT, x + length / 2, above)),
    ]
    return [(Label(round(px, 1), round(py, 1), anchor, name), box) for px, py, anchor, box in places]
