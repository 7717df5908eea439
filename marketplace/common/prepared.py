"""Querysets that Django turns into SQL once for each process: building a statement costs more than PostgreSQL's answer.

    newest = Prepared(lambda place: Product.objects.filter(commune_id=place).order_by("-pk").values_list("title"))
    rows = newest(unit.pk, limit=24)

The statement is kept, never its answer. It must not depend on the values of the arguments in any other way than through
parameters: no `if`, and no None. An argument is an int, a str, a date, a moment or a tuple of ints (for `__in`; kept by
its length).
"""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

Argument = int | str | date | tuple[int, ...]

# More lengths of tuples than this are built anew each time.
_MAXIMUM_PLANS = 64


class Statement:
    """SQL that was built with stand-ins, and which of its parameters are which stand-in."""

    def __init__(self, build: Callable[..., tuple[str, Sequence[Any]]], shape: tuple[Any, ...]) -> None:
        stand_ins = _stand_ins(shape)
        self.sql, parameters = build(*stand_ins)
        self.parameters = list(parameters)
        flat = _flat(stand_ins)
        self.slots = [
            (position, flat.index(known))
            for position, parameter in enumerate(parameters)
            for known in flat
            if parameter in (known, adapted(connections[DEFAULT_DB_ALIAS], known))
        ]
        if {index for _position, index in self.slots} != set(range(len(flat))):
            raise ValueError(self.sql)

    def filled(self, connection: BaseDatabaseWrapper, arguments: tuple[Argument, ...]) -> list[Any]:
        """The parameters for these arguments."""
        flat = [adapted(connection, value) for value in _flat(arguments)]
        parameters = list(self.parameters)
        for position, index in self.slots:
            parameters[position] = flat[index]
        return parameters


class _Plan:
    """A queryset that was built with stand-ins, and its statement."""

    def __init__(self, build: Callable[..., QuerySet], shape: tuple[Any, ...]) -> None:
        def compiled(*stand_ins: Argument) -> tuple[str, Sequence[Any]]:
            self.queryset = build(*stand_ins)
            self.compiler: SQLCompiler = self.queryset.query.get_compiler(DEFAULT_DB_ALIAS)
            return self.compiler.as_sql()

        self.statement = Statement(compiled, shape)
        self.converters = self.compiler.get_converters([column[0] for column in self.compiler.select])

    def run(self, arguments: tuple[Argument, ...], limit: int | None, offset: int) -> list[Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        sql, parameters = self.statement.sql, self.statement.filled(connection, arguments)
        if limit is not None:
            sql = f"{sql} LIMIT %s OFFSET %s"
            parameters += [adapted(connection, limit), adapted(connection, offset)]

        def execute_sql(*_arguments: object, **_options: object) -> list[list[tuple]]:
            with server_cursor(connection) as cursor:
                cursor.execute(sql, parameters)
                return [cursor.fetchall()]

        # Django's own iterators read the rows; they ask the query for a compiler, and get one that knows its SQL.
        compiler, queryset = copy(self.compiler), self.queryset.all()
        compiler.connection = connection
        compiler.execute_sql = execute_sql  # type: ignore[method-assign,assignment]
        compiler.get_converters = lambda _columns: self.converters  # type: ignore[method-assign,assignment]
        queryset.query.get_compiler = lambda *_arguments, **_options: compiler  # type: ignore[method-assign,assignment]
        return list(queryset)


class Prepared:
    def __init__(self, build: Callable[..., QuerySet]) -> None:
        self._build = build
        self._plans: dict[tuple[Any, ...], _Plan] = {}

    def __call__(self, *arguments: Argument, limit: int | None = None, offset: int = 0) -> list[Any]:
        """The rows or objects that the queryset gives for the arguments. One statement; an empty tuple is not allowed."""
        vendor = connections[DEFAULT_DB_ALIAS].vendor
        shape = tuple(len(value) if isinstance(value, tuple) else type(value) for value in arguments)
        plan = self._plans.get((vendor, *shape))
        if plan is None:
            plan = _Plan(self._build, shape)
            if len(self._plans) < _MAXIMUM_PLANS:
                self._plans[vendor, *shape] = plan
        return plan.run(arguments, limit, offset)


def server_cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """On PostgreSQL one that sends the parameters apart, so that the server keeps a statement's plan (`prepare_threshold`)."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor  # psycopg is not there on SQLite

    connection.ensure_connection()
    usual = connection.connection.cursor_factory
    connection.connection.cursor_factory = ServerBindingCursor
    try:
        return connection.cursor()
    finally:
        connection.connection.cursor_factory = usual


def adapted(connection: BaseDatabaseWrapper, value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if connection.vendor == "postgresql" and isinstance(value, int):
        # One type for all numbers, or each size of them would be a statement of its own.
        return connection.ops.adapt_integerfield_value(value, "BigIntegerField")
    return value


def _stand_ins(shape: tuple[Any, ...]) -> tuple[Argument, ...]:
    """Values that no queryset has of its own, as many and of the kinds that the shape says."""
    numbers = count(2_000_000_011, 13)

    def one(kind: Any) -> Argument:
        number = next(numbers)
        if isinstance(kind, int):
            return tuple(next(numbers) for _ in range(kind))
        if issubclass(kind, datetime):
            return datetime.fromordinal(500_000 + number % 2_000_000_000).replace(tzinfo=UTC)
        if issubclass(kind, date):
            return date.fromordinal(600_000 + number % 2_000_000_000)
        return f"stand-in {number}" if issubclass(kind, str) else number

    return tuple(one(kind) for kind in shape)


def _flat(arguments: tuple[Argument, ...]) -> list[Any]:
    found: list[Any] = []
    for argument in arguments:
        if isinstance(argument, tuple):
            found += argument
        else:
            found.append(argument)
    return found
