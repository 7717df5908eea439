"""How listings are ranked, in words: read from the code that ranks them, for the page that says so."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from search.planning import tiers
from search.quality import PARTS
from search.terms import Place, query_words

# Two words with marks go through every tier.
_EXAMPLE = "miến dong"
_WHERE = {
    frozenset(Place.TITLE_WHOLE): _("The title is exactly what was typed"),
    frozenset(Place.TITLE_START): _("The title begins with what was typed"),
    frozenset(Place.TITLE_PAIR): _("The words stand together in the title"),
    frozenset(Place.TITLE): _("All the words stand in the title"),
    frozenset(Place.TITLE + Place.PLACE_MAKER): _(
        "Some words stand in the title and the others in the place or the cooperative’s name"
    ),
    frozenset(Place.TITLE_PLACE_MAKER): _("The words stand mixed in the title, the place and the cooperative’s name"),
    frozenset(Place.TITLE_GOODS): _(
        "All the words stand in the title, or in the names of the product and its other names"
    ),
    frozenset(Place.TITLE_GOODS + Place.PLACE_MAKER): _(
        "Some words stand in the names of the product and the others in the place or the cooperative’s name"
    ),
    frozenset(Place.PLACE_MAKER): _("All the words stand in the place or the cooperative’s name"),
}


@dataclass(frozen=True)
class RankingStep:
    where: Promise
    # With the marks as typed; else without any.
    is_marked: bool


def ranking_steps() -> list[RankingStep]:
    """The tiers of planning.tiers, the best first. Behind them all: the words anywhere in the listing."""
    steps = (
        RankingStep(_WHERE[frozenset(term[1] for term in conjunction)], is_marked=conjunction[0][2] == "=")
        for conjunction in tiers(query_words(_EXAMPLE))
    )
    return list(dict.fromkeys(steps))


def quality_parts() -> list[tuple[int, str | Promise]]:
    """The points of search.quality and what they are for."""
    return list(PARTS)
