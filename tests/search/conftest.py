import pytest

from search import tables
from search.backends import columns


@pytest.fixture(autouse=True)
def _index_of_its_own(request):
    """What a process holds never goes back in production; a test's end takes everything back."""
    columns.forget()
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        tables.clear()
