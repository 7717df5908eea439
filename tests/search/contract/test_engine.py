"""What every engine does, in sentences."""

import pytest

from search.query import MAXIMUM_PAGE, PER_PAGE, Facet, Plan, Sort
from tests.search.contract.conftest import asked, found
from tests.search.contract.documents import CENTURY, document

pytestmark = pytest.mark.django_db


def test_an_empty_index_finds_nothing_and_counts_nothing(engine):
    for plan in (Plan(), asked("mien"), asked("mien", chosen={Facet.STARS: frozenset({3})}), Plan(sort=Sort.CHEAPEST)):
        results = engine.search(plan)
        assert (results.ids, results.total) == ((), 0)
        assert all(not results.facets[facet] for facet in Facet)
    assert engine.suggest((), "m", 8) == ()
    assert not engine.has(["mien"])
    assert not engine.has([])


def test_without_a_question_everything_is_an_answer(holding):
    engine = holding(document(1, quality=10), document(2, quality=30), document(3, quality=20))

    results = engine.search(Plan())

    assert results.ids == (2, 3, 1)
    assert results.total == 3


def test_every_word_must_stand_in_the_listing_wherever_it_stands(holding):
    engine = holding(
        document(1, "Miến dong", place="Phia Đén"),
        document(2, "Miến dong"),
        document(3, "Bún", rest="như miến Phia Đén"),
    )

    assert found(engine, "mien phia den") == (1, 3)
    assert found(engine, "mien phia den xa") == ()


def test_marks_are_not_needed_and_wrong_ones_do_no_harm(holding):
    engine = holding(document(1, "Hạt dẻ Trùng Khánh"))

    for text in ("hạt dẻ", "hat de", "HẠT DẺ", "hát đé", "hạt de"):
        assert found(engine, text) == (1,), text


def test_who_typed_marks_gets_these_marks_first(holding):
    engine = holding(document(1, "Mắn", quality=1000), document(2, "Mận", quality=0))

    assert found(engine, "mận") == (2, 1)
    assert found(engine, "mắn") == (1, 2)
    assert found(engine, "man") == (1, 2)


def test_tiers_come_before_quality(holding):
    engine = holding(
        document(1, "Bún", rest="miến dong", quality=1000),
        document(2, "Bún", place="Miến Dong", quality=900),
        document(3, "Bún", goods="Miến dong", quality=800),
        document(4, "Miến", place="Dong", quality=700),
        document(5, "Dong làm miến", quality=600),
        document(6, "Miến dong loại một", quality=500),
        document(7, "Miến dong", quality=400),
        document(8, "Miên đông", quality=999),
    )

    assert found(engine, "miến dong") == (7, 6, 5, 4, 2, 3, 8, 1)
    assert found(engine, "mien dong") == (8, 7, 6, 5, 4, 2, 3, 1)


def test_a_page_may_begin_in_the_middle_of_a_tier_and_end_in_another(holding):
    engine = holding(
        *[document(number, "Miến" if number < 6 else "Miến dong", quality=number) for number in range(1, 11)]
    )

    whole = found(engine, "mien", count=10)

    assert whole == (5, 4, 3, 2, 1, 10, 9, 8, 7, 6)
    assert [found(engine, "mien", start=start, count=3) for start in (0, 3, 6, 9)] == [
        whole[0:3],
        whole[3:6],
        whole[6:9],
        whole[9:],
    ]


def test_the_rank_within_a_tier_is_quality_then_the_newest_then_the_lowest_number(holding):
    engine = holding(
        document(4, quality=5, published=CENTURY),
        document(3, quality=5, published=CENTURY),
        document(2, quality=5, published=CENTURY + 1),
        document(1, quality=4, published=CENTURY + 2),
    )

    assert found(engine, "mien") == found(engine) == (2, 3, 4, 1)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.NEWEST, (3, 1, 2, 4)),
        (Sort.CHEAPEST, (3, 2, 4, 1)),
        (Sort.DEAREST, (1, 2, 4, 3)),
        (Sort.RELEVANCE, (4, 1, 2, 3)),
    ],
)
def test_orders(holding, sort, expected):
    engine = holding(
        document(1, price=900, published=CENTURY + 1, quality=3),
        document(2, price=500, published=CENTURY, quality=2),
        document(3, price=400, published=CENTURY + 2, quality=1),
        document(4, price=500, published=CENTURY, quality=4),
    )

    assert found(engine, "mien", sort=sort) == found(engine, sort=sort) == expected


def test_the_nearest_come_first_then_the_best_and_those_out_of_reach_not_at_all(holding):
    engine = holding(
        document(1, commune=7, quality=1),
        document(2, commune=8, quality=2),
        document(3, commune=9, quality=9),
        document(4, commune=7, quality=5),
        document(5, commune=0, quality=9),
    )
    distances = {7: 3, 8: 3, 10: 0}

    assert found(engine, sort=Sort.NEAREST, distances=distances) == (4, 2, 1)
    assert found(engine, sort=Sort.NEAREST, distances={7: 4, 8: 3}) == (2, 4, 1)
    assert found(engine, "mien", distances=distances) == (4, 2, 1)
    assert found(engine, distances={}) == ()


def test_a_page_beyond_the_end_is_empty_and_still_says_how_many_there_are(holding):
    engine = holding(*[document(number) for number in range(1, 4)])

    for start in (3, 4, PER_PAGE * (MAXIMUM_PAGE - 1)):
        for text in ("", "mien"):
            results = engine.search(asked(text, start=start))
            assert (results.ids, results.total) == ((), 3)
            assert results.facets[Facet.PRICE_BAND] == {0: 3}


