"""make bench: how fast the site is, as ratios to stock django-oscar and to the least that a Django page can cost.

Prints tables, then one line a figure: `bench <name> <ratio> <goal> ok|short`. Ends with status 1 only when measuring failed.
"""

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.bench import checkouts, pages, searches
from tests.bench.client import BenchError, Browser
from tests.bench.ours import visitor as our_visitor
from tests.bench.peer import visitor as stock_visitor
from tests.bench.report import Figure, table
from tests.bench.servers import (
    ROOT,
    WORK,
    Server,
    Site,
    ensure_peer_venv,
    ensure_postgres_database,
    ensure_sqlite_database,
    serving,
)

BENCHES = ("lists", "listing", "search", "basket", "checkout", "coverage", "engines", "statement", "settlement")
OUR_PYTHON = Path(sys.executable)


@dataclass(frozen=True, slots=True)
class Scale:
    products: int
    partners: int
    rounds: int
    requests: int
    orders: int
    coverage_runs: int
    statement_rows: int
    documents: int
    searches: int


@dataclass(slots=True)
class Bench:
    """One run: what is asked for, the sites made so far, and the figures found so far."""

    scale: Scale
    only: frozenset[str]
    fresh: bool
    postgres: str | None
    admin: psycopg.Connection | None
    addresses: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)

    def run(self) -> None:
        stock = self.stock() if self.only & {"lists", "listing", "search", "checkout"} else None
        ours = self.ours("postgresql" if self.postgres else "sqlite")
        with ExitStack() as stack:
            servers = {"ours": stack.enter_context(serving(ours, self.admin))}
            if stock:
                servers["stock"] = stack.enter_context(serving(stock, self.admin))
            if self.only & {"lists", "search"} and stock:
                servers["floor"] = stack.enter_context(serving(self.floor(stock), self.admin))
                self.addresses["floor"] = pages.floor_addresses(servers["ours"], self.addresses["ours"])
            self.pages(servers)
            if "basket" in self.only:
                self.basket(servers["ours"])
            if "checkout" in self.only:
                self.checkout(servers)
        if "coverage" in self.only:
            self.coverage(ours)
        if "engines" in self.only:
            self.engines()
        if "statement" in self.only:
            self.statement(ours)
        if "settlement" in self.only:
            self.settlement(ours)
        if "checkout" in self.only:
            self.checkout_on_sqlite()

    # -- sites --------------------------------------------------------------------------------------------------------

    def stock(self) -> Site:
        python = ensure_peer_venv()
        name, fresh = self._database("stock", [ROOT / "tests/bench/peer/load.py", ROOT / "tests/bench/data.py"])
        database = self._postgres_or_sqlite(name, fresh=fresh)
        site = Site(
            "stock",
            python,
            "tests.bench.peer.settings",
            "tests.bench.peer.wsgi:application",
            database,
            (("BENCH_DATABASE", database), ("BENCH_MEDIA", str(WORK / "media-stock"))),
        )
        self.addresses["stock"] = self._load(site, "tests.bench.peer.load", name)
        return site

    def ours(self, engine: str) -> Site:
        sources = [
            path
            for package in ("marketplace", "cooperatives", "catalog", "cms", "search")
            for path in (ROOT / package).rglob("migrations/*.py")
        ]
        name, fresh = self._database(
            "ours", [*sources, *(ROOT / "tests/bench/ours").glob("*.py"), ROOT / "tests/bench/data.py"]
        )
        if engine == "postgresql":
            database = self._postgres_or_sqlite(name, fresh=fresh)
        else:
            database = ensure_sqlite_database(name, fresh=fresh)
        site = Site(
            f"ours-{engine}",
            OUR_PYTHON,
            "tests.bench.ours.settings",
            "tests.bench.ours.wsgi:application",
            database,
            (("DATABASE_URL", database), ("VAR_DIR", str(WORK / "ours")), ("LOG_LEVEL", "WARNING")),
        )
        # As in production: a message that no catalogue holds is looked up in all of them.
        site.run("manage.py", "compile_catalogue")
        self.addresses["ours"] = self._load(site, "tests.bench.ours.load", name)
        return site

    def floor(self, stock: Site) -> Site:
        return Site(
            "floor",
            OUR_PYTHON,
            "tests.bench.floor.settings",
            "tests.bench.floor.site:application",
            stock.database,
            (("BENCH_DATABASE", stock.database),),
        )

    def _database(self, side: str, sources: Iterable[Path]) -> tuple[str, bool]:
        """A name that changes with what is loaded, so that a database is kept between runs for as long as it is right."""
        digest = hashlib.sha256()
        for path in sorted(sources):
            digest.update(path.read_bytes())
        return f"bench_{side}_{self.scale.products}_{self.scale.partners}_{digest.hexdigest()[:8]}", self.fresh

    def _postgres_or_sqlite(self, name: str, *, fresh: bool) -> str:
        if self.admin is None or self.postgres is None:
            return ensure_sqlite_database(name, fresh=fresh)
        return ensure_postgres_database(self.admin, self.postgres, name, fresh=fresh)

    def _load(self, site: Site, module: str, name: str) -> dict[str, list[str]]:
        began = time.monotonic()
        print(f"bench: preparing {site.name} ({name})", flush=True)
        printed = site.run("-m", module, str(self.scale.products), str(self.scale.partners))
        print(f"bench: {site.name} is ready after {time.monotonic() - began:.0f} s", flush=True)
        return json.loads(printed.splitlines()[-1])

    # -- benches ------------------------------------------------------------------------------------------------------

    def pages(self, servers: dict[str, Server]) -> None:
        kinds = [
            *(pages.LISTS if "lists" in self.only else ()),
            *(kind for kind in ("listing", "search") if kind in self.only),
        ]
        if not kinds:
            return
        measured = pages.measure_pages(
            servers, self.addresses, kinds, rounds=self.scale.rounds, requests=self.scale.requests
        )
        print(
            pages.pages_table(
                f"Pages, {self.scale.products} listings, {self.scale.partners} cooperatives, no cache", measured
            )
        )
        if "lists" in self.only:
            self.figures += pages.list_figures(measured)
        if "listing" in self.only:
            self.figures += pages.listing_figures(measured)
        if "search" in self.only:
            self.figures += pages.search_figures(measured)

    def basket(self, ours: Server) -> None:
        empty, filled = Browser(ours.port, count_sql=True), Browser(ours.port, count_sql=True)
        for listing in self.addresses["ours"]["listing"][:2]:
            our_visitor.add_to_basket(filled, listing)
        shown, figures = pages.basket_figures(
            empty, filled, self.addresses["ours"] | {"other": self.addresses["ours"]["other"]}
        )
        print(shown)
        self.figures += figures

    def checkout(self, servers: dict[str, Server]) -> None:
        sides = {
            "ours": checkouts.Checkouts(servers["ours"], our_visitor.check_out, self.addresses["ours"]["listing"]),
            "stock": checkouts.Checkouts(servers["stock"], stock_visitor.check_out, self.addresses["stock"]["listing"]),
        }
        checkouts.measure_checkouts(sides, rounds=self.scale.rounds, orders=self.scale.orders)
        engine = "PostgreSQL" if self.postgres else "SQLite"
        print(checkouts.checkouts_table(f"Whole guest checkouts, {checkouts.CONCURRENCY} at once, {engine}", sides))
        self.figures.append(checkouts.rate_figure(sides) if self.postgres else Figure("checkout-stock", None, ">=", 5))
        statements = our_visitor.placing_statements(
            Browser(servers["ours"].port, count_sql=True), self.addresses["ours"]["listing"][0]
        )
        self.figures.append(Figure("checkout-placing-sql", statements, "<=", 18))

    def checkout_on_sqlite(self) -> None:
        site = self.ours("sqlite")
        with serving(site, None) as server:
            side = checkouts.Checkouts(server, our_visitor.check_out, self.addresses["ours"]["listing"])
            checkouts.measure_checkouts({"ours": side}, rounds=1, orders=self.scale.orders)
        print(
            checkouts.checkouts_table(f"Whole guest checkouts, {checkouts.CONCURRENCY} at once, SQLite", {"ours": side})
        )
        self.figures.append(Figure("checkout-sqlite-failures", len(side.failures), "<=", 0))

    def coverage(self, ours: Site) -> None:
        measured = json.loads(
            ours.run("-m", "tests.bench.ours.coverage", str(self.scale.coverage_runs)).splitlines()[-1]
        )
        rows = [(name, measured[name]["cpu_ms"], measured[name]["wall_ms"]) for name in ("coverage", "query")]
        print(
            table(
                f"Coverage of one province on {measured['as_of']}: {measured['result']}",
                ("", "CPU ms", "elapsed ms"),
                rows,
            )
        )
        self.figures.append(
            Figure("coverage-query", measured["coverage"]["cpu_ms"] / measured["query"]["cpu_ms"], "<=", 3)
        )

    def engines(self) -> None:
        """Each search engine over many listings, beside the same engine by hand."""
        database = ensure_sqlite_database("bench_search_engines", fresh=False)
        kinds = {"sqlite": ("database", database)}
        if self.admin is not None and self.postgres is not None:
            made = ensure_postgres_database(self.admin, self.postgres, "bench_search_engines", fresh=False)
            kinds["postgresql"] = ("database", made)
        if os.environ.get("ELASTICSEARCH_URL"):
            kinds["elastic"] = ("elastic", database)
        else:
            print("bench: ELASTICSEARCH_URL is not set; its figures are left out")
        for engine, (backend, url) in kinds.items():
            extra = (("DATABASE_URL", url), ("VAR_DIR", str(WORK / "ours")), ("LOG_LEVEL", "WARNING"))
            site = Site(f"search-{engine}", OUR_PYTHON, "tests.bench.ours.settings", "", url, extra)
            scale = str(self.scale.documents), str(self.scale.searches)
            measured = json.loads(site.run("-m", "tests.bench.ours.search", backend, *scale).splitlines()[-1])
            shown, figures = searches.engine_figures(engine, self.scale.documents, measured)
            print(shown)
            self.figures += figures

    def statement(self, ours: Site) -> None:
        measured = json.loads(
            ours.run("-m", "tests.bench.ours.statement", str(self.scale.statement_rows)).splitlines()[-1]
        )
        rows = [(part["rows"], part["blocks"], part["seconds"]) for part in (measured["tenth"], measured["whole"])]
        print(table("A bank's statement, every row of which pays a parcel", ("rows", "blocks held", "seconds"), rows))
        self.figures.append(
            Figure("statement-memory", measured["whole"]["blocks"] / measured["tenth"]["blocks"], "<=", 1.5)
        )

    def settlement(self, ours: Site) -> None:
        measured = json.loads(
            ours.run("-m", "tests.bench.ours.settlement", str(self.scale.statement_rows)).splitlines()[-1]
        )
        rows = [(part["rows"], part["peak_kb"], part["seconds"]) for part in (measured["tenth"], measured["whole"])]
        print(table("A cooperative's statement, swept and written", ("parcels", "peak KB", "seconds, traced"), rows))
        self.figures.append(
            Figure("settlement-memory", measured["whole"]["peak_kb"] / measured["tenth"]["peak_kb"], "<=", 1.5)
        )


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default=",".join(BENCHES), help="some of " + ",".join(BENCHES))
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--partners", type=int, default=200)
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that everything runs")
    parser.add_argument("--fresh", action="store_true", help="load the databases anew")
    arguments = parser.parse_args()
    arguments.only = frozenset(arguments.only.split(","))
    if unknown := arguments.only - set(BENCHES):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    return arguments


