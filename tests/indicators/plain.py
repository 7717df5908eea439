"""A history as the plain facts of the program's calculation, without a database; names stand for keys."""

from datetime import date
from decimal import Decimal

from cooperatives.indicators import facts
from cooperatives.indicators.core import Evaluation
from tests.indicators.history import History
from tests.indicators.reference import Answer, Reference


def facts_of(history: History, scope: str | None, day: date) -> facts.Facts | None:
    """None is "no value". Which units a scope has is taken from the reference; loading them is tested elsewhere."""
    reference = Reference(history, day)
    communes = reference.communes_in(scope)
    if communes is None:
        return None
    default = {row.old: row.new for row in history.successions if row.is_default}
    sales = [sale for sale in history.sales if not reference.is_by_insider(sale)]
    numbers = {sale.name: number for number, sale in enumerate(history.sales)}
    return facts.Facts(
        units={unit.name: facts.Unit(unit.valid_from, unit.valid_to, default.get(unit.name)) for unit in history.units},
        communes=[facts.Commune(name, reference.unit[name].kind) for name in sorted(communes)],
        districts=frozenset(reference.districts_in(scope, communes)),
        districts_of={name: frozenset(reference.districts_of(name)) for name in communes},
        lineage={name: _lineage(name, dict(history.commodities)) for name, _parent in history.commodities},
        reported_units=frozenset(reference.related(scope, communes)),
        models=[facts.Model(*row) for row in history.models],
        statuses=[facts.Status(*row) for row in history.statuses],
        participations=[facts.Participation(*row) for row in history.participants],
        areas=[facts.Area(number, *row) for number, row in enumerate(history.areas)],
        served=[facts.Served(number, *row) for number, row in enumerate(history.served)],
        activities=[facts.Activity(row.one, row.valid_from, row.valid_to) for row in history.activities],
        keys=[facts.Key(number, *row) for number, row in enumerate(history.key_products)],
        listings=[facts.Listing(number, *row[1:]) for number, row in enumerate(history.listings)],
        sales=[facts.Sale(numbers[sale.name], sale.order, 1, *sale[2:7]) for sale in sales],
        reductions={
            number: [(row.reduced_on, Decimal(row.amount)) for row in history.reductions if row.sale == name]
            for name, number in numbers.items()
        },
        amounts={numbers[sale.name]: Decimal(sale.amount) for sale in history.sales},
        # One component of all orders is a division too coarse on every day: the calculation must refine it.
        contacts={
            1: [
                facts.Contact(
                    order.key, order.placed_on, str(order.by.account or ""), order.by.phone, order.by.email.lower()
                )
                for order in history.orders
            ]
        },
    )


def answer(history: History, evaluation: Evaluation) -> Answer:
    models = {model.name for model in history.models if _holds(model, evaluation.as_of)}
    rows = {"area": history.areas, "key_product": history.key_products}
    return Answer(
        l1=tuple(evaluation.l1),
        l2=tuple(evaluation.l2),
        l3=(evaluation.l3.traded, evaluation.l3.denominator),
        rungs=evaluation.rungs,
        covering={unit: dict(levels) for unit, levels in evaluation.covering.items()},
        models=dict(evaluation.models),
        unplaced={
            (row.kind, row.unit)
            for row in evaluation.unplaceable
            if row.kind in rows and (row.kind != "area" or row.model in models)
        },
    )


def _holds(row, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day < row.valid_to)


def _lineage(name: str | None, parents: dict[str, str | None]) -> frozenset[str]:
    return frozenset() if name is None else frozenset({name}) | _lineage(parents[name], parents)
