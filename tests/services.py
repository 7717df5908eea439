"""Skips, by name, what needs a service that is absent; with REQUIRE_SERVICES=1 its absence is a failure."""

import os
from pathlib import Path

import pytest
from django.db import connection

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


def absent(reason: str) -> None:
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"REQUIRE_SERVICES=1, but {reason}")
    pytest.skip(reason)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and not CHROMIUM.exists():
        absent(f"Chromium is not installed at {CHROMIUM} (set CHROMIUM)")
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        absent("no PostgreSQL server is named (set POSTGRES_URL for `make test`)")
    if item.get_closest_marker("soak") and "soak" not in (item.config.getoption("-m") or ""):
        pytest.skip("soak tests run with `make soak`")