def main() -> int:
    arguments = read_arguments()
    if arguments.quick:
        scale = Scale(
            min(arguments.products, 1000),
            min(arguments.partners, 40),
            rounds=1,
            requests=4,
            orders=16,
            coverage_runs=3,
            statement_rows=2_000,
            documents=5_000,
            searches=10,
        )
    else:
        scale = Scale(
            arguments.products,
            arguments.partners,
            rounds=5,
            requests=12,
            orders=200,
            coverage_runs=15,
            statement_rows=10_000,
            documents=100_000,
            searches=60,
        )
    WORK.mkdir(parents=True, exist_ok=True)
    # Ending on a signal still runs the blocks that end the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    postgres = os.environ.get("BENCH_DATABASE_URL") or os.environ.get("DATABASE_URL_POSTGRES")
    if postgres is None:
        print("bench: BENCH_DATABASE_URL is not set; everything runs on SQLite, and PostgreSQL's figures are left open")
    admin = psycopg.connect(postgres, autocommit=True) if postgres else None
    bench = Bench(scale, arguments.only, arguments.fresh, postgres, admin)
    try:
        bench.run()
    except (BenchError, RuntimeError, subprocess.CalledProcessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        if admin:
            admin.close()
    print()
    for figure in bench.figures:
        print(figure.line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
