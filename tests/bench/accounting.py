"""Server CPU time: the worker processes of gunicorn and the backends of one PostgreSQL database, read from /proc."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class ProcessTimes:
    parent: int
    cpu_ms: float


def parse_stat(text: str) -> ProcessTimes:
    """Reads one line of /proc/<pid>/stat; the command's name in it may hold spaces and parentheses."""
    fields = text[text.rindex(")") + 2 :].split()
    return ProcessTimes(parent=int(fields[1]), cpu_ms=(int(fields[11]) + int(fields[12])) * TICK_MS)


def read_times(pid: int) -> ProcessTimes | None:
    """The process's user and system time so far; None when there is no such process (or none that we may see)."""
    try:
        return parse_stat(Path(f"/proc/{pid}/stat").read_text())
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None


def children(parent: int) -> list[int]:
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [pid for pid in pids if (times := read_times(pid)) and times.parent == parent]


def cpu_of(pids: Iterable[int]) -> dict[int, float]:
    """Milliseconds of CPU by process, for those that are alive."""
    return {pid: times.cpu_ms for pid in pids if (times := read_times(pid))}


def spent(before: dict[int, float], after: dict[int, float]) -> float:
    """Milliseconds between two readings. A process born in between counts whole; one that has died counts nothing."""
    return sum(ms - before.get(pid, 0.0) for pid, ms in after.items())


@dataclass(frozen=True, slots=True)
class Cpu:
    python_ms: float
    postgres_ms: float

    @property
    def total_ms(self) -> float:
        return self.python_ms + self.postgres_ms

    def __add__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.python_ms + other.python_ms, self.postgres_ms + other.postgres_ms)

    def per(self, requests: int) -> "Cpu":
        return Cpu(self.python_ms / requests, self.postgres_ms / requests)


class Meter:
    """Measures what one gunicorn, and the backends of its database, spend between start() and stop().

    Backends are seen only on a server of this machine; on another, PostgreSQL's part reads as 0.
    """

    def __init__(self, master: int, admin: psycopg.Connection | None, database: str):
        self.master, self.admin, self.database = master, admin, database
        self._python: dict[int, float] = {}
        self._postgres: dict[int, float] = {}

    def start(self) -> None:
        self._python, self._postgres = self._read()

    def stop(self) -> Cpu:
        python, postgres = self._read()
        return Cpu(spent(self._python, python), spent(self._postgres, postgres))

    def _read(self) -> tuple[dict[int, float], dict[int, float]]:
        return cpu_of(children(self.master)), cpu_of(self._backends())

    def _backends(self) -> list[int]:
        if self.admin is None:
            return []
        rows = self.admin.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [self.database])
        return [row[0] for row in rows]
