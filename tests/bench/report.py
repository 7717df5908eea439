"""What the benchmark prints: tables to read, and at the end one line a figure for machines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Bound = Literal[">=", "<="]


@dataclass(frozen=True, slots=True)
class Figure:
    """One promise. `value` is None when it could not be measured, which never counts as kept."""

    name: str
    value: float | None
    bound: Bound
    goal: float

    @property
    def is_kept(self) -> bool:
        if self.value is None:
            return False
        return self.value >= self.goal if self.bound == ">=" else self.value <= self.goal

    def line(self) -> str:
        shown = "n/a" if self.value is None else _number(self.value)
        return f"bench {self.name} {shown} {self.bound}{_number(self.goal)} {'ok' if self.is_kept else 'short'}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.2f}"


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The rows as aligned text under a title; floats get one decimal."""
    cells = [list(head), *[[f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
    return "\n".join(["", title, lines[0], "-" * len(lines[0]), *lines[1:]])
