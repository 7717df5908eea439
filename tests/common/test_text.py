import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.text import canonical, clean_text, fold, folded_tokens, slugify_vi, tokens

VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ "
vietnamese = st.text(alphabet=VIETNAMESE + VIETNAMESE.upper(), max_size=40)


@pytest.mark.parametrize(
    ("modern", "traditional"),
    [
        ("hoà", "hòa"),
        ("Hoà An", "hòa an"),
        ("khoẻ", "khỏe"),
        ("Thuỷ", "thủy"),
        ("Đàm Thuỷ", "đàm thủy"),
        ("loà xoà", "lòa xòa"),
        ("uỷ", "ủy"),
        ("Quý", "quý"),
        ("hoàn", "hoàn"),
        ("khuỷu", "khuỷu"),
        ("khoét", "khoét"),
        ("thuở", "thuở"),
        ("khuyến", "khuyến"),
    ],
)
def test_both_habits_of_placing_the_tone_give_one_spelling(modern, traditional):
    assert canonical(modern) == traditional
    assert canonical(traditional) == traditional


def test_tokens_keep_marks_and_decimals_and_split_on_everything_else():
    assert tokens("Miến dong, 1,5 kg (hộp/túi) – Phia_Đén!") == [
        "miến",
        "dong",
        "1,5",
        "kg",
        "hộp",
        "túi",
        "phia",
        "đén",
    ]
    assert tokens("") == tokens(" –, ") == []
    assert tokens("OCOP 4 sao; 60.000đ, 2026.") == ["ocop", "4", "sao", "60.000", "đ", "2026"]


def test_plum_and_lucky_differ_with_marks_and_agree_without():
    assert tokens("mận") != tokens("mắn")
    assert folded_tokens("mận") == folded_tokens("mắn") == ["man"]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Miến dong Phia Đén", "mien-dong-phia-den"),
        ("Xã Đàm Thuỷ", "xa-dam-thuy"),
        ("HTX  Tâm Hòa (mới)", "htx-tam-hoa-moi"),
    ],
)
def test_addresses_are_plain_letters(text, slug):
    assert slugify_vi(text) == slugify_vi(text, allow_unicode=True) == slug


def test_cleaning_composes_and_drops_what_nobody_sees():
    assert clean_text("\ufeff Ha\u0323t   de\u0309\u200b\n tươi ") == "Hạt dẻ tươi"


@given(vietnamese)
def test_folding_leaves_only_plain_letters(text):
    assert set(fold(text)) <= set("abcdeghiklmnopqrstuvxy ")


@given(st.text())
def test_folding_and_cleaning_twice_is_doing_it_once(text):
    assert fold(fold(text)) == fold(text)
    assert clean_text(clean_text(text)) == clean_text(text)


@given(vietnamese)
def test_the_canonical_spelling_is_stable(text):
    assert canonical(canonical(text)) == canonical(text)


@given(vietnamese)
def test_phones_that_send_decomposed_text_find_the_same_words(text):
    decomposed = unicodedata.normalize("NFD", text)
    assert tokens(decomposed) == tokens(text)
    assert clean_text(decomposed) == clean_text(text)


@given(vietnamese)
def test_each_word_has_one_folded_word(text):
    assert len(folded_tokens(text)) == len(tokens(text))
    assert all(folded_tokens(text))
