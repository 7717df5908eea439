"""The words of what many listings share: communes, commodities, categories, cooperatives and synonyms; each is read once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet

from catalog.models import Category
from cooperatives.commodities.models import Commodity
from cooperatives.models import Cooperative
from cooperatives.places import selectors as places
from cooperatives.places.models import AdministrativeUnit, DatedName
from search import synonyms
from search.terms import Part, Word, goods_part, named_part, rest_part, words_of

M = TypeVar("M", bound=Model)

# More keys than that are not named in a statement: the table is read whole.
_MOST_KEYS = 500

_NOTHING = Part(())


class Surroundings:
    """Terms by key, kept for as long as the object lives. `load` costs the same few queries for any number of keys."""

    def __init__(self) -> None:
        self._communes: dict[int, Part] = {}
        self._cooperatives: dict[int, Part] = {}
        self._categories: dict[int, str] = {}
        self._commodities: CommodityNames | None = None
        self._goods: dict[tuple[int, int], Part] = {}
        self._synonyms: synonyms.Rules = {}

    def load(self, *, communes: Iterable[int], cooperatives: Iterable[int]) -> None:
        """Reads what is not known yet. Keys that are not loaded have no terms."""
        if self._commodities is None:
            self._commodities = CommodityNames()
            self._synonyms = synonyms.load()
            self._categories = dict(Category.objects.order_by().values_list("pk", "name"))
        new = set(communes) - self._communes.keys()
        if new:
            self._communes |= {pk: _named(names) for pk, names in place_names(new).items()}
        new = set(cooperatives) - self._cooperatives.keys()
        if new:
            rows = among(Cooperative.objects.all(), new).values_list("pk", "name", "short_name")
            self._cooperatives |= {pk: _named(names) for pk, *names in rows}

    def of(self, *, commune: int, cooperative: int, commodity: int, category: int, title: str) -> list[Part]:
        """What a listing with these keys is found by beyond its own words; keys that are not loaded add none."""
        parts = [
            self._communes.get(commune, _NOTHING),
            self._cooperatives.get(cooperative, _NOTHING),
            self._goods_of(commodity, category),
        ]
        others = synonyms.expansions([title], self._synonyms)
        return [*parts, goods_part(_words(others))] if others else parts

    def _goods_of(self, commodity: int, category: int) -> Part:
        found = self._goods.get((commodity, category))
        if found is None:
            names = self._commodities.with_ancestors(commodity) if self._commodities else []
            goods = goods_part(_words([*names, *synonyms.expansions(names, self._synonyms)]))
            # Wider than any name: whoever has nothing but the category in common stands behind.
            wider = rest_part(_words([self._categories.get(category, "")]))
            plain = tuple(dict.fromkeys(goods.plain + wider.plain))
            found = self._goods[commodity, category] = goods._replace(plain=plain)
        return found


class CommodityNames:
    """The tree of commodities with all their names. One query."""

    def __init__(self) -> None:
        rows = Commodity.objects.order_by("path").values_list("pk", "path", "name", "name_en", "aliases")
        self.paths: dict[int, str] = {}
        self.labels: dict[int, str] = {}
        self._names: dict[str, list[str]] = {}
        for pk, path, name, english, aliases in rows:
            self.paths[pk] = path
            self.labels[pk] = name
            self._names[path] = [text for text in (name, english, *aliases.splitlines()) if text.strip()]
        self.keys = {path: pk for pk, path in self.paths.items()}

    def with_ancestors(self, pk: int) -> list[str]:
        """Every name of the commodity, then of the wider ones."""
        paths = reversed(ancestor_paths(self.paths.get(pk, "")))
        return [name for path in paths for name in self._names.get(path, ())]


def ancestor_paths(path: str) -> list[str]:
    """Of the tree's root that the path lies below, and so on to the path itself."""
    step = Commodity.steplen
    return [path[:end] for end in range(step, len(path) + 1, step)]


def place_names(unit_ids: Collection[int]) -> dict[int, list[str]]:
    """For each unit its name and its province's, then every other name that its area has had: those of its own, of the
    units that went into it, of the districts that they lay in and of their provinces. At most nine queries.
    """
    befores = places.predecessor_map(unit_ids)
    districts = places.former_district_map(unit_ids)
    units = set(unit_ids).union(*befores.values(), *districts.values())
    rows = among(AdministrativeUnit.objects.all(), units).values_list("pk", "name", "province__name")
    names = {pk: (name, province) for pk, name, province in rows}
    others: dict[int, list[str]] = defaultdict(list)
    for unit, name in among(DatedName.objects.all(), units, "unit_id").values_list("unit_id", "name"):
        others[unit].append(name)
    return {
        pk: _area_names([pk, *sorted(befores.get(pk, ())), *sorted(districts[pk])], names, others) for pk in unit_ids
    }


def _area_names(
    units: Sequence[int], names: Mapping[int, tuple[str, str | None]], others: Mapping[int, list[str]]
) -> list[str]:
    """The names of units, the first of which is the area today."""
    known = [names[unit] for unit in units if unit in names]
    own, formers = known[:1], known[1:]
    found = [text for pair in own for text in pair]
    found += [text for unit in units for text in others.get(unit, ())]
    found += [name for name, _province in formers] + [province for _name, province in formers]
    return [text for text in dict.fromkeys(found) if text]


def among(rows: QuerySet[M], keys: Collection[int], field: str = "pk") -> QuerySet[M]:
    """Rows of the keys, in no order; for many keys all rows."""
    rows = rows.order_by()
    return rows.filter(**{f"{field}__in": list(keys)}) if len(keys) <= _MOST_KEYS else rows


def _named(names: Iterable[str]) -> Part:
    return named_part(_words(names))


def _words(texts: Iterable[str]) -> list[Word]:
    return [word for text in dict.fromkeys(texts) for word in words_of(text)]
