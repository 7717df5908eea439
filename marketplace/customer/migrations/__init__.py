"""Oscar's migrations are read in place; ours are numbered from 1001."""

from oscar.apps.customer import migrations as upstream

__path__ = [*__path__, *upstream.__path__]
