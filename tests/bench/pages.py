"""Lists and the listing page: CPU per request beside stock Oscar and beside the floor, statements, bytes, and what a basket adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.accounting import Cpu
from tests.bench.client import BenchError, Browser, run_load
from tests.bench.report import Figure, table
from tests.bench.servers import WORKERS, Server

LISTS = ("browse", "category", "commune", "cooperative")
# Those that have a floor of their size.
FLOORED = (*LISTS, "search")
# Stock Oscar has no page of a commune or of a seller: its list of everything stands beside them.
COUNTERPARTS = {
    "browse": "browse",
    "category": "category",
    "commune": "browse",
    "cooperative": "browse",
    "listing": "listing",
    "search": "search",
}

Addresses = Mapping[str, Sequence[str]]


@dataclass(slots=True)
class Page:
    """What one kind of page of one site came to over all rounds."""

    server: Server
    paths: Sequence[str]
    requests: int
    cpu: Cpu = field(default_factory=lambda: Cpu(0.0, 0.0))
    done: int = 0
    seconds: float = 0.0
    size: int = 0
    statements: int = 0
    writes: int = 0

    @property
    def cost(self) -> Cpu:
        return self.cpu.per(self.done)

    def count_sql(self) -> None:
        """Takes the worst of the first few addresses; each several times, to leave out what a process does once."""
        self.statements, self.writes = max(
            min(Browser(self.server.port, count_sql=True).get(path).sql for _ in range(4 * WORKERS))
            for path in self.paths[:4]
        )

    def warm_up(self) -> None:
        self._load(2 * WORKERS)

    def measure(self) -> None:
        meter = self.server.meter()
        meter.start()
        load = self._load(self.requests)
        self.cpu += meter.stop()
        self.done += load.done
        self.seconds += load.seconds
        self.size += load.size

    def _load(self, times: int):
        def visit(turn: int) -> int:
            return len(Browser(self.server.port).get(self.paths[(self.done + turn) % len(self.paths)]).body)

        load = run_load(visit, times=times, concurrency=WORKERS)
        if load.failures:
            raise BenchError(f"{self.server.site.name}: {load.failures[0]}")
        return load


def floor_addresses(ours: Server, addresses: Addresses) -> dict[str, list[str]]:
    """For each kind of list the floor's pages of the size that ours have."""
    found = {}
    for kind in FLOORED:
        sizes = [len(Browser(ours.port).get(path).body) for path in addresses[kind]]
        found[kind] = [f"/?bytes={sum(sizes) // len(sizes)}&page={number}" for number in range(1, 11)]
    return found


def measure_pages(
    servers: Mapping[str, Server],
    addresses: Mapping[str, Addresses],
    kinds: Sequence[str],
    *,
    rounds: int,
    requests: int,
) -> dict[tuple[str, str], Page]:
    """Measures every kind of page on every site, one after another in each round, so that noise falls on all alike."""
    pages: dict[tuple[str, str], Page] = {}
    for kind in kinds:
        pages["ours", kind] = Page(servers["ours"], addresses["ours"][kind], requests * 4)
        twin = COUNTERPARTS[kind]
        pages.setdefault(("stock", twin), Page(servers["stock"], addresses["stock"][twin], requests))
        if kind in addresses.get("floor", {}):
            pages["floor", kind] = Page(servers["floor"], addresses["floor"][kind], requests * 4)
    for page in pages.values():
        page.warm_up()
        if page.server is not servers.get("floor"):
            page.count_sql()
    for _ in range(rounds):
        for page in pages.values():
            page.measure()
    return pages


def pages_table(title: str, pages: Mapping[tuple[str, str], Page]) -> str:
    rows = [
        (
            f"{site} {kind}",
            page.statements or "3",
            page.size / page.done / 1000,
            page.cost.python_ms,
            page.cost.postgres_ms,
            page.done / page.seconds,
        )
        for (site, kind), page in sorted(pages.items())
    ]
    return table(title, ("page", "SQL", "KB", "Python ms", "PostgreSQL ms", "requests/s"), rows)


def list_figures(pages: Mapping[tuple[str, str], Page]) -> list[Figure]:
    figures = []
    for kind in LISTS:
        ours, stock, floor = pages["ours", kind], pages["stock", COUNTERPARTS[kind]], pages["floor", kind]
        figures += [
            Figure(f"list-{kind}-stock", stock.cost.total_ms / ours.cost.total_ms, ">=", 25),
            Figure(f"list-{kind}-floor", ours.cost.total_ms / floor.cost.total_ms, "<=", 2),
            Figure(f"list-{kind}-sql", ours.statements, "<=", 8),
        ]
    return figures


def listing_figures(pages: Mapping[tuple[str, str], Page]) -> list[Figure]:
    ours, stock = pages["ours", "listing"], pages["stock", "listing"]
    return [
        Figure("listing-stock", stock.cost.total_ms / ours.cost.total_ms, ">=", 4),
        Figure("listing-sql", ours.statements, "<=", 6),
        Figure("listing-writes", ours.writes, "<=", 0),
    ]


def search_figures(pages: Mapping[tuple[str, str], Page]) -> list[Figure]:
    ours, stock, floor = pages["ours", "search"], pages["stock", "search"], pages["floor", "search"]
    return [
        Figure("search-stock", stock.cost.python_ms / ours.cost.total_ms, ">=", 6),
        Figure("search-floor", ours.cost.total_ms / floor.cost.total_ms, "<=", 2),
        Figure("search-writes", ours.writes, "<=", 0),
    ]


def basket_figures(empty: Browser, filled: Browser, addresses: Addresses) -> tuple[str, list[Figure]]:
    """Compares each kind of page without and with a basket; both browsers must ask for counts."""
    rows = []
    for kind, paths in addresses.items():
        counts = [min(browser.get(paths[0]).sql[0] for _ in range(4 * WORKERS)) for browser in (empty, filled)]
        rows.append((kind, counts[0], counts[1], counts[1] - counts[0]))
    worst = max(row[3] for row in rows)
    shown = table("A filled basket (2 lines), SQL statements", ("page", "empty", "filled", "added"), rows)
    return shown, [Figure("basket-added-sql", worst, "<=", 1)]
