"""Writing rows with statements that Django builds once for each process, as `marketplace.common.prepared` reads them."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import UpdateQuery

from marketplace.common.prepared import Argument, Statement, adapted, server_cursor

Row = TypeVar("Row", bound=models.Model)


def insert_all(rows: Sequence[Row], *, ignore_conflicts: bool = False) -> Sequence[Row]:
    """Inserts new rows of one model, as its manager's bulk_create does: one statement, no signals, keys are set.

    With `ignore_conflicts` rows that exist stay as they are, and no keys are set. For models of one table whose key the
    database gives; the caller has the transaction.
    """
    if not rows:
        return rows
    connection = connections[DEFAULT_DB_ALIAS]
    # A lazy object too says of which model it is.
    model = rows[0]._meta.model
    fields = _columns(model)
    values = [_prepared(row, field, connection) for row in rows for field in fields]
    with server_cursor(connection) as cursor:
        cursor.execute(_insert(model, len(rows), ignore_conflicts, connection.vendor), values)
        keys = [] if ignore_conflicts else cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=False):
        row.pk = key
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001 - as Django's own bulk_create
    return rows


@lru_cache(maxsize=64)
def _columns(model: type[models.Model]) -> tuple[models.Field, ...]:
    """Raises TypeError for a model that Django writes with more than plain values."""
    options = model._meta
    fields = tuple(field for field in options.local_concrete_fields if not field.generated and not field.primary_key)
    key = options.pk
    if options.parents or not isinstance(key, models.AutoField) or any(hasattr(f, "get_placeholder") for f in fields):
        raise TypeError(model)
    return fields


def _prepared(row: models.Model, field: models.Field, connection: BaseDatabaseWrapper) -> Any:
    value = field.pre_save(row, add=True)
    if isinstance(value, DatabaseDefault):
        raise TypeError(field)
    value = field.get_db_prep_save(value, connection)
    # Not bool, which is an int too.
    return adapted(connection, value) if type(value) is int else value


@lru_cache(maxsize=256)
def _insert(model: type[models.Model], count: int, ignore_conflicts: bool, _vendor: str) -> str:  # noqa: FBT001
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    fields, options = _columns(model), model._meta
    row = f"({', '.join(['%s'] * len(fields))})"
    end = "ON CONFLICT DO NOTHING" if ignore_conflicts else f"RETURNING {quote(str(options.pk.column))}"
    names = ", ".join(quote(str(field.column)) for field in fields)
    return f"INSERT INTO {quote(options.db_table)} ({names}) VALUES {', '.join([row] * count)} {end}"  # noqa: S608


class PreparedUpdate:
    """As Prepared, for an UPDATE: `build` gives the rows and their new values, which may be expressions."""

    def __init__(self, build: Callable[..., tuple[QuerySet, dict[str, Any]]]) -> None:
        self._build = build
        self._statements: dict[tuple[Any, ...], Statement] = {}

    def __call__(self, *arguments: Argument) -> int:
        """How many rows were changed."""
        connection = connections[DEFAULT_DB_ALIAS]
        shape = (connection.vendor, *map(type, arguments))
        statement = self._statements.get(shape)
        if statement is None:
            statement = self._statements[shape] = Statement(self._compile, shape[1:])
        with server_cursor(connection) as cursor:
            cursor.execute(statement.sql, statement.filled(connection, arguments))
            return cursor.rowcount

    def _compile(self, *arguments: Argument) -> tuple[str, Sequence[Any]]:
        queryset, values = self._build(*arguments)
        query = cast("UpdateQuery", queryset.query.chain(UpdateQuery))
        query.add_update_values(values)
        return query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
