"""Terms: what a text is indexed by and asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.text import clean_text
from search.planning import required_terms, tiers
from search.terms import (
    MAXIMUM_TEXT,
    MAXIMUM_WORDS,
    Place,
    Texts,
    Word,
    document_terms,
    folded_term,
    joined,
    marked_term,
    pairs,
    plain_words,
    query_words,
    words_of,
)


def folded(text):
    return [word.folded for word in words_of(text)]


def test_a_word_has_the_marks_that_were_written_and_none():
    assert words_of("Hạt dẻ Trùng Khánh") == [
        Word("hạt", "hat"),
        Word("dẻ", "de"),
        Word("trùng", "trung"),
        Word("khánh", "khanh"),
    ]


def test_d_with_a_stroke_is_d():
    assert words_of("Đậu đen") == [Word("đậu", "dau"), Word("đen", "den")]


@pytest.mark.parametrize(
    ("one", "other"),
    [("hoà", "hòa"), ("Thuỷ", "thủy"), ("mỳ", "mì"), ("quý", "quí"), ("lý", "lí"), ("Kỹ", "kĩ"), ("ty", "ti")],
)
def test_two_spellings_of_a_syllable_are_one_word(one, other):
    assert words_of(one) == words_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("thúy", "thúi"), ("mận", "mắn"), ("tay", "tai"), ("y", "i"), ("thuy", "thui")]
)
def test_two_words_remain_two(one, other):
    assert words_of(one) != words_of(other)


def test_decomposed_letters_are_the_same_letters():
    assert words_of("hạt dẻ") == words_of("ha\u0323t de\u0309")


def test_decimals_and_thousands_stay_together():
    assert folded("1,5 kg giá 1.000đ, loại 2") == ["1,5", "kg", "gia", "1.000", "d", "loai", "2"]


def test_signs_part_words():
    assert folded("miến-dong_(Phia Đén)/2026!") == ["mien", "dong", "phia", "den", "2026"]


@pytest.mark.parametrize("text", ["", "  ", "!?…", "\u0301\u0323", "\u200b", "_"])
def test_a_text_without_letters_has_no_words(text):
    assert query_words(text) == ()


def test_a_question_has_each_word_once_and_not_too_many():
    assert [word.folded for word in query_words("gạo nếp gạo")] == ["gao", "nep"]
    assert [word.marked for word in query_words("gạo gao")] == ["gạo", "gao"]
    assert len(query_words(" ".join(f"tu{number}" for number in range(40)))) == MAXIMUM_WORDS
    assert len(query_words("a" * 10_000)[0].folded) <= MAXIMUM_TEXT


def test_the_terms_of_a_document_say_where_each_word_stands():
    terms = document_terms(
        Texts(title="Miến dong", place=["Phia Đén"], maker=["HTX Á"], goods=["bún"], rest=["ngon Miến"])
    )

    assert sorted(plain_words(terms)) == ["a", "bun", "den", "dong", "htx", "mien", "ngon", "phia"]
    assert marked_term(Place.TITLE, "miến") in terms
    assert folded_term(Place.TITLE, "mien") in terms
    assert {":p=phia", ":p:den", ":p=á", ":p=miến", ":w:den", ":w:htx", ":g=bún", ":g:dong"} <= terms
    assert {":b=miến+dong", ":b:mien+dong", ":e=miến+dong", ":e:mien+dong"} <= terms
    assert not {":t:phia", ":t:bun", ":g:phia", ":p:bun", ":w:mien", ":t:ngon", ":g:ngon", ":p:ngon"} & terms


def test_a_document_without_texts_has_no_terms():
    assert document_terms(Texts(title="")) == frozenset()


def test_pairs_are_neighbours():
    words = words_of("miến dong Phia")

    assert pairs(words) == [Word("miến+dong", "mien+dong"), Word("dong+phia", "dong+phia")]
    assert joined(words) == Word("miến+dong+phia", "mien+dong+phia")
    assert pairs(words[:1]) == []


@given(st.text(max_size=300))
def test_no_text_makes_a_term_that_an_engine_would_part(text):
    for term in document_terms(Texts(title=text, place=[text], maker=[text], goods=[text], rest=[text])):
        assert term == term.strip()
        assert len(term.split()) == 1
        assert not set(term) & set("\"'\\()*&|!<>^{}[]~-/_")


@given(st.text(max_size=100), st.text(max_size=100))
def test_a_document_is_found_by_every_word_of_its_own(title, rest):
    title, rest = clean_text(title), clean_text(rest)
    terms = document_terms(Texts(title=title, rest=[rest]))

    assert set(required_terms(query_words(f"{title} {rest}"[:MAXIMUM_TEXT]))) <= terms


@given(st.text(min_size=1, max_size=150))
def test_a_whole_title_asked_for_is_in_the_first_tier(title):
    title = clean_text(title)
    words = query_words(title)
    if words and len(words_of(title)) == len(words):
        assert set(tiers(words)[0]) <= document_terms(Texts(title=title))


def test_of_a_word_without_end_only_so_many_letters_count():
    terms = document_terms(Texts(title="ấ" * 250, rest=["ấ" * 5000]))

    assert max(len(term.encode()) for term in terms) < 400
    assert set(required_terms(query_words("ấ" * 180))) <= terms
