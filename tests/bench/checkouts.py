"""Whole guest checkouts at concurrency 8: orders per second of ours and of stock Oscar, in turns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.accounting import Cpu
from tests.bench.client import Browser, run_load
from tests.bench.report import Figure, table
from tests.bench.servers import Server

CONCURRENCY = 8

Visitor = Callable[[Browser, str, int], int]
"""Buys one of a listing as a guest; raises BenchError when no order came of it."""


@dataclass(slots=True)
class Checkouts:
    server: Server
    visitor: Visitor
    listings: Sequence[str]
    cpu: Cpu = field(default_factory=lambda: Cpu(0.0, 0.0))
    requests: int = 0
    orders: int = 0
    tried: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.orders / self.seconds

    def warm_up(self) -> None:
        """One checkout, which also says of how many requests one consists."""
        browser = Browser(self.server.port)
        self.visitor(browser, self.listings[0], 0)
        self.requests = browser.requests

    def measure(self, times: int) -> None:
        def buy(turn: int) -> int:
            buyer = self.tried + turn + 1
            return self.visitor(Browser(self.server.port), self.listings[buyer % len(self.listings)], buyer)

        meter = self.server.meter()
        meter.start()
        load = run_load(buy, times=times, concurrency=CONCURRENCY)
        self.cpu += meter.stop()
        self.tried += times
        self.orders += load.done
        self.seconds += load.seconds
        self.failures += load.failures


def measure_checkouts(sides: Mapping[str, Checkouts], *, rounds: int, orders: int) -> None:
    for side in sides.values():
        side.warm_up()
    for _ in range(rounds):
        for side in sides.values():
            side.measure(orders // rounds)


def checkouts_table(title: str, sides: Mapping[str, Checkouts]) -> str:
    rows = []
    for name, side in sides.items():
        cost = side.cpu.per(max(1, side.orders))
        rows.append((name, side.requests, side.orders, len(side.failures), cost.python_ms, cost.postgres_ms, side.rate))
    shown = table(title, ("site", "requests", "orders", "failed", "Python ms", "PostgreSQL ms", "orders/s"), rows)
    reasons = [f"  {name}: {side.failures[0]}" for name, side in sides.items() if side.failures]
    return "\n".join([shown, *reasons])


def rate_figure(sides: Mapping[str, Checkouts]) -> Figure:
    ours, stock = sides["ours"], sides["stock"]
    ratio = ours.rate / stock.rate if stock.orders and not ours.failures else None
    return Figure("checkout-postgresql-stock", ratio, ">=", 5)
