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
CROWDED_RADII = (9.5, 11.0, 13.0, 15.5, 18.0)
# Symbols that would hide each other are moved apart, each a little way from its centroid.
FURTHEST_MOVE = 26.0
SPREADING_STEPS = 24
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
    is_crowded: bool = False


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
    is_crowded = len(chosen) > crowd
    radii = CROWDED_RADII if is_crowded else RADII
    sizes = [radii[band(place.deliveries)] for place in chosen]
    centres = [frame.point(place.longitude, place.latitude) for place in chosen]
    discs = tuple((x, y, radius) for (x, y), radius in zip(centres, sizes, strict=True))
    symbols = [
        _symbol(place, x, y, radius) for place, (x, y), radius in zip(chosen, _spread(discs), sizes, strict=True)
    ]
    labels = _labels([(place.name, symbol) for place, symbol in zip(chosen, symbols, strict=True)], frame)
    return Map(WIDTH, frame.height, outline, symbols, labels, is_crowded)


def _symbol(place: Place, x: float, y: float, radius: float) -> Symbol:
    return Symbol(
        x=round(x, 1),
        y=round(y, 1),
        radius=radius,
        mark="–" if place.rung is None else str(place.rung),
        rung_class="none" if place.rung is None else str(place.rung),
        is_counted=place.is_counted,
        title=place.title,
        url=place.url,
    )


@lru_cache(maxsize=64)
def _spread(discs: tuple[tuple[float, float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Centres moved so that discs overlap less, none further than FURTHEST_MOVE. The same discs give the same answer."""
    centres = [(x, y) for x, y, _radius in discs]
    near = [
        (one, other)
        for one in range(len(discs))
        for other in range(one)
        if math.dist(centres[one], centres[other]) < discs[one][2] + discs[other][2] + 2 * FURTHEST_MOVE
    ]
    for _step in range(SPREADING_STEPS):
        for one, other in near:
            _push_apart(centres, discs, one, other)
    return tuple(centres)


def _push_apart(
    centres: list[tuple[float, float]], discs: tuple[tuple[float, float, float], ...], one: int, other: int
) -> None:
    (ax, ay), (bx, by) = centres[one], centres[other]
    distance = math.hypot(ax - bx, ay - by)
    overlap = discs[one][2] + discs[other][2] + 1 - distance
    if overlap <= 0:
        return
    # Two on one spot part along a direction of their own, so that many on one spot do not stay in a line.
    dx, dy = ((ax - bx) / distance, (ay - by) / distance) if distance > 0.1 else (math.cos(one), math.sin(one))
    centres[one] = _held((ax + dx * overlap / 2, ay + dy * overlap / 2), discs[one])
    centres[other] = _held((bx - dx * overlap / 2, by - dy * overlap / 2), discs[other])


def _held(centre: tuple[float, float], disc: tuple[float, float, float]) -> tuple[float, float]:
    """The centre, drawn back to where it may move, and inside the box from side to side."""
    x, y, radius = disc
    moved = math.hypot(centre[0] - x, centre[1] - y)
    if moved > FURTHEST_MOVE:
        share = FURTHEST_MOVE / moved
        centre = (x + (centre[0] - x) * share, y + (centre[1] - y) * share)
    return min(max(centre[0], radius), WIDTH - radius), max(centre[1], radius)


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