def test_a_prefix_is_a_word_not_yet_typed_to_its_end(holding):
    engine = holding(document(1, "Hạt dẻ"), document(2, "Hạt điều"), document(3, "Dẻ"))

    assert found(engine, "hat", prefix="d") == (1, 2)
    assert found(engine, prefix="de") == (1, 3)
    assert found(engine, "hat", prefix="x") == ()


def test_suggestions_are_the_best_listings_and_no_more_than_asked_for(holding):
    engine = holding(
        document(1, "Hạt dẻ", quality=1), document(2, "Hạt điều", quality=3), document(3, "Hạt dổi", quality=2)
    )

    assert engine.suggest(["hat"], "d", 8) == (2, 3, 1)
    assert engine.suggest([], "hat", 2) == (2, 3)
    assert engine.suggest(["hat", "de"], "", 8) == (1,)
    assert engine.suggest([], "", 8) == ()


def test_an_engine_says_whether_anything_has_the_words(holding):
    engine = holding(document(1, "Hạt dẻ"), document(2, "Miến dong"))

    assert engine.has(["hat", "de"])
    assert engine.has(["hat"], "d")
    assert engine.has([])
    assert not engine.has(["hat", "mien"])
    assert not engine.has(["hat"], "x")


def test_a_listing_indexed_again_is_found_by_its_new_words_only(holding):
    engine = holding(document(1, "Hạt dẻ", seq=1), document(2, "Mật ong", seq=2))

    engine.index([document(1, "Miến dong", category=9, seq=3)])

    assert found(engine, "hat de") == ()
    assert found(engine, "mien dong") == (1,)
    assert found(engine) == (1, 2)
    assert engine.search(Plan()).facets[Facet.CATEGORY] == {9: 1}


def test_of_one_listing_twice_in_a_batch_the_last_counts(holding):
    engine = holding()

    engine.index([document(1, "Hạt dẻ", seq=1), document(1, "Miến dong", seq=2)])

    assert found(engine) == found(engine, "mien") == (1,)
    assert found(engine, "hat") == ()


def test_a_removed_listing_is_gone_and_may_come_back(holding):
    engine = holding(document(1, seq=1), document(2, seq=2, stars=4))

    engine.index([document(2, seq=3, stars=4, is_removed=True), document(7, seq=4, is_removed=True)])
    assert found(engine) == found(engine, "mien") == (1,)
    assert engine.search(Plan()).facets[Facet.STARS] == {}
    assert engine.suggest([], "mi", 8) == (1,)

    engine.index([document(2, "Miến", seq=5)])
    assert found(engine, "mien") == (2, 1)


def test_new_listings_join_the_old_ones(holding):
    engine = holding(document(1, seq=1))
    assert found(engine) == (1,)

    engine.index([document(number, seq=number, commune=number) for number in range(2, 40)])

    assert engine.search(Plan()).total == 39
    assert found(engine, communes=frozenset({39})) == (39,)


def test_a_rebuild_forgets_what_it_is_not_given_and_tells_its_progress(engine):
    engine.index([document(number, seq=number) for number in range(1, 6)])
    told = []

    count = engine.rebuild(
        [document(3, seq=9), document(8, seq=10), document(9, seq=11, is_removed=True)], progress=told.append
    )

    assert count == 2
    assert told[-1] == 2
    assert found(engine) == found(engine, "mien") == (3, 8)


def test_a_rebuild_that_fails_leaves_the_index_as_it_was(holding):
    engine = holding(document(1))

    def documents():
        yield document(2)
        raise LookupError

    with pytest.raises(LookupError):
        engine.rebuild(documents(), progress=lambda count: None)

    assert found(engine) == found(engine, "mien") == (1,)


@pytest.mark.parametrize(
    "text",
    [
        '"mien',
        "'mien'",
        "mien OR gao",
        "mien AND NOT dong",
        "mien*",
        "-dong",
        "mien) (",
        "a:b",
        "\\",
        "mien & dong | !x",
        "{mien}",
        "^mien",
        "~",
        "%",
        "mien~2",
        "[* TO *]",
    ],
)
def test_quotes_and_operators_are_no_more_than_the_words_between_them(holding, text):
    engine = holding(document(1), document(2, "Mien or gao and not x a b to 2"))

    words = asked(text).terms
    expected = tuple(
        one
        for one, title in ((1, "mien dong"), (2, "mien or gao and not x a b to 2"))
        if set(words) <= set(title.split())
    )

    assert tuple(sorted(found(engine, text))) == expected


@pytest.mark.parametrize("term", ['"', "'", "a b", ":*", "\\", "a*", "(", "mien OR dong", "%s", "\x00"])
def test_a_term_that_no_document_can_have_finds_nothing(holding, term):
    engine = holding(document(1))

    assert engine.search(Plan(terms=("mien", term))).total == 0
    assert not engine.has([term])
    assert not engine.has(["mien"], term)
    assert engine.suggest(["mien"], term, 8) == ()


def test_a_healthy_engine_says_how_much_it_holds(holding):
    engine = holding(document(1, seq=1), document(2, seq=2))
    engine.index([document(2, seq=3, is_removed=True)])

    health = engine.health()

    assert health.name == engine.name
    assert health.is_usable
    assert health.documents == 1
    assert health.backlog == 0


def test_a_word_without_end_is_taken_in_and_found(holding):
    engine = holding(document(1, "ấ" * 250, rest="ạ" * 5000), document(2))

    assert found(engine, "ấ" * 199) == (1,)
    assert found(engine, "a" * 150) == (1,)
    assert found(engine, "mien") == (2,)
