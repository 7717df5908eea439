"""A search engine over 100,000 listings beside the same engine by hand: python -m tests.bench.ours.search ENGINE LISTINGS RUNS.

ENGINE is database (whichever DATABASE_URL names) or elastic. Prints JSON: milliseconds of each question, ours and by hand,
the rates of taking documents in, and the memory that searching adds to a process.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from search import tables  # noqa: E402
from search.backends.base import SearchBackend  # noqa: E402
from search.models import ListingDocument  # noqa: E402
from search.planning import required_terms, tiers  # noqa: E402
from search.query import Facet, Plan  # noqa: E402
from search.terms import Place, folded_term, query_words  # noqa: E402
from tests.bench.ours.search_by_hand import ByHand, DatabaseByHand, ElasticByHand  # noqa: E402
from tests.bench.ours.search_documents import BROAD, MEDIUM, NARROW, documents  # noqa: E402

QUESTIONS: dict[str, tuple[str, dict[Facet, frozenset[int]]]] = {
    "broad": (BROAD, {}),
    "medium": (MEDIUM, {}),
    "narrow": (NARROW, {}),
    "filtered": (BROAD, {Facet.COMMUNE: frozenset({3, 5, 8})}),
}
PREFIXES = {"broad": ("hat",), "medium": ("gao", "n"), "short": ("m",)}


def engines(name: str) -> tuple[SearchBackend, ByHand]:
    if name == "elastic":
        from search.backends.elastic import ElasticBackend

        elastic = ElasticBackend()
        return elastic, ElasticByHand()
    from search.backends.database import DatabaseBackend

    return DatabaseBackend(), DatabaseByHand()


def plan_of(question: str) -> Plan:
    text, chosen = QUESTIONS[question]
    words = query_words(text)
    return Plan(terms=required_terms(words), tiers=tiers(words), chosen=chosen)


def suggestion(question: str) -> tuple[list[str], str]:
    *whole, last = PREFIXES[question]
    return [folded_term(Place.TITLE, word) for word in whole], folded_term(Place.TITLE, last)


def in_turns(ways: dict[str, Callable[[], object]], runs: int) -> dict[str, dict[str, float]]:
    """Each way so many times, one after another, so that noise falls on all alike; after one that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for run in range(runs + 1):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            if run:
                taken[name].append((time.perf_counter() - began) * 1000)
    return {
        name: {"p50": statistics.median(times), "p99": statistics.quantiles(times, n=100)[98]}
        for name, times in taken.items()
    }


def rate(count: int, work: Callable[[], object]) -> float:
    """Documents a second."""
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def memory_of_searching(name: str) -> float:
    """What the first searches and a suggestion add to a process that has started, in MB."""
    connection.ensure_connection()
    before = resident_mb()
    backend, _ = engines(name)
    for question in QUESTIONS:
        backend.search(plan_of(question))
    for question in PREFIXES:
        backend.suggest(*suggestion(question), 8)
    return resident_mb() - before


def take_in(backend: SearchBackend, hand: ByHand, rows: Iterable[ListingDocument]) -> dict[str, float]:
    rows = list(rows)
    return {
        "hand": rate(len(rows), lambda: hand.fill(rows)),
        "ours": rate(len(rows), lambda: backend.rebuild(rows, progress=lambda _done: None)),
    }


def measure(name: str, count: int, runs: int) -> dict[str, Any]:
    """Raises AssertionError when ours and the engine by hand count differently."""
    backend, hand = engines(name)
    measured: dict[str, Any] = {"rate": take_in(backend, hand, documents(count))}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE search_listingdocument")
    hits = {}
    for question in QUESTIONS:
        plan = plan_of(question)
        found = backend.search(plan)
        hits[question] = found.total
        by_hand = hand.search(plan)
        if (found.total, found.facets) != (by_hand.total, by_hand.facets):
            raise AssertionError(f"{name}, {question}: ours and by hand differ: {found.total}, {by_hand.total}")
        measured[question] = in_turns(
            {"ours": lambda plan=plan: backend.search(plan), "hand": lambda plan=plan: hand.search(plan)}, runs
        )
    for question in PREFIXES:
        terms, prefix = suggestion(question)
        measured[f"suggest-{question}"] = in_turns(
            {
                "ours": lambda terms=terms, prefix=prefix: backend.suggest(terms, prefix, 8),
                "hand": lambda terms=terms, prefix=prefix: hand.suggest(terms, prefix, 8),
            },
            runs,
        )
    child = subprocess.run(
        [sys.executable, "-m", "tests.bench.ours.search", name, "memory"], check=True, stdout=subprocess.PIPE, text=True
    )
    return measured | {"hits": hits, "memory_mb": float(child.stdout)}


if __name__ == "__main__":
    if sys.argv[2] == "memory":
        print(memory_of_searching(sys.argv[1]))
    else:
        call_command("migrate", verbosity=0)
        with transaction.atomic():
            ListingDocument.objects.all().delete()
            tables.clear()
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
