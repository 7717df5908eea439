"""The quarter chart of one indicator: declared and traded, as numbers that a template draws with SVG.

The restructuring of 01/07/2025 changed what is counted, so a line never runs across it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from cooperatives.places.dataset import RESTRUCTURED_ON

WIDTH = 640
HEIGHT = 340
LEFT, RIGHT, TOP, BOTTOM = 64, 96, 48, 44
# Labels of the last values nearer than this would print over each other.
LABEL_DISTANCE = 24


@dataclass(frozen=True)
class Point:
    """An indicator on a day; percentages are None where there is no value."""

    on: date
    declared: Decimal | None
    traded: Decimal | None


@dataclass(frozen=True)
class Mark:
    x: float
    y: float
    title: str


@dataclass(frozen=True)
class Line:
    """One measure under one unit system. `end` carries the label of the last value, or an empty one."""

    measure: str
    path: str
    marks: Sequence[Mark]
    end: Mark


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    lines: Sequence[Line]
    rows: Sequence[Tick]
    columns: Sequence[Tick]
    break_at: float | None
    target: Tick | None


def percentage(value: Decimal | None) -> str:
    """As "34,0 %" with a no-break space; an empty text for None."""
    return "" if value is None else f"{value:.1f}".replace(".", ",") + "\u00a0%"


def quarter_chart(points: Sequence[Point], *, target: Decimal | None = None) -> Chart | None:
    """The chart of points in order of their days, or None when none of them has a value."""
    valued = [point for point in points if point.declared is not None]
    if not valued:
        return None
    first, last = points[0].on, points[-1].on
    days = max((last - first).days, 1)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(on: date) -> float:
        return round(LEFT + (on - first).days / days * (right - LEFT), 1)

    def y(value: Decimal) -> float:
        return round(bottom - float(value) / 100 * (bottom - TOP), 1)

    # Where both measures are the same by definition (the third indicator), one line says it.
    measures = ["traded"] if all(point.declared == point.traded for point in valued) else ["declared", "traded"]
    lines = []
    for _, group in groupby(valued, key=lambda point: point.on >= RESTRUCTURED_ON):
        period = list(group)
        for measure in measures:
            line = _line(measure, period, x, y, is_last=period[-1] is valued[-1])
            if line:
                lines.append(line)
    years = [date(year, 1, 1) for year in range(first.year, last.year + 1)]
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=right,
        top=TOP,
        bottom=bottom,
        lines=_apart(lines),
        rows=[Tick(y(Decimal(step)), f"{step}\u00a0%") for step in (0, 25, 50, 75, 100)],
        columns=[Tick(max(x(year), LEFT), str(year.year)) for year in years if x(year) <= right - 20],
        break_at=x(RESTRUCTURED_ON) if first < RESTRUCTURED_ON < last else None,
        target=None if target is None else Tick(y(target), percentage(target)),
    )


def _line(measure: str, period: Sequence[Point], x, y, *, is_last: bool) -> Line | None:
    values = [(point.on, getattr(point, measure)) for point in period if getattr(point, measure) is not None]
    if not values:
        return None
    marks = [Mark(x(on), y(value), f"{on:%d/%m/%Y}: {percentage(value)}") for on, value in values]
    path = "M" + "L".join(f"{mark.x} {mark.y}" for mark in marks)
    end = Mark(marks[-1].x + 9, marks[-1].y + 5, percentage(values[-1][1]) if is_last else "")
    return Line(measure, path, marks, end)


def _apart(lines: list[Line]) -> list[Line]:
    """Moves the two last values' labels apart where they would print over each other."""
    ends = [line for line in lines if line.end.title]
    if len(ends) != 2 or abs(ends[0].end.y - ends[1].end.y) >= LABEL_DISTANCE:
        return lines
    ends.sort(key=lambda line: (line.end.y, line.measure == "traded"))
    middle = (ends[0].end.y + ends[1].end.y) / 2
    moved = {
        id(line): Line(line.measure, line.path, line.marks, Mark(line.end.x, middle + shift, line.end.title))
        for line, shift in zip(ends, (-LABEL_DISTANCE / 2, LABEL_DISTANCE / 2), strict=True)
    }
    return [moved.get(id(line), line) for line in lines]
