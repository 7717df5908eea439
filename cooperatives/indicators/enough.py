"""Of the sales of one day's window, those that tell whether there were enough buyers: counted where the rows are.

A level asks for so many different buyers among the sales of a model, and those sales are the union of groups that
count alike: of one cooperative, commodity, unit and stretch of days. Of a group with that many components the lines of
the first ones are enough, for components are different buyers; of any other group all lines are kept.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import (
    BigIntegerField,
    Case,
    ExpressionWrapper,
    F,
    IntegerField,
    Lookup,
    QuerySet,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, DenseRank

from cooperatives.indicators.facts import Model, Participation, Unit
from cooperatives.indicators.geography import MANY
from cooperatives.linkage.models import SaleEvidence, SaleReduction

# Above this many changes inside the window each day of delivery stands for itself.
_MANY_CHANGES = 12
_PAIR = 2**32


class KeyAmong(Lookup):
    """Whether an integer is one of many; they stand in the statement, where hundreds of parameters would cost more."""

    lookup_name = "key_among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        if not self.rhs:
            raise EmptyResultSet
        sql, params = self.process_lhs(compiler, connection)
        return f"{sql} IN ({', '.join(str(int(key)) for key in self.rhs)})", tuple(params)


def sales_that_tell(
    sales: QuerySet[SaleEvidence],
    *,
    pairs: Collection[tuple[int, int]],
    changes: Sequence[date],
    enough: int,
    opened: date,
    on: date,
) -> QuerySet[SaleEvidence]:
    """Of `sales`, which have a `component`: those of the cooperatives' commodities in `pairs`, kept on the day.

    `changes` are the days on which a model or a part in one began or ended.
    """
    gone = (
        SaleReduction.objects.filter(reduced_on__lte=on, sale__delivered_on__gt=opened)
        .order_by()
        .values("sale", "sale__amount")
        .annotate(total=Sum("amount"))
        .filter(total__gte=F("sale__amount"))
        .values("sale")
    )
    rows = sales.exclude(pk__in=gone)
    if len(pairs) <= 2 * MANY:
        pair = Cast("cooperative_id", BigIntegerField()) * Value(_PAIR) + F("commodity_id")
        rows = rows.alias(pair=ExpressionWrapper(pair, BigIntegerField())).filter(
            KeyAmong(F("pair"), [cooperative * _PAIR + commodity for cooperative, commodity in pairs])
        )
    stretch = F("delivered_on") if len(changes) > _MANY_CHANGES else _stretch(changes)
    group = [F("cooperative_id"), F("commodity_id"), F("unit_id"), stretch]
    rank = Window(DenseRank(), partition_by=group, order_by=F("component").asc())
    return rows.annotate(rank=rank).filter(rank__lte=enough)


def pairs_of(
    models: Iterable[Model], participations: Iterable[Participation], paths: Mapping[int, str]
) -> set[tuple[int, int]]:
    """Cooperatives and commodities whose sales count for one of the models; `paths` are treebeard's, by commodity."""
    commodity_of = {model.pk: model.commodity for model in models}
    below = {
        wanted: [pk for pk, path in paths.items() if path.startswith(paths[wanted])]
        for wanted in set(commodity_of.values())
    }
    parts = {(row.cooperative, commodity_of[row.model]) for row in participations}
    return {(cooperative, commodity) for cooperative, wanted in parts for commodity in below[wanted]}


def changes_of(
    models: Iterable[Model], participations: Iterable[Participation], *, opened: date, on: date
) -> list[date]:
    """The days of (opened, on] on which a model, or a part in one, began or ended."""
    days = {day for rows in (models, participations) for row in rows for day in (row.valid_from, row.valid_to) if day}
    return sorted(day for day in days if opened < day <= on)


def hardly_placed(units: Mapping[int, Unit], related: Iterable[int], on: date) -> set[int]:
    """The related units that no chain of known successors leads from to a unit valid on the day."""
    return {pk for pk in related if not _is_placed(units, pk, on)}


def _is_placed(units: Mapping[int, Unit], pk: int, on: date) -> bool:
    row = units[pk]
    if row.valid_from > on:
        return False
    while row.valid_to is not None and row.valid_to <= on:
        if row.successor is None or row.successor not in units:
            return False
        row = units[row.successor]
    return row.valid_from <= on


def _stretch(changes: Sequence[date]) -> Case | Value:
    """The number of changes up to the day of delivery."""
    if not changes:
        return Value(0)
    counted = [When(delivered_on__gte=day, then=Value(n)) for n, day in reversed(list(enumerate(changes, start=1)))]
    return Case(*counted, default=Value(0), output_field=IntegerField())
