"""What the engines of the search came to, as a table and as figures."""

from collections.abc import Mapping
from typing import Any

from tests.bench.report import Figure, table


def engine_figures(engine: str, documents: int, measured: Mapping[str, Any]) -> tuple[str, list[Figure]]:
    """Of one engine, from what tests.bench.ours.search printed."""
    asked = {name: times for name, times in measured.items() if isinstance(times, dict) and "ours" in times}
    rate = asked.pop("rate")
    rows = [
        (
            name,
            measured["hits"].get(name, ""),
            *(times[side][part] for side in ("ours", "hand") for part in ("p50", "p99")),
        )
        for name, times in asked.items()
    ]
    head = ("question", "hits", "ours p50", "ours p99", "by hand p50", "by hand p99")
    shown = table(f"Search on {engine}, {documents} listings, milliseconds", head, rows)
    shown += f"\ntaken in, documents a second: ours {rate['ours']:.0f}, by hand {rate['hand']:.0f}"
    shown += f"\nmemory that searching adds to a process: {measured['memory_mb']:.0f} MB"
    figures = [
        Figure(f"engine-{engine}-{name}", times["ours"]["p50"] / times["hand"]["p50"], "<=", 2)
        for name, times in asked.items()
    ]
    figures.append(Figure(f"engine-{engine}-rate", rate["ours"] / rate["hand"], ">=", 0.5))
    figures.append(Figure(f"engine-{engine}-memory-mb", measured["memory_mb"], "<=", 200))
    return shown, figures
