"""Starts and ends the sites that are measured, each under gunicorn with two sync workers on the loopback address."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.bench.accounting import Meter

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "var" / "bench"
PEER_VENV = WORK / "peer-venv"
PEER_REQUIREMENTS = (
    "django-oscar[sorl-thumbnail]==4.2.1",
    "django>=5.2.19,<5.3",
    "django-treebeard<8",
    "psycopg[binary]",
    "gunicorn",
)
WORKERS = 2
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Site:
    """A Django project to serve: its interpreter, settings and environment."""

    name: str
    python: Path
    settings: str
    wsgi: str
    database: str
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        return (
            os.environ
            | {"DJANGO_SETTINGS_MODULE": self.settings, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
            | dict(self.extra)
        )

    def run(self, *arguments: str) -> str:
        """Runs `python <arguments>` in the site's environment and returns what it printed."""
        ran = subprocess.run(
            [str(self.python), *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return ran.stdout


@dataclass(slots=True)
class Server:
    site: Site
    port: int
    pid: int
    admin: psycopg.Connection | None

    def meter(self) -> Meter:
        return Meter(self.pid, self.admin, urlsplit(self.site.database).path[1:])


def ensure_peer_venv() -> Path:
    """The interpreter of an environment with stock django-oscar, made from PyPI at the first run."""
    python = PEER_VENV / "bin" / "python"
    ready = PEER_VENV / "ready"
    if ready.exists() and ready.read_text() == "\n".join(PEER_REQUIREMENTS):
        return python
    print("bench: installing stock django-oscar into its own environment", flush=True)
    base = Path(os.path.realpath(ROOT / ".venv" / "bin" / "python"))
    subprocess.run([str(base), "-m", "venv", "--clear", str(PEER_VENV)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEER_REQUIREMENTS], check=True)
    ready.write_text("\n".join(PEER_REQUIREMENTS))
    return python


def with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", "", ""))


def ensure_postgres_database(admin: psycopg.Connection, url: str, name: str, *, fresh: bool) -> str:
    """The URL of the database `name` on the server of `url`, made when absent, made anew when `fresh`.

    Databases that differ in the last part of their name hold what was loaded before the loader changed: they go.
    """
    family = name.rpartition("_")[0]
    for (other,) in admin.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{family}_"]
    ).fetchall():
        if other != name:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(other)))
    if fresh:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return with_database(url, name)


def ensure_sqlite_database(name: str, *, fresh: bool) -> str:
    path = WORK / f"{name}.sqlite3"
    for old in WORK.glob(f"{name.rpartition('_')[0]}_*.sqlite3*"):
        if fresh or not old.name.startswith(path.name):
            old.unlink()
    return f"sqlite:///{path}"


@contextmanager
def serving(site: Site, admin: psycopg.Connection | None) -> Iterator[Server]:
    """Serves the site until the block ends, however it ends.

    Raises RuntimeError when the site does not answer within a minute.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = WORK / f"{site.name}.log"
    command = [
        str(site.python),
        "-m",
        "gunicorn",
        site.wsgi,
        "--workers",
        str(WORKERS),
        "--bind",
        f"127.0.0.1:{port}",
        "--timeout",
        "120",
        "--log-level",
        "warning",
    ]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=site.environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait(process, port, log)
        yield Server(site, port, process.pid, admin if site.database.startswith("postgres") else None)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(process: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        try:
            connection.request("GET", "/bench-is-it-up/")
            connection.getresponse().read()
        except ConnectionError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"{log.stem} did not start:\n{log.read_text()[-2000:]}")
