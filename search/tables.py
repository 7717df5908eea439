"""The text tables beside the documents: which slots have all of some terms.

SQLite keeps them in an FTS5 table, PostgreSQL in a column of lexemes with an inverted index. Neither is a model: both are
made after the migrations and can be filled anew from the documents. Only documents that are not removed stand in them.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol

import numpy as np
from django.db import DatabaseError, connection, transaction
from numpy.typing import NDArray

Slots = NDArray[np.int32]

_BATCH = 500
# Signs of ASCII that search.terms puts into no term.
_NO_TERM = re.compile(r"[^a-z0-9:=+.,\x80-\U0010ffff]")


class Stamp(NamedTuple):
    """How far the index was at a statement. Slots keep their meaning within a generation."""

    generation: str
    seq: int


class Matched(NamedTuple):
    """Slots in no order, and the state of the index that they belong to."""

    stamp: Stamp
    slots: Slots


class Conjunction(NamedTuple):
    """What documents are to have: every term, and one that begins with the prefix when there is one."""

    terms: Sequence[str]
    prefix: str = ""


class _Dialect(Protocol):
    """The statements of an engine: `insert` and `remove` for executemany, the others as they stand."""

    @property
    def create(self) -> Sequence[str]: ...

    @property
    def refill(self) -> Sequence[str]: ...

    drop: str
    insert: str
    remove: str
    match: str
    exists: str
    contents: str
    held: str
    check: str

    def query(self, terms: Sequence[str], prefix: str) -> str: ...

    def slots(self, found: Any) -> Slots: ...


_STAMP = "(SELECT generation FROM search_indexstate ORDER BY id LIMIT 1), (SELECT seq FROM search_indexstate ORDER BY id LIMIT 1)"


class _SQLite:
    """Words are cut at spaces alone: every sign that a term may hold, and all beyond ASCII, is a letter."""

    _create = (
        "CREATE VIRTUAL TABLE {} search_terms USING fts5"
        """(terms, detail=none, columnsize=0, tokenize="ascii tokenchars ':=+.,'")"""
    )
    create = (_create.format("IF NOT EXISTS"),)
    drop = "DROP TABLE IF EXISTS search_terms"
    insert = "INSERT INTO search_terms (rowid, terms) VALUES (%s, %s)"
    remove = "DELETE FROM search_terms WHERE rowid = %s"
    refill = (
        drop,
        _create.format(""),
        "INSERT INTO search_terms (rowid, terms) SELECT slot, terms FROM search_listingdocument WHERE NOT is_removed "
        "ORDER BY slot",
    )
    match = "SELECT group_concat(rowid) FROM search_terms WHERE search_terms MATCH %s"
    exists = "SELECT 1 FROM search_terms WHERE search_terms MATCH %s LIMIT 1"
    contents = "SELECT rowid, terms FROM search_terms WHERE rowid IN ({})"
    held = "SELECT rowid FROM search_terms"
    check = "INSERT INTO search_terms (search_terms) VALUES ('integrity-check')"

    def query(self, terms: Sequence[str], prefix: str) -> str:
        wanted = [f'"{term}"' for term in terms] + [f'"{word}" *' for word in [prefix] if word]
        return " AND ".join(wanted)

    def slots(self, found: Any) -> Slots:
        return np.fromstring(found or "", dtype=np.int32, sep=",")


class _PostgreSQL:
    """Lexemes lie out of line, so that the slots of a broad term are read from few pages; nobody reads the lexemes
    themselves. The server moves nothing out of a row of less than 2 kB: `width` makes every row wider, and is compressed to
    some bytes. Without statistics the planner always takes the inverted index.
    """

    _create = (
        "CREATE TABLE IF NOT EXISTS {0} (slot integer PRIMARY KEY, terms tsvector NOT NULL, "
        "width text NOT NULL DEFAULT repeat(' ', 2100)) WITH (toast_tuple_target = 128)",
        "ALTER TABLE {0} ALTER COLUMN terms SET STORAGE EXTERNAL, ALTER COLUMN terms SET STATISTICS 0",
    )
    _index = "CREATE INDEX {1} {0}_gin ON {0} USING gin (terms) WITH (fastupdate = off)"
    create = (*(part.format("search_terms") for part in _create), _index.format("search_terms", "IF NOT EXISTS"))
    drop = "DROP TABLE IF EXISTS search_terms"
    insert = (
        "INSERT INTO search_terms (slot, terms) VALUES (%s, array_to_tsvector(string_to_array(%s, ' '))) "
        "ON CONFLICT (slot) DO UPDATE SET terms = excluded.terms, width = excluded.width"
    )
    remove = "DELETE FROM search_terms WHERE slot = %s"
    refill = (
        "DROP TABLE IF EXISTS search_terms_next",
        *(part.format("search_terms_next") for part in _create),
        "INSERT INTO search_terms_next (slot, terms) SELECT slot, array_to_tsvector(string_to_array(terms, ' ')) "
        "FROM search_listingdocument WHERE NOT is_removed",
        _index.format("search_terms_next", ""),
        # Readers wait from here on only.
        drop,
        "ALTER TABLE search_terms_next RENAME TO search_terms",
        "ALTER INDEX search_terms_next_gin RENAME TO search_terms_gin",
        "ALTER INDEX search_terms_next_pkey RENAME TO search_terms_pkey",
    )
    match = "SELECT string_agg(int4send(slot), '') FROM search_terms WHERE terms @@ %s::tsquery"
    exists = "SELECT 1 FROM search_terms WHERE terms @@ %s::tsquery LIMIT 1"
    contents = "SELECT slot, array_to_string(tsvector_to_array(terms), ' ') FROM search_terms WHERE slot IN ({})"
    held = "SELECT slot FROM search_terms"
    check = ""

    def query(self, terms: Sequence[str], prefix: str) -> str:
        wanted = [f"'{term}'" for term in terms] + [f"'{word}':*" for word in [prefix] if word]
        return " & ".join(wanted)

    def slots(self, found: Any) -> Slots:
        return np.frombuffer(found or b"", dtype=">i4").astype(np.int32)


def create() -> None:
    """Makes what is missing. Safe to repeat."""
    _execute(_dialect().create)


def drop() -> None:
    _execute((_dialect().drop,))


def clear() -> None:
    """Makes what is missing and empties it."""
    create()
    _execute(("DELETE FROM search_terms",))


def replace(rows: Iterable[tuple[int, str]]) -> None:
    """Takes in (slot, terms), in place of what the slot had. To be called in a transaction."""
    dialect = _dialect()
    remaining = iter(rows)
    with connection.cursor() as cursor:
        while batch := list(islice(remaining, _BATCH)):
            if connection.vendor == "sqlite":
                cursor.executemany(dialect.remove, [(slot,) for slot, _ in batch])
            cursor.executemany(dialect.insert, [(slot, " ".join(terms.split())) for slot, terms in batch])


def remove(slots: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(_dialect().remove, [(slot,) for slot in slots])


def refill() -> None:
    """Fills the tables anew from the documents. To be called in a transaction: readers see the old until its end."""
    _execute(_dialect().refill)


def match(terms: Sequence[str], prefix: str = "") -> Matched:
    """The slots that have all terms, and one beginning with the prefix when there is one. One statement, at least one
    term or a prefix.
    """
    state, [slots] = match_each([Conjunction(terms, prefix)])
    return Matched(state, slots)


def match_each(wanted: Sequence[Conjunction]) -> tuple[Stamp, list[Slots]]:
    """The slots that `match` finds for each, all at one state of the index. One statement."""
    dialect = _dialect()
    queries = {at: dialect.query(*each) for at, each in enumerate(wanted) if not _is_beyond(*each)}
    parts = ", ".join([_STAMP, *[f"({dialect.match})"] * len(queries)])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {parts}", list(queries.values()))
        generation, seq, *answers = cursor.fetchone()
    found = dict(zip(queries, answers, strict=True))
    return Stamp(str(generation), seq or 0), [dialect.slots(found.get(at)) for at in range(len(wanted))]


def read(slots: Iterable[int]) -> tuple[Stamp | None, dict[int, str]]:
    """The terms of some documents by slot, and the state of the index that they belong to. One statement."""
    wanted = ", ".join(str(int(slot)) for slot in slots)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_STAMP}, slot, terms FROM search_listingdocument WHERE slot IN ({wanted})")  # noqa: S608
        rows = cursor.fetchall()
    state = Stamp(str(rows[0][0]), rows[0][1] or 0) if rows else None
    return state, {slot: terms for _, _, slot, terms in rows}


def exists(terms: Sequence[str], prefix: str = "") -> bool:
    """Whether any slot has all terms, and one beginning with the prefix when there is one. One statement."""
    if _is_beyond(terms, prefix):
        return False
    dialect = _dialect()
    with connection.cursor() as cursor:
        cursor.execute(dialect.exists, [dialect.query(terms, prefix)])
        return cursor.fetchone() is not None


def contents(slots: Sequence[int]) -> dict[int, frozenset[str]]:
    """The terms of those of the slots that have any. One statement; none for no slots."""
    if not slots:
        return {}
    marks = ", ".join(["%s"] * len(slots))
    with connection.cursor() as cursor:
        cursor.execute(_dialect().contents.format(marks), list(slots))
        return {slot: frozenset(terms.split()) for slot, terms in cursor.fetchall()}


def held() -> frozenset[int]:
    """Every slot that has terms. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_dialect().held)
        return frozenset(slot for (slot,) in cursor.fetchall())


def is_sound() -> bool:
    """Whether the engine finds its own structures in order, where it can tell."""
    check = _dialect().check
    if check:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(check)
        except DatabaseError:
            return False
    return True


def stamp() -> Stamp:
    """The state of the index now. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_STAMP}")
        generation, seq = cursor.fetchone()
    return Stamp(str(generation), seq or 0)


def _is_beyond(terms: Sequence[str], prefix: str) -> bool:
    """Whether no document can have these: no term holds the signs that quote or part terms in an engine's language."""
    return any(_NO_TERM.search(term) for term in (*terms, prefix)) or not all(terms)


def _execute(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _dialect() -> "_Dialect":
    return _PostgreSQL() if connection.vendor == "postgresql" else _SQLite()
