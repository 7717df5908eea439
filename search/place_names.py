"""Names of places that visitors type into the search page's forms, and former names that they type into the box."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils.translation import gettext as _

from catalog.lists import Link
from cooperatives.places.models import Succession
from cooperatives.places.naming import Candidate, resolve
from marketplace.common.prepared import Prepared
from search.choices import DEFAULT_KM, Asked, query_string
from search.labels import padded
from search.query import ListingQuery, NearUnit, Sort
from search.terms import Word, words_of


@dataclass(frozen=True)
class PlaceAnswer:
    """What a typed name means: one question to go on with, or several to choose from, or why there is none."""

    query: ListingQuery | None = None
    title: str = ""
    links: list[Link] = field(default_factory=list)
    mistake: str = ""


def answer_names(asked: Asked, *, here: str, on: date) -> PlaceAnswer:
    """For the name that was typed, if any. At most three queries, none for none."""
    if asked.delivery_name:
        title = _("Which commune is it delivered to?")
        return _answer(asked.delivery_name, lambda unit: replace(asked.query, delivers_to=unit), title, here, on)
    if asked.near_name:
        title = _("Near which commune?")
        return _answer(asked.near_name, lambda unit: near_unit(asked.query, unit, asked.km), title, here, on)
    return PlaceAnswer()


def near_unit(query: ListingQuery, unit: int, km: int = DEFAULT_KM) -> ListingQuery:
    """The question near to a commune, the nearest first unless another order was chosen."""
    sort = Sort.NEAREST if query.sort is Sort.RELEVANCE else query.sort
    return replace(query, near=NearUnit(unit, km), sort=sort, page=1)


def _answer(name: str, asked_with: Callable[[int], ListingQuery], title: str, here: str, on: date) -> PlaceAnswer:
    found = resolve(text=name, chosen_id=None, on=on)
    if found.unit is not None:
        return PlaceAnswer(query=asked_with(found.unit.pk))
    if not found.candidates:
        mistake = _("There is no commune “%(name)s”. Type the name of a commune or ward of today, or a former name.")
        return PlaceAnswer(mistake=mistake % {"name": name})
    links = [
        Link(_label(each), here + query_string(asked_with(each.unit.pk)), is_on=False) for each in found.candidates
    ]
    return PlaceAnswer(title=title, links=links)


def _label(candidate: Candidate) -> str:
    if not candidate.former:
        return candidate.label
    former = _("(before: %(unit)s)") % {"unit": candidate.former}
    return f"{candidate.label} {former}"


@dataclass(frozen=True)
class Former:
    """A former commune or district by whose name a commune was found; `is_whole` when its name has all the words."""

    pk: int
    name: str
    is_whole: bool


def former_units(communes: Collection[int], words: Sequence[Word]) -> dict[int, Former]:
    """For each of the communes, one at least, the former unit of its area whose name has most of the words that its own lacks. One query."""
    asked = {word.folded for word in words}
    found: dict[int, tuple[int, Former]] = {}
    for commune, own, *formers in _formers(padded(communes)):
        wanted = asked - _folded(own)
        for pk, name in ((formers[0], formers[1]), (formers[2], formers[3])):
            having = _folded(name or "")
            fitting = len(wanted & having)
            if fitting > (found[commune][0] if commune in found else 0):
                found[commune] = (fitting, Former(pk, name, is_whole=asked <= having))
    return {commune: former for commune, (_fitting, former) in found.items()}


def _folded(name: str) -> set[str]:
    return {word.folded for word in words_of(name)}


_formers = Prepared(
    lambda keys: (
        Succession.objects.filter(successor_id__in=keys)
        .order_by("predecessor__code", "pk")
        .values_list(
            "successor_id",
            "successor__short_name",
            "predecessor_id",
            "predecessor__name",
            "predecessor__parent_id",
            "predecessor__parent__name",
        )
    )
)
