"""Plans as Elasticsearch's requests, and its answers as results, in plain dictionaries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from search.backends.base import EngineUnavailableError
from search.query import Facet, ListingResults, Plan, Sort

FIELDS = {
    Facet.CATEGORY: "category",
    Facet.COMMODITY: "commodity",
    Facet.COMMUNE: "commune",
    Facet.COOPERATIVE: "cooperative",
    Facet.STARS: "stars",
    Facet.CERTIFICATE: "certificate",
    Facet.PRICE_BAND: "price_band",
}
# Of these, 0 is a position and no lack of a value.
_POSITIONS = {Facet.CERTIFICATE, Facet.PRICE_BAND}
# Above the number of values of any facet: what is cut off would be counted wrong.
MAXIMUM_VALUES = 20_000

# Elasticsearch refuses to go further than this into the hits, and numbers that are no 64-bit ones.
WINDOW = 10_000
_HUGE = 2**62

Clause = dict[str, Any]

_BEST = [{"quality": "desc"}, {"published": "desc"}, {"listing": "asc"}]
_ORDERS: Mapping[Sort, list[Clause]] = {
    Sort.RELEVANCE: _BEST,
    Sort.NEWEST: [{"published": "desc"}, {"listing": "asc"}],
    Sort.CHEAPEST: [{"price": "asc"}, {"published": "desc"}, {"listing": "asc"}],
    Sort.DEAREST: [{"price": "desc"}, {"published": "desc"}, {"listing": "asc"}],
    Sort.NEAREST: _BEST,
}
# The listing's id is the last key of every order, so the hits' own fields need not be fetched.
_NOTHING_FETCHED = {"_source": False, "stored_fields": "_none_"}


def search_body(plan: Plan) -> Clause:
    query: Clause = {"filter": _filters(plan)}
    order = _ORDERS[plan.sort]
    if scored := _scored(plan):
        query["should"] = scored
        query["minimum_should_match"] = 0
        order = [{"_score": "desc"}, *order]
    chosen = {facet: _one_of(FIELDS[facet], _values(facet, wanted)) for facet, wanted in plan.chosen.items()}
    is_within = plan.start + plan.count <= WINDOW
    body = {
        "query": {"bool": query},
        "aggs": _counts(chosen),
        "sort": order,
        "from": plan.start if is_within else 0,
        "size": plan.count if is_within else 0,
        "track_total_hits": True,
        **_NOTHING_FETCHED,
    }
    if chosen:
        body["post_filter"] = {"bool": {"filter": list(chosen.values())}}
    return body


def suggest_body(terms: Sequence[str], prefix: str, count: int) -> Clause:
    return {
        "query": {"bool": {"filter": _words(terms, prefix)}},
        "sort": _BEST,
        "size": count,
        "track_total_hits": False,
        **_NOTHING_FETCHED,
    }


def has_body(terms: Sequence[str], prefix: str) -> Clause:
    return {"query": {"bool": {"filter": _words(terms, prefix)}}, "size": 0, "track_total_hits": 1}


def results(answer: Mapping[str, Any]) -> ListingResults:
    """Raises EngineUnavailableError, LookupError, TypeError or ValueError for an answer that is none."""
    found = whole(answer)["hits"]
    counts = {Facet(name): values for name, values in _counted(answer["aggregations"])}
    return ListingResults(
        ids=ids(answer), total=int(found["total"]["value"]), facets={facet: counts[facet] for facet in Facet}
    )


def ids(answer: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(hit["sort"][-1]) for hit in whole(answer)["hits"]["hits"])


def whole(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer, unless part of the index is missing from it."""
    if answer["timed_out"] or answer["_shards"]["failed"]:
        raise EngineUnavailableError("Elasticsearch answered in part")
    return answer


def _words(terms: Iterable[str], prefix: str) -> list[Clause]:
    clauses: list[Clause] = [{"term": {"terms": term}} for term in terms]
    if prefix:
        clauses.append({"prefix": {"terms": prefix}})
    return clauses


def _one_of(field: str, values: Iterable[int]) -> Clause:
    return {"terms": {field: [str(value) for value in values]}}


def _filters(plan: Plan) -> list[Clause]:
    """All but the facets' own choices, which each count ignores one of."""
    clauses = _words(plan.terms, plan.prefix)
    if plan.communes is not None:
        clauses.append(_one_of("commune", plan.communes))
    if plan.cooperatives is not None:
        clauses.append(_one_of("cooperative", plan.cooperatives))
    if plan.distances is not None:
        clauses.append(_one_of("commune", plan.distances))
    if plan.month is not None:
        clauses.append({"term": {"month": str(plan.month)}})
    if plan.in_stock:
        clauses.append({"term": {"stock": "1"}})
    prices = {"gte": plan.price_from, "lte": plan.price_to}
    if bounds := {end: _bounded(price) for end, price in prices.items() if price is not None}:
        clauses.append({"range": {"price": bounds}})
    if plan.published_after is not None:
        clauses.append({"range": {"published": {"gt": _bounded(plan.published_after)}}})
    return clauses


def _bounded(number: int) -> int:
    return max(-_HUGE, min(number, _HUGE))


def _scored(plan: Plan) -> list[Clause]:
    """What the order goes by first: the best tier, or the nearest commune, scores highest. Small whole numbers, which
    floating point keeps exactly.
    """
    if plan.sort is Sort.RELEVANCE and plan.tiers:
        tiers = [
            _scoring({"bool": {"filter": _words(terms, "")}}, len(plan.tiers) - position)
            for position, terms in enumerate(plan.tiers)
        ]
        return [{"dis_max": {"queries": tiers}}]
    if plan.sort is Sort.NEAREST and plan.distances:
        by_km = groupby(sorted(plan.distances.items(), key=lambda found: found[1]), key=lambda found: found[1])
        farthest = max(plan.distances.values())
        return [
            _scoring(_one_of("commune", (commune for commune, _ in communes)), farthest - km + 1)
            for km, communes in by_km
        ]
    return []


def _scoring(condition: Clause, score: int) -> Clause:
    return {"constant_score": {"filter": condition, "boost": score}}


def _counts(chosen: Mapping[Facet, Clause]) -> Clause:
    """One filter for all facets without a choice, and one for each facet with one: the choices in the others."""
    free = [facet for facet in Facet if facet not in chosen]
    groups = [*([facet] for facet in chosen), *([free] if free else [])]
    found: Clause = {}
    for number, facets in enumerate(groups):
        terms = {facet.value: {"terms": {"field": FIELDS[facet], "size": MAXIMUM_VALUES}} for facet in facets}
        if others := [clause for facet, clause in chosen.items() if facet not in facets]:
            found[f"group{number}"] = {"filter": {"bool": {"filter": others}}, "aggs": terms}
        else:
            found |= terms
    return found


def _counted(aggregations: Mapping[str, Any]) -> Iterator[tuple[str, dict[int, int]]]:
    for name, told in aggregations.items():
        if name.startswith("group"):
            yield from _counted({name: inner for name, inner in told.items() if name != "doc_count"})
        else:
            counts = {int(bucket["key"]): int(bucket["doc_count"]) for bucket in told["buckets"]}
            yield name, {value: counts[value] for value in _values(Facet(name), counts)}


def _values(facet: Facet, values: Iterable[int]) -> Iterable[int]:
    """Without the one that stands for none."""
    return values if facet in _POSITIONS else (value for value in values if value)
