"""All objects in memory; with a file they are also written to SQLite, one transaction per request, and read at the start."""

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

from .errors import missing

Obj = dict[str, Any]


class Store:
    """Hold `lock` while reading or changing objects; `save` what changed; `flush` at the end of the request."""

    def __init__(self, path: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._kinds: dict[str, dict[str, Obj]] = {}
        self._dirty: dict[tuple[str, str], None] = {}
        self._file: sqlite3.Connection | None = None
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, check_same_thread=False)
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS objects"
                " (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, id TEXT, body TEXT, UNIQUE (kind, id))"
            )
            for kind, name, body in self._file.execute("SELECT kind, id, body FROM objects ORDER BY number"):
                self._kinds.setdefault(kind, {})[name] = json.loads(body)

    def save(self, kind: str, obj: Obj) -> Obj:
        self._kinds.setdefault(kind, {})[obj["id"]] = obj
        self._dirty[kind, obj["id"]] = None
        return obj

    def find(self, kind: str, name: str) -> Obj | None:
        return self._kinds.get(kind, {}).get(name)

    def get(self, kind: str, name: str, *, param: str = "id") -> Obj:
        found = self.find(kind, name)
        if found is None:
            raise missing(kind.replace(".", " "), name, param=param)
        return found

    def newest_first(self, kind: str) -> list[Obj]:
        return list(reversed(self._kinds.get(kind, {}).values()))

    def oldest_first(self, kind: str) -> list[Obj]:
        return list(self._kinds.get(kind, {}).values())

    def flush(self) -> None:
        if self._file:
            rows = [(kind, name, json.dumps(self._kinds[kind][name])) for kind, name in self._dirty]
            with self._file:
                self._file.executemany(
                    "INSERT INTO objects (kind, id, body) VALUES (?, ?, ?)"
                    " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                    rows,
                )
        self._dirty.clear()

    def empty(self) -> None:
        with self.lock:
            self._kinds.clear()
            self._dirty.clear()
            if self._file:
                with self._file:
                    self._file.execute("DELETE FROM objects")

    def close(self) -> None:
        with self.lock:
            self.flush()
            if self._file:
                self._file.close()
                self._file = None
