"""SQL triggers that note what the index has yet to read, in the transaction of the change: no writer can forget it.

They fire for whatever writes the rows: saves, updates of many rows, raw SQL. Each does at most one small insert.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from catalog.models import Category, Product
from cooperatives.certificates.models import Certificate, OcopRecognition
from cooperatives.commodities.models import Commodity
from cooperatives.models import Cooperative, CooperativeActivity
from cooperatives.partner.models import StockRecord
from cooperatives.places.models import AdministrativeUnit, DatedName, Succession
from marketplace.order.models import Parcel
from search.models import IndexChange

_PREFIX = "search_note_"
Kind = IndexChange.Kind

_FREE = "(COALESCE({row}.num_in_stock, 0) > COALESCE({row}.num_allocated, 0))"


@dataclass(frozen=True)
class Watch:
    """Rows of a table whose changes are noted, under the key in one of their columns."""

    table: str
    kind: IndexChange.Kind
    key: str
    # An update counts when one of these expressions changes; "{row}" is the row. None: rows are not updated.
    facts: tuple[str, ...] = ()
    # A row for which this does not hold, before and after, is of no interest.
    condition: str = ""
    is_noted_when_new: bool = True


def _columns(*names: str) -> tuple[str, ...]:
    return tuple(f"{{row}}.{name}" for name in names)


WATCHED = (
    Watch(
        Product._meta.db_table,
        Kind.LISTING,
        "id",
        _columns(
            "is_public", "title", "description", "category_id", "commodity_id", "commune_id", "cooperative_id",
            "recognition_id", "price_per_unit", "sale_unit", "unit_weight_kg", "season_months", "cover_stem",
            "published_at",
        ),
        condition="{row}.is_public",
    ),
    # Orders change stock all day long; only the first and the last step of it is of interest.
    Watch(StockRecord._meta.db_table, Kind.LISTING, "product_id", ("{row}.product_id", _FREE)),
    Watch(
        Parcel._meta.db_table,
        Kind.PARCEL,
        "id",
        _columns("status", "delivered_at"),
        condition="{row}.status = 'delivered'",
    ),
    # New ones have no listings yet.
    Watch(
        Commodity._meta.db_table,
        Kind.COMMODITY,
        "id",
        _columns("name", "name_en", "aliases", "path"),
        is_noted_when_new=False,
    ),
    Watch(
        Category._meta.db_table,
        Kind.CATEGORY,
        "id",
        _columns("name", "slug", "path", "is_public"),
        is_noted_when_new=False,
    ),
    Watch(Cooperative._meta.db_table, Kind.COOPERATIVE, "id", _columns("name", "short_name", "slug")),
    Watch(
        CooperativeActivity._meta.db_table,
        Kind.COOPERATIVE,
        "cooperative_id",
        _columns("cooperative_id", "valid_from", "valid_to"),
    ),
    Watch(
        Certificate._meta.db_table,
        Kind.COOPERATIVE,
        "cooperative_id",
        _columns("cooperative_id", "scheme", "commodity_id", "valid_from", "valid_to", "revoked_on"),
    ),
    Watch(
        OcopRecognition._meta.db_table,
        Kind.COOPERATIVE,
        "cooperative_id",
        _columns("cooperative_id", "stars", "decided_on", "valid_to", "revoked_on"),
    ),
    Watch(
        AdministrativeUnit._meta.db_table,
        Kind.UNIT,
        "id",
        _columns("code", "level", "name", "parent_id", "province_id", "valid_from", "valid_to"),
    ),
    Watch(DatedName._meta.db_table, Kind.UNIT, "unit_id", _columns("unit_id", "name")),
    Watch(Succession._meta.db_table, Kind.UNIT, "successor_id", _columns("predecessor_id", "successor_id")),
)  # fmt: skip


def create() -> None:
    """Makes those that are missing and drops those of former definitions. Safe to repeat."""
    wanted = dict(_definitions())
    with connection.cursor() as cursor:
        present = dict(_present(cursor))
        for name in present.keys() - wanted.keys():
            cursor.execute(_drop_statement(name, present[name]))
        missing = wanted.keys() - present.keys()
        if missing:
            tables = set(connection.introspection.table_names(cursor))
            if connection.vendor == "postgresql":
                for key in sorted({watch.key for watch in WATCHED}):
                    cursor.execute(_FUNCTION % {"key": key})
            for name in sorted(missing):
                table, statement = wanted[name]
                if table in tables:
                    cursor.execute(statement)


def drop() -> None:
    with connection.cursor() as cursor:
        for name, table in _present(cursor):
            cursor.execute(_drop_statement(name, table))


# PostgreSQL's triggers call a function for each column with a key; it takes the kind.
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION search_note_%(key)s() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO {IndexChange._meta.db_table} (kind, object_id, at) VALUES (TG_ARGV[0], OLD.%(key)s, now());
    ELSE
        INSERT INTO {IndexChange._meta.db_table} (kind, object_id, at) VALUES (TG_ARGV[0], NEW.%(key)s, now());
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 - the table's name is ours


def _definitions() -> Iterator[tuple[str, tuple[str, str]]]:
    """Names, each with its table and the statement that makes it; the name changes with the statement."""
    for watch in WATCHED:
        for event, condition in _events(watch):
            statement = _statement(watch, event, condition)
            digest = hashlib.sha256((statement + _FUNCTION).encode()).hexdigest()[:12]
            name = f"{_PREFIX}{digest}"
            yield name, (watch.table, statement.format(name=name))


def _events(watch: Watch) -> Iterator[tuple[str, str]]:
    """Events with the condition under which they are noted."""
    differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    old, new = watch.condition.format(row="OLD"), watch.condition.format(row="NEW")
    if watch.is_noted_when_new:
        yield "INSERT", new
    yield "DELETE", old
    changed = " OR ".join(f"{fact.format(row='OLD')} {differs} {fact.format(row='NEW')}" for fact in watch.facts)
    yield "UPDATE", f"({old} OR {new}) AND ({changed})" if watch.condition else changed


def _statement(watch: Watch, event: str, condition: str) -> str:
    when = f"WHEN ({condition}) " if condition else ""
    head = f'CREATE TRIGGER {{name}} AFTER {event} ON "{watch.table}" FOR EACH ROW {when}'
    if connection.vendor == "postgresql":
        return f"{head}EXECUTE FUNCTION search_note_{watch.key}('{watch.kind.value}')"
    row = "OLD" if event == "DELETE" else "NEW"
    insert = f"INSERT INTO {IndexChange._meta.db_table} (kind, object_id, at) "
    values = f"VALUES ('{watch.kind.value}', {row}.{watch.key}, strftime('%Y-%m-%d %H:%M:%f', 'now'))"
    return f"{head}BEGIN {insert}{values}; END"


def _present(cursor: object) -> list[tuple[str, str]]:
    """The triggers that there are, with their tables."""
    query = (
        "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE tgname LIKE %s AND pg_table_is_visible(tgrelid)"
        if connection.vendor == "postgresql"
        else "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
    )
    cursor.execute(query, [f"{_PREFIX}%"])  # type: ignore[attr-defined]
    return cursor.fetchall()  # type: ignore[attr-defined, no-any-return]


def _drop_statement(name: str, table: str) -> str:
    return f'DROP TRIGGER {name} ON "{table}"' if connection.vendor == "postgresql" else f"DROP TRIGGER {name}"
