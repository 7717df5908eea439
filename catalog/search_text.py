"""What a listing is found by: one text without marks."""

from catalog.models import Product
from cooperatives.places import selectors as places
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.text import fold


def search_text(listing: Product) -> str:
    """Title, commodity with its wider kinds and other names, cooperative, commune today and the former units there.

    The listing's relations may be unsaved; three queries for a listing with a commune.
    """
    words = [listing.title]
    if listing.commodity:
        kinds = [listing.commodity, *listing.commodity.get_ancestors()]
        words += [name for kind in kinds for name in (kind.name, kind.name_en, *kind.alias_list)]
    if listing.cooperative:
        words += [listing.cooperative.name, listing.cooperative.short_name]
    if listing.commune:
        words += place_words(listing.commune)
    return fold("\n".join(dict.fromkeys(word for word in words if word)))


def place_words(commune: AdministrativeUnit) -> list[str]:
    """The commune's name, its province's, and the names of the communes and districts that its area was."""
    formers = places.predecessors(commune)
    names = [commune.name, *(former.name for former in formers)]
    names += [unit.name for unit in places.former_districts_of(commune)]
    if commune.province:
        names.append(commune.province.name)
    return names
