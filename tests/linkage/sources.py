"""A history as the registered sources of evidence, in place of the program's own orders and listings."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cooperatives.linkage import evidence
from tests.indicators.history import History, Order, Reduction
from tests.indicators.stored import Stored, record_order, sale_fact, store


@dataclass
class Sources:
    stored: Stored
    # Orders whose buyers were erased: their contacts are gone from the order.
    erased: frozenset[str] = frozenset()

    @property
    def history(self) -> History:
        return self.stored.history

    def record_orders(self, orders: Iterable[Order]) -> None:
        for order in orders:
            record_order(order)

    def buyers(self) -> Iterator[evidence.BuyerFact]:
        for order in self.history.orders:
            if order.key in self.erased:
                yield evidence.BuyerFact(order.key, order.placed_on, None, "", "")
            else:
                yield evidence.BuyerFact(order.key, order.placed_on, *order.by)

    def sales(self) -> Iterator[evidence.SaleFact]:
        for sale in self.history.sales:
            fact = sale_fact(self.stored, sale)
            known = fact.__dict__ | {"reductions": tuple(self._reductions(sale.name))}
            if sale.order in self.erased:
                known |= {"account_id": None, "phone": "", "email": ""}
            yield evidence.SaleFact(**known)

    def listings(self) -> Iterator[evidence.ListingFact]:
        for row in self.history.listings:
            yield evidence.ListingFact(
                source=row.name,
                cooperative_id=self.stored.cooperatives[row.cooperative].pk,
                commodity_id=self.stored.commodities[row.commodity].pk,
                unit_id=self.stored.units[row.unit].pk,
                first_on=row.first_on,
                last_on=row.last_on,
            )

    def _reductions(self, sale: str) -> Iterator[evidence.ReductionFact]:
        for row in self.history.reductions:
            if row.sale == sale:
                yield reduction_fact(row)


def reduction_fact(row: Reduction) -> evidence.ReductionFact:
    on: date = row.reduced_on
    return evidence.ReductionFact(row.name, on, Decimal(row.amount))


@contextmanager
def sources_of(history: History) -> Iterator[Sources]:
    """Stores the history and registers it as the only source of each kind, for the length of the block."""
    sources = Sources(store(history))
    kept = {name: list(getattr(evidence, name)) for name in ("buyer_sources", "sale_sources", "listing_sources")}
    for name, source in zip(kept, (sources.buyers, sources.sales, sources.listings), strict=True):
        getattr(evidence, name)[:] = [source]
    try:
        yield sources
    finally:
        for name, registered in kept.items():
            getattr(evidence, name)[:] = registered
