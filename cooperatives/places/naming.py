"""The commune of an address: typed with or without marks, chosen from what matches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cooperatives.places.models import AdministrativeUnit
from cooperatives.places.search import search_communes
from marketplace.common.prepared import Prepared
from marketplace.common.text import folded_tokens

MAXIMUM_CANDIDATES = 12


@dataclass(frozen=True)
class Candidate:
    """`label` names the province too; `former` is the old name by which it was found."""

    unit: AdministrativeUnit
    label: str
    former: str = ""


@dataclass(frozen=True)
class Resolved:
    """Either the commune, or those to choose from; neither when nothing matches."""

    unit: AdministrativeUnit | None
    candidates: Sequence[Candidate]


def candidates_for(text: str, *, on: date) -> list[Candidate]:
    """Communes of the day that the text may mean, best first. Two queries, none for a text without words."""
    return [
        Candidate(match.unit, label_of(match.unit), ", ".join(former.name for former in match.formers[:2]))
        for match in search_communes(text, on=on, limit=MAXIMUM_CANDIDATES)
    ]


def resolve(*, text: str, chosen_id: int | None, on: date) -> Resolved:
    """The chosen commune, if the text still means it; otherwise the only one that the text can mean."""
    if chosen_id is not None:
        unit = _commune(chosen_id, on)
        if unit is not None and _means(text, unit):
            return Resolved(unit, [Candidate(unit, label_of(unit))])
    if chosen_id is None and (named := _named_in_full(text, on)):
        return Resolved(named, [Candidate(named, label_of(named))])
    candidates = candidates_for(text, on=on)
    for candidate in candidates:
        if candidate.unit.pk == chosen_id:
            return Resolved(candidate.unit, candidates)
    exact = [candidate for candidate in candidates if _is_exactly(text, candidate.unit)]
    sure = exact or candidates
    return Resolved(sure[0].unit if len(sure) == 1 else None, candidates)


def label_of(unit: AdministrativeUnit) -> str:
    """As "Xã Đàm Thủy, Tỉnh Cao Bằng". The province is loaded."""
    return f"{unit.name}, {unit.province.name}" if unit.province else unit.name


def _commune(pk: int, on: date) -> AdministrativeUnit | None:
    communes = AdministrativeUnit.objects.in_force(on).filter(level=AdministrativeUnit.Level.COMMUNE)
    return communes.select_related("province").filter(pk=pk).first()


def _named_in_full(text: str, on: date) -> AdministrativeUnit | None:
    """The one commune whose full name is all of the text, or its part before the comma. One query by index.

    A look at every name of the country costs far more, and most buyers send what a suggestion wrote for them.
    """
    exact = [unit for unit in _named(" ".join(folded_tokens(text.partition(",")[0])), on) if _is_exactly(text, unit)]
    return exact[0] if len(exact) == 1 else None


_named = Prepared(
    lambda folded_name, on: (
        AdministrativeUnit.objects.in_force(on)
        .filter(level=AdministrativeUnit.Level.COMMUNE, folded_name=folded_name)
        .select_related("province")
    )
)


def _means(text: str, unit: AdministrativeUnit) -> bool:
    """Whether every typed word begins a word of the commune's or its province's name; an empty text means any."""
    words = folded_tokens(label_of(unit))
    return all(any(word.startswith(typed) for word in words) for typed in folded_tokens(text))


def _is_exactly(text: str, unit: AdministrativeUnit) -> bool:
    typed = folded_tokens(text)
    names = [unit.name, unit.short_name, label_of(unit)]
    if unit.province:
        names += [f"{name} {unit.province.short_name}" for name in (unit.name, unit.short_name)]
    return any(typed == folded_tokens(name) for name in names)
