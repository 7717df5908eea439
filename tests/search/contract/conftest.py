"""The engines under contract. Each is given empty; what it has taken in must be found at once."""

import pytest

from search.backends.base import SearchBackend
from search.backends.database import DatabaseBackend
from search.backends.elastic import ElasticBackend
from search.planning import required_terms, tiers
from search.query import Plan
from search.terms import query_words
from tests.search.contract.documents import thousand

ENGINES = [
    pytest.param(DatabaseBackend, id="database"),
    pytest.param(ElasticBackend, id="elastic", marks=pytest.mark.elastic),
]


@pytest.fixture(params=ENGINES)
def engine(request, db) -> SearchBackend:
    if request.node.get_closest_marker("elastic"):
        request.getfixturevalue("elastic")
    engine = request.param()
    engine.rebuild([], progress=lambda count: None)
    return engine


@pytest.fixture
def full(engine) -> SearchBackend:
    """An engine with a thousand documents."""
    engine.rebuild(thousand(), progress=lambda count: None)
    return engine


@pytest.fixture
def holding(engine):
    """The engine with the given documents and no others."""

    def hold(*documents):
        engine.rebuild(documents, progress=lambda count: None)
        return engine

    return hold


def asked(text: str = "", **values) -> Plan:
    """A plan for words, as the search plans them."""
    words = query_words(text)
    return Plan(**{"terms": required_terms(words), "tiers": tiers(words)} | values)


def found(engine, text="", **values):
    return engine.search(asked(text, **values)).ids
