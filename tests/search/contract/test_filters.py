"""What narrows an answer on every engine, and what is counted beside it."""

import pytest

from search.query import Facet, Plan
from tests.search.contract.conftest import found
from tests.search.contract.documents import CENTURY, document

pytestmark = pytest.mark.django_db


def test_a_facet_is_counted_as_if_nothing_were_chosen_in_it(holding):
    engine = holding(
        document(1, category=5, stars=3),
        document(2, category=5, stars=4),
        document(3, category=6, stars=4),
        document(4, stars=5),
    )

    results = engine.search(Plan(chosen={Facet.CATEGORY: frozenset({5})}))

    assert results.ids == (1, 2)
    assert results.facets[Facet.CATEGORY] == {5: 2, 6: 1}
    assert results.facets[Facet.STARS] == {3: 1, 4: 1}


def test_values_of_one_facet_widen_and_facets_narrow_each_other(holding):
    engine = holding(
        document(1, category=5, stars=3),
        document(2, category=6, stars=4),
        document(3, category=7, stars=4),
        document(4, category=6),
    )

    results = engine.search(Plan(chosen={Facet.CATEGORY: frozenset({5, 6}), Facet.STARS: frozenset({4})}))

    assert results.ids == (2,)
    assert results.facets[Facet.CATEGORY] == {6: 1, 7: 1}
    assert results.facets[Facet.STARS] == {3: 1, 4: 1}


def test_a_listing_with_two_certificates_counts_for_both_and_is_one_hit(holding):
    engine = holding(document(1, certificates=0b101), document(2, certificates=0b1), document(3))

    assert engine.search(Plan()).facets[Facet.CERTIFICATE] == {0: 2, 2: 1}
    results = engine.search(Plan(chosen={Facet.CERTIFICATE: frozenset({0, 2})}))
    assert results.ids == (1, 2)
    assert found(engine, chosen={Facet.CERTIFICATE: frozenset({2})}) == (1,)


def test_a_choice_that_nothing_has_finds_nothing_and_breaks_nothing(holding):
    engine = holding(document(1, category=5))

    for facet in Facet:
        for value in (6, -1, 64, 10**9, 10**30):
            assert found(engine, chosen={facet: frozenset({value})}) == ()
        assert found(engine, chosen={facet: frozenset()}) == ()
    assert found(engine, chosen={Facet.STARS: frozenset({0})}) == ()
    results = engine.search(Plan(chosen={Facet.CATEGORY: frozenset({6})}))
    assert results.facets[Facet.CATEGORY] == {5: 1}
    assert results.facets[Facet.STARS] == {}


def test_nothing_is_counted_where_a_listing_has_no_value(holding):
    engine = holding(document(1))

    facets = engine.search(Plan()).facets

    assert facets[Facet.PRICE_BAND] == {0: 1}
    assert all(not facets[facet] for facet in Facet if facet is not Facet.PRICE_BAND)


def test_price_bands_end_just_below_their_upper_price(holding):
    engine = holding(*[document(at, price=price) for at, price in enumerate((0, 49_999, 50_000, 499_999, 500_000))])

    assert engine.search(Plan()).facets[Facet.PRICE_BAND] == {0: 2, 1: 1, 3: 1, 4: 1}
    assert found(engine, chosen={Facet.PRICE_BAND: frozenset({1, 4})}) == (2, 4)


def test_a_price_range_holds_both_its_ends(holding):
    engine = holding(document(1, price=99), document(2, price=100), document(3, price=200), document(4, price=201))

    assert found(engine, price_from=100, price_to=200) == (2, 3)
    assert found(engine, price_from=200) == (3, 4)
    assert found(engine, price_to=99) == (1,)
    assert found(engine, price_from=201, price_to=100) == ()
    assert found(engine, price_from=-(10**30), price_to=10**30) == (1, 2, 3, 4)
    assert found(engine, price_from=10**30) == ()


def test_a_season_is_a_set_of_months(holding):
    engine = holding(
        document(1, season_months=0b1),
        document(2, season_months=1 << 11),
        document(3, season_months=0xFFF),
        document(4),
    )

    assert found(engine, month=1) == (1, 3)
    assert found(engine, month=12) == (2, 3)
    assert found(engine, month=6) == (3,)


def test_stock_communes_cooperatives_and_age_narrow(holding):
    engine = holding(
        document(1, is_in_stock=True, commune=7, cooperative=1),
        document(2, commune=8, cooperative=2, published=CENTURY + 1),
    )

    assert found(engine, in_stock=True) == (1,)
    assert found(engine, communes=frozenset({8, 9})) == (2,)
    assert found(engine, communes=frozenset()) == ()
    assert found(engine, cooperatives=frozenset({1})) == (1,)
    assert found(engine, cooperatives=frozenset()) == ()
    assert found(engine, published_after=CENTURY) == (2,)
    assert found(engine, published_after=CENTURY + 1) == ()
