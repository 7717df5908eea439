"""Plans by chance: every engine's answer is the one that plain Python gives."""

import random

import pytest

from search.query import Facet, ListingResults, Plan, Sort
from tests.search.contract.conftest import asked
from tests.search.contract.documents import CENTURY, GOODS, MAKERS, MANNERS, OTHERS, PLACES, thousand
from tests.search.contract.oracle import answer, terms_of, values

pytestmark = pytest.mark.django_db

SEEDS = range(6)
PLANS = 25


def plain(results: ListingResults) -> tuple:
    return results.ids, results.total, {facet: dict(results.facets[facet]) for facet in Facet}


@pytest.mark.parametrize("seed", SEEDS)
def test_an_engine_answers_as_plain_python_does(full, seed):
    documents = thousand()
    chance = random.Random(seed)
    found = 0
    for number in range(PLANS):
        plan = by_chance(chance, documents)
        expected = answer(documents, plan)
        assert plain(full.search(plan)) == plain(expected), f"plan {number} of seed {seed}: {plan}"
        found += bool(expected.total)
    assert found > PLANS / 3


def test_a_suggestion_is_the_best_of_what_begins_so(full):
    documents = thousand()
    chance = random.Random(8)
    for _ in range(20):
        terms, prefix = words_by_chance(chance).terms[:1], chance.choice(("m", "mi", "hat", "tr", "1", "zz"))
        expected = answer(documents, Plan(terms=terms, prefix=prefix, count=8)).ids
        assert full.suggest(terms, prefix, 8) == expected


def test_an_engine_knows_whether_words_stand_together(full):
    documents = thousand()
    chance = random.Random(9)
    for _ in range(30):
        plan = words_by_chance(chance)
        if plan.terms:
            expected = any(set(plan.terms) <= terms_of(one) for one in documents)
            assert full.has(plan.terms) == expected
            assert full.has(plan.terms[:-1], plan.terms[-1][:2]) == bool(
                answer(documents, Plan(terms=plan.terms[:-1], prefix=plan.terms[-1][:2])).total
            )


def words_by_chance(chance: random.Random) -> Plan:
    words = " ".join(chance.choice(chance.choice((GOODS, MANNERS, PLACES, MAKERS, OTHERS))) for _ in range(2)).split()
    text = " ".join(words[: chance.randrange(5)])
    return asked(chance.choice((text, text.lower().replace("đ", "d").replace("ế", "e").replace("ạ", "a"))))


def by_chance(chance: random.Random, documents: list) -> Plan:
    """A plan in which each filter is rare, so that most plans find something."""
    communes = sorted({one.commune for one in documents})
    filters = {
        "prefix": lambda: chance.choice(("m", "ho", "d")),
        "communes": lambda: frozenset(chance.sample(communes, 4)),
        "cooperatives": lambda: frozenset(chance.sample(range(8), 3)),
        "distances": lambda: {commune: chance.randrange(5) for commune in chance.sample(communes, 6) if commune},
        "month": lambda: chance.randint(1, 12),
        "in_stock": lambda: True,
        "price_from": lambda: chance.choice((1000, 50_000, 120_001)),
        "price_to": lambda: chance.choice((49_999, 200_000, 10**12)),
        "published_after": lambda: CENTURY + chance.randrange(15),
    }
    chosen = {name: make() for name, make in filters.items() if chance.random() < 0.12}
    facets = {facet: choice_by_chance(chance, facet, documents) for facet in Facet if chance.random() < 0.15}
    sort = chance.choice([one for one in Sort if one is not Sort.NEAREST or "distances" in chosen])
    words = words_by_chance(chance)
    return Plan(
        terms=words.terms,
        tiers=words.tiers,
        chosen=facets,
        sort=sort,
        start=chance.choice((0, 0, 0, 24, 48, 5000)),
        count=chance.choice((1, 24, 100)),
        **chosen,
    )


def choice_by_chance(chance: random.Random, facet: Facet, documents: list) -> frozenset[int]:
    there = sorted({value for one in documents for value in values(one, facet)})
    return frozenset(chance.sample([*there, 10**9 + 7], min(len(there), chance.randint(1, 3))))
