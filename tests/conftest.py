"""Fixtures that every test may use. Places and people of the domain come from tests/factories."""

import os

import pytest
from django.core.cache import cache
from django.utils import translation

from search import named, spelling
from search.backends import columns

pytest_plugins = ["tests.services", "tests.national", "tests.messages"]

# Playwright's synchronous API runs an event loop in the thread that also talks to the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(autouse=True)
def _media_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _cache_of_its_own():
    """Rate limits live in the cache; one test's attempts are not another's."""
    cache.clear()


@pytest.fixture(autouse=True)
def _language_of_the_site():
    """A request for an English page leaves its language to the thread, and so to the next test."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _nothing_held_of_the_index():
    """In production the index never goes back; here each test's end takes it back."""
    columns.forget()
    named.held.forget()
    spelling.held.forget()
