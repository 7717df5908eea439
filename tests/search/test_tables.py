"""The text tables: which slots have all of some terms."""

import pytest
from django.db import transaction

from search import tables
from search.models import IndexState, ListingDocument

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty():
    tables.clear()


def slots(*terms, prefix=""):
    return sorted(tables.match(terms, prefix).slots.tolist())


def document(slot, terms, **values):
    return ListingDocument(slot=slot, listing_id=slot, seq=slot, terms=terms, **values)


def test_a_slot_is_found_by_any_of_its_terms_and_by_all_together():
    tables.replace([(1, "mien dong :t=miến :b:mien+dong"), (2, "mien nam")])

    assert slots("mien") == [1, 2]
    assert slots("mien", "dong") == [1]
    assert slots(":t=miến") == [1]
    assert slots(":b:mien+dong") == [1]
    assert slots("dong", "nam") == []


def test_a_term_is_one_whole_whatever_signs_stand_in_it():
    tables.replace([(1, "1,5 1.000 :e:a+b :t=đậu :t:dau Ấm 米"), (2, "5 1 000 a b t e")])

    for term in ("1,5", "1.000", ":e:a+b", ":t=đậu", ":t:dau", "米"):
        assert slots(term) == [1], term
    for term in ("5", "a", "t", "000"):
        assert slots(term) == [2], term


def test_marks_tell_terms_apart():
    tables.replace([(1, ":t=mận"), (2, ":t=mắn"), (3, ":t:man")])

    assert slots(":t=mận") == [1]
    assert slots(":t=mắn") == [2]


def test_a_prefix_asks_for_a_term_that_begins_so():
    tables.replace([(1, "hat de"), (2, "hat dau"), (3, "gao")])

    assert slots(prefix="ha") == [1, 2]
    assert slots("hat", prefix="d") == [1, 2]
    assert slots("hat", prefix="de") == [1]
    assert slots(prefix="x") == []


@pytest.mark.parametrize(
    "term",
    [
        "'",
        '"',
        "a'b",
        'a"b',
        "\\",
        "a\\'b",
        "a & b",
        "a or b",
        "ab OR cd",
        "not",
        "*",
        "-a",
        "(",
        ":*",
        "a:*",
        "%s",
        "^a",
        "{a}",
    ],
)
def test_operators_and_quotes_are_no_syntax(term):
    tables.replace([(1, "mien dong")])

    assert slots("mien", term) in ([], [1])
    assert slots("mien", prefix=term) in ([], [1])
    assert tables.exists(["khong-co", term]) is False


def test_what_is_replaced_is_no_longer_found_by_its_old_terms():
    tables.replace([(1, "mien"), (2, "mien")])
    tables.replace([(1, "gao")])

    assert slots("mien") == [2]
    assert slots("gao") == [1]


def test_what_is_removed_is_not_found_and_may_be_removed_again():
    tables.replace([(1, "mien"), (2, "mien")])
    tables.remove([1])
    tables.remove([1, 7])

    assert slots("mien") == [2]


def test_many_rows_go_in_at_once():
    tables.replace((slot, f"mien so{slot}") for slot in range(1, 1202))

    assert len(tables.match(["mien"]).slots) == 1201
    assert slots("so1200") == [1200]


def test_something_exists_or_not():
    tables.replace([(1, "mien dong")])

    assert tables.exists(["mien", "dong"])
    assert tables.exists(["mien"], "do")
    assert tables.exists([], "do")
    assert not tables.exists(["mien", "gao"])
    assert not tables.exists(["mien"], "ga")


def test_a_refill_takes_all_documents_but_the_removed_ones_and_forgets_the_rest():
    tables.replace([(9, "mien")])
    ListingDocument.objects.bulk_create(
        [document(1, "mien dong"), document(2, "mien", is_removed=True), document(3, "")]
    )

    with transaction.atomic():
        tables.refill()

    assert slots("mien") == [1]
    tables.replace([(3, "mien")])
    assert slots("mien") == [1, 3]


def test_a_refill_may_be_repeated():
    ListingDocument.objects.bulk_create([document(1, "mien")])
    for _ in range(2):
        with transaction.atomic():
            tables.refill()

    assert slots("mien") == [1]


def test_making_the_tables_again_keeps_what_stands_in_them():
    tables.replace([(1, "mien")])
    tables.create()

    assert slots("mien") == [1]


def test_an_answer_says_how_far_the_index_was():
    state = IndexState.objects.create(seq=7)
    tables.replace([(1, "mien")])

    assert tables.match(["mien"]).stamp == tables.match(["gao"]).stamp == tables.stamp()
    assert tables.stamp().seq == 7
    IndexState.objects.filter(pk=state.pk).update(seq=8)
    assert tables.stamp() == (tables.match(["mien"]).stamp.generation, 8)


def test_without_a_state_the_index_is_at_nothing():
    assert tables.stamp().seq == tables.match(["mien"]).stamp.seq == 0


def test_a_question_is_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        tables.match(["mien", "dong"], "ga")
    with django_assert_num_queries(1):
        tables.exists(["mien", "dong"], "ga")


def test_several_questions_are_one_statement_and_each_has_its_own_answer(django_assert_num_queries):
    IndexState.objects.create(seq=7)
    tables.replace([(1, "mien dong"), (2, "mien"), (3, "gao")])
    questions = [(["mien"],), (["mien' dong"],), ([], "ga"), (["hat"],)]

    with django_assert_num_queries(1):
        stamp, found = tables.match_each([tables.Conjunction(*question) for question in questions])

    assert [sorted(slots.tolist()) for slots in found] == [[1, 2], [], [3], []]
    assert stamp == tables.stamp()
    assert stamp.seq == 7


def test_terms_are_read_back_with_the_state_that_they_belong_to(django_assert_num_queries):
    ListingDocument.objects.bulk_create([document(1, "mien dong"), document(2, "gao"), document(3, "hat")])

    with django_assert_num_queries(1):
        stamp, terms = tables.read([1, 3, 9])

    assert stamp == tables.stamp()
    assert terms == {1: "mien dong", 3: "hat"}
    assert tables.read([9]) == (None, {})
