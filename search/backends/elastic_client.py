"""The connection to Elasticsearch: one per process, impatient, and its failures in our words."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from django.conf import settings
from elastic_transport import TransportError
from elastic_transport.client_utils import DEFAULT
from elasticsearch import ApiError, Elasticsearch

from search.backends.base import EngineUnavailableError

# Readers that wait for a connection while the engine hangs would wait beyond the time limit.
CONNECTIONS = 50


def client() -> Elasticsearch:
    """For reading: gives up after SEARCH_TIMEOUT and never asks twice."""
    return _client(
        settings.ELASTICSEARCH_URL,
        settings.ELASTICSEARCH_API_KEY,
        settings.ELASTICSEARCH_CA_CERTS,
        settings.SEARCH_TIMEOUT,
    )


def patient(seconds: float) -> Elasticsearch:
    """For writing: the same connections, and more time."""
    return client().options(request_timeout=seconds)


@lru_cache(maxsize=4)
def _client(url: str, api_key: str, ca_certs: str, timeout: float) -> Elasticsearch:
    return Elasticsearch(
        url,
        api_key=api_key or None,
        request_timeout=timeout,
        max_retries=0,
        retry_on_timeout=False,
        connections_per_node=CONNECTIONS,
        ca_certs=ca_certs or DEFAULT,
    )


# Two processes must not talk on one connection.
os.register_at_fork(after_in_child=_client.cache_clear)


@contextmanager
def writing() -> Iterator[None]:
    """Whatever goes wrong with the engine is EngineUnavailableError; no address stands in its text."""
    try:
        yield
    except ApiError as error:
        raise EngineUnavailableError(f"Elasticsearch answered {error.status_code}") from error
    except TransportError as error:
        raise EngineUnavailableError(f"Elasticsearch: {type(error).__name__}") from error


@contextmanager
def reading() -> Iterator[None]:
    """The same, and for an answer that is none."""
    try:
        with writing():
            yield
    except (LookupError, TypeError, ValueError, AttributeError, OSError) as error:
        raise EngineUnavailableError(f"Elasticsearch's answer makes no sense: {type(error).__name__}") from error
