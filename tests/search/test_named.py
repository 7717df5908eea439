"""Things with a name."""

import pytest

from search import named
from search.models import IndexState, NamedEntry
from search.terms import Texts, document_terms, query_words

pytestmark = pytest.mark.django_db

Kind = NamedEntry.Kind


def entry(label, kind=Kind.COMMUNE, weight=0, object_id=None, **texts):
    terms = document_terms(Texts(title=label, **{name: (text,) for name, text in texts.items()}))
    number = object_id or NamedEntry.objects.count() + 1
    named.held.forget()
    return NamedEntry.objects.create(
        kind=kind, object_id=number, label=label, url=f"/{number}", terms=" ".join(sorted(terms)), weight=weight
    )


def found(text, count=10):
    return [entry.label for entry in named.find(query_words(text), count=count)]


def begun(text, count=10):
    return [entry.label for entry in named.begin(query_words(text), count=count)]


def test_a_name_is_found_by_all_its_words_with_and_without_marks():
    entry("Phia Đén", place="Nguyên Bình")
    entry("Phia Oắc")

    assert found("phia den") == found("Phia Đén") == found("phìa đen nguyên bình") == ["Phia Đén"]
    assert found("phia") == ["Phia Oắc", "Phia Đén"]
    assert found("phia xa") == []
    assert found("") == []


def test_the_name_itself_comes_before_what_only_mentions_it():
    entry("Hợp tác xã Mận", Kind.COOPERATIVE, weight=9)
    entry("Mận máu", Kind.COMMODITY, weight=5)
    entry("Mận", Kind.COMMODITY, weight=1)
    entry("Lê", Kind.COMMODITY, weight=99, goods="mận")
    entry("Mắn", Kind.PAGE, weight=50)

    assert found("mận") == ["Mận", "Mận máu", "Hợp tác xã Mận", "Lê", "Mắn"]
    assert found("man") == ["Mắn", "Mận", "Mận máu", "Hợp tác xã Mận", "Lê"]


def test_heavier_ones_come_first_then_by_label_then_always_in_one_order():
    entry("Gạo nếp", weight=1)
    entry("Gạo tẻ", weight=3)
    entry("Gạo nâu", weight=1)
    twice = [entry("Gạo nâu", kind, weight=1, object_id=7) for kind in (Kind.PAGE, Kind.CATEGORY)]

    assert found("gao") == ["Gạo tẻ", "Gạo nâu", "Gạo nâu", "Gạo nâu", "Gạo nếp"]
    assert [each.kind for each in named.find(query_words("gao"), count=4)][1:] == [
        twice[1].kind,
        Kind.COMMUNE,
        twice[0].kind,
    ]
    assert found("gao", count=2) == ["Gạo tẻ", "Gạo nâu"]


def test_a_name_is_found_by_its_beginning_while_somebody_types():
    entry("Hạt dẻ", Kind.COMMODITY, weight=1)
    entry("Hạt điều", Kind.COMMODITY, weight=2)
    entry("HTX dẻ thơm", Kind.COOPERATIVE, weight=9, rest="hạt")

    assert begun("hat d") == ["Hạt điều", "Hạt dẻ", "HTX dẻ thơm"]
    assert begun("hat de") == ["Hạt dẻ", "HTX dẻ thơm"]
    assert begun("d") == ["HTX dẻ thơm", "Hạt điều", "Hạt dẻ"]
    assert begun("h", count=2) == ["HTX dẻ thơm", "Hạt điều"]
    assert begun("x") == begun("") == begun("x hat") == []


def test_marks_that_were_typed_decide_while_somebody_types():
    entry("Mần", weight=9)
    entry("Mận", weight=1)

    assert begun("mậ") == begun("mận") == ["Mận", "Mần"]
    assert begun("ma") == ["Mần", "Mận"]


def test_the_first_question_that_names_something_is_found(django_assert_num_queries):
    entry("Phia Đén", place="Nguyên Bình")
    entry("Mận máu", Kind.COMMODITY, goods="mận đỏ")
    questions = [query_words(text) for text in ("phia xa", "nguyên bình phia", "den phia", "man do")]

    named.first(questions)
    with django_assert_num_queries(1):
        assert named.first(questions) == questions[2]
    assert named.first(questions, kinds={Kind.COMMODITY}) == questions[3]
    assert named.first(questions[:2]) is None
    assert named.first([]) is None


def test_names_are_read_again_only_when_the_index_says_that_they_changed(django_assert_num_queries):
    state = IndexState.objects.order_by("pk").first() or IndexState.objects.create()
    entry("Phia Đén")
    assert found("phia") == ["Phia Đén"]

    NamedEntry.objects.update(label="Phja Đén")
    with django_assert_num_queries(1):
        assert found("phia") == ["Phia Đén"]
    IndexState.objects.filter(pk=state.pk).update(names_seq=state.names_seq + 1)
    assert found("phia") == ["Phja Đén"]
