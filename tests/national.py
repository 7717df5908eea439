"""The real administrative units of the country, for tests that need them: loaded once for a module."""

from collections.abc import Iterator

import pytest

from cooperatives.places.models import AdministrativeUnit, DatedName, Succession
from cooperatives.places.services import load_units
from search.models import IndexChange


@pytest.fixture(scope="module")
def national_units(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Both generations stand in the database while the module's tests run, and are gone after it.

    The module's tests may not be transactional: their flush would empty the tables.
    """
    with django_db_blocker.unblock():
        load_units()
        # The index of the search is told of each unit: nothing of it is any other test's business.
        IndexChange.objects.all().delete()
    yield
    with django_db_blocker.unblock():
        for model in (Succession, DatedName, AdministrativeUnit):
            rows = model.objects.all()
            rows._raw_delete(rows.db)
        IndexChange.objects.all().delete()
