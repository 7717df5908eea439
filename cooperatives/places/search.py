"""Finding a commune by what a person types, with or without marks, by its present or a former name."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from cooperatives.places.models import AdministrativeUnit, Succession
from marketplace.common.text import canonical, folded_tokens, tokens
from marketplace.common.validity import in_force_q

Level = AdministrativeUnit.Level

# Read from each of the two queries and ranked here; a search that finds more is too vague to need the rest.
_CANDIDATES = 300


@dataclass
class CommuneMatch:
    """A commune, and the former units by whose name it was found."""

    unit: AdministrativeUnit
    formers: list[AdministrativeUnit] = field(default_factory=list)


def search_communes(text: str, *, on: date, limit: int = 20) -> list[CommuneMatch]:
    """Communes valid on the day, best first: each word begins a word of the name, or of a unit that it belongs to.

    Found by their own names first, exact and with the typed marks before others, then by the names of predecessors
    and former districts. Two queries; none for a text without words.
    """
    words = folded_tokens(text)
    if not words:
        return []
    own = AdministrativeUnit.objects.in_force(on).filter(_words(words, ""), level=Level.COMMUNE)
    found = {unit.pk: CommuneMatch(unit) for unit in own.select_related("parent", "province")[:_CANDIDATES]}
    by_former_name = (
        Succession.objects.filter(
            in_force_q(on, "successor__"), _words(words, "predecessor__"), successor__level=Level.COMMUNE
        )
        .exclude(predecessor__level=Level.PROVINCE)
        .select_related("successor__province", "successor__parent", "predecessor__parent")
    )
    formers: dict[int, CommuneMatch] = {}
    for succession in by_former_name[:_CANDIDATES]:
        if succession.successor_id not in found:
            match = formers.setdefault(succession.successor_id, CommuneMatch(succession.successor))
            match.formers.append(succession.predecessor)
    return [
        *sorted(found.values(), key=lambda match: _rank(match.unit, text)),
        *sorted(formers.values(), key=lambda match: min(_rank(former, text) for former in match.formers)),
    ][:limit]


def _words(words: Sequence[str], prefix: str) -> Q:
    """Every word begins a word of the unit's own name, its parent's or its province's; one at least of its own."""
    every, own = Q(), Q()
    for word in words:
        in_own = _begins(word, f"{prefix}folded_name")
        every &= (
            in_own | _begins(word, f"{prefix}parent__folded_name") | _begins(word, f"{prefix}province__folded_name")
        )
        own |= in_own
    return every & own


def _begins(word: str, name: str) -> Q:
    return Q(**{f"{name}__startswith": word}) | Q(**{f"{name}__contains": f" {word}"})


def _rank(unit: AdministrativeUnit, text: str) -> tuple[int, str, str]:
    typed = " ".join(tokens(text))
    names = {canonical(unit.name), canonical(unit.short_name)}
    folded = {" ".join(folded_tokens(unit.name)), " ".join(folded_tokens(unit.short_name))}
    without_marks = " ".join(folded_tokens(text))
    if typed in names:
        tier = 0
    elif without_marks in folded:
        tier = 1
    elif any(name.startswith(without_marks) for name in folded):
        tier = 2
    else:
        tier = 3
    return tier, unit.folded_name, unit.code
