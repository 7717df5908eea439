"""The demo's listings, all of them on sale: what the questions are asked of."""

from datetime import date

from django.utils import timezone

from catalog.models import Product
from cooperatives.places.services import load_units
from marketplace.demo import accounts, listings, registry
from marketplace.demo.cooperatives import load_cooperatives
from marketplace.demo.world import World, read_places
from search.backends.base import SearchBackend
from search.backends.database import DatabaseBackend
from search.rebuilding import rebuild
from search.synonyms import load_defaults

# Any day of the years to come would do: no listing is hidden for its season.
TODAY = date(2026, 10, 10)


def open_market() -> None:
    """Loads places, commodities, cooperatives and listings into an empty database, and indexes them."""
    world = World(seed=1, today=TODAY)
    load_units(progress=lambda *_: None)
    read_places(world)
    registry.load_commodities(world)
    accounts.load_officials(world)
    load_cooperatives(world)
    listings.load_listings(world)
    load_defaults()
    paused = Product.objects.filter(state=Product.State.PAUSED)
    paused.update(state=Product.State.PUBLISHED, is_public=True)
    rebuild(now=world.now)


def backend_named(engine: str) -> SearchBackend:
    """The engine, with everything that the database has indexed."""
    if engine == "elastic":
        # The client is loaded only where it is asked.
        from search.backends.elastic import ElasticBackend
        from search.feeding import feed

        feed(now=timezone.now())
        return ElasticBackend()
    return DatabaseBackend()
