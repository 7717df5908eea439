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
    Place.TITLE_WHOLE: _("The title is exactly what was typed"),
    Place.TITLE_PAIR: _("The words stand together in the title"),
    Place.TITLE: _("All the words stand in the title"),
    Place.TITLE_PLACE_MAKER: _("All the words stand in the title, the place or the cooperative’s name together"),
    Place.TITLE_GOODS: _("All the words stand in the title, or in the names of the product and its other names"),
    Place.PLACE_MAKER: _("All the words stand in the place or the cooperative’s name"),
}


@dataclass(frozen=True)
class RankingStep:
    where: str | Promise
    # With the marks as typed; else without any.
    is_marked: bool


def ranking_steps() -> list[RankingStep]:
    """The tiers of planning.tiers, the best first. Behind them all: the words anywhere in the listing."""
    return [
        RankingStep(_WHERE[conjunction[0][1]], is_marked=conjunction[0][2] == "=")
        for conjunction in tiers(query_words(_EXAMPLE))
    ]


def quality_parts() -> list[tuple[int, str | Promise]]:
    """The points of search.quality and what they are for."""
    return list(PARTS)
