"""Skips, by name, what needs a service that is absent; with REQUIRE_SERVICES=1 its absence is a failure."""

import functools
import os
import urllib.request
from pathlib import Path

import pytest
from django.db import connection

from search.backends import elastic_index
from search.backends.elastic_client import patient

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ELASTICSEARCH_URL = os.environ.get("ELASTICSEARCH_URL", "")


def absent(reason: str) -> None:
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"REQUIRE_SERVICES=1, but {reason}")
    pytest.skip(reason)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and not CHROMIUM.exists():
        absent(f"Chromium is not installed at {CHROMIUM} (set CHROMIUM)")
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        absent("no PostgreSQL server is named (set POSTGRES_URL for `make test`)")
    if item.get_closest_marker("elastic"):
        if not ELASTICSEARCH_URL:
            absent("no Elasticsearch server is named (set ELASTICSEARCH_URL)")
        if not is_answering(ELASTICSEARCH_URL):
            absent("no Elasticsearch answers at ELASTICSEARCH_URL")
    if item.get_closest_marker("soak") and "soak" not in (item.config.getoption("-m") or ""):
        pytest.skip("soak tests run with `make soak`")


@functools.cache
def is_answering(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health", timeout=10) as answer:  # noqa: S310 (a developer's own)
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture
def elastic(settings):
    """Elasticsearch with indexes of this process's tests alone, gone when the test is over."""
    settings.ELASTICSEARCH_URL = ELASTICSEARCH_URL
    settings.ELASTICSEARCH_PREFIX = f"test-{os.getpid()}-"
    # A busy machine's garbage collection is not what is tested.
    settings.SEARCH_TIMEOUT = 10.0
    yield
    # A test may have named a server that fails.
    settings.ELASTICSEARCH_URL = ELASTICSEARCH_URL
    elastic_index.drop_others(patient(30), keep=None)
