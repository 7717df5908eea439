import pytest

from search import tables


@pytest.fixture(autouse=True)
def _index_of_its_own(request):
    """The text tables are no model's: what a test has committed stays in them."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        tables.clear()
