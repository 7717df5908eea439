"""make relevance: how well each engine answers the questions of queries.tsv, or of the FILE given.

Each engine has its own process and database, with the listings of the demo. Closes with one line an engine:
`relevance <engine> <success@1> <success@3> <mean reciprocal rank>`. Ends with status 1 when an engine falls short of
0.9 and 0.97, or fails.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.relevance.measuring import QUERIES

GOALS = (0.9, 0.97)


def environments() -> dict[str, dict[str, str]]:
    """What each engine that is there needs to know; SQLite always is."""
    found = {"sqlite": {"DATABASE_URL": ""}}
    postgres, elastic = os.environ.get("POSTGRES_URL"), os.environ.get("ELASTICSEARCH_URL")
    if postgres:
        found["postgresql"] = {"DATABASE_URL": postgres}
    else:
        print("relevance: POSTGRES_URL is not set: PostgreSQL is left out")
    if elastic:
        found["elastic"] = {"DATABASE_URL": "", "SEARCH_ENGINE": "elastic", "ELASTICSEARCH_URL": elastic}
    else:
        print("relevance: ELASTICSEARCH_URL is not set: Elasticsearch is left out")
    return found


def ask_engine(engine: str, environment: dict[str, str], path: Path) -> str:
    """The closing line of the engine; empty when it failed. What it says meanwhile is printed."""
    settings = {"DJANGO_SETTINGS_MODULE": "marketplace.settings.test", "TEST_DB_SUFFIX": f"relevance_{engine}"}
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "SEARCH_ENGINE"}}
    known = {name: value for name, value in environment.items() if value}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.relevance.engine", engine, str(path)],
        env=inherited | settings | known,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    *said, last = ran.stdout.splitlines() or [""]
    for line in said:
        print(line)
    return last if ran.returncode == 0 else ""


def main() -> int:
    path = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else QUERIES
    lines = {engine: ask_engine(engine, environment, path) for engine, environment in environments().items()}
    for engine, line in lines.items():
        print(line or f"relevance {engine} failed")
    reached = [tuple(map(float, line.split()[2:4])) for line in lines.values() if line]
    is_good = len(reached) == len(lines) and all(one >= GOALS[0] and three >= GOALS[1] for one, three in reached)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
