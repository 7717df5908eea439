"""From words to terms and tiers."""

from search.planning import required_terms, tier_of, tiers
from search.terms import Texts, document_terms, query_words


def standing(title: str, text: str, **texts) -> int:
    """The tier in which a listing of that title stands."""
    return tier_of(" ".join(document_terms(Texts(title=title, **texts))), tiers(query_words(text)))


def test_every_hit_has_each_word_without_marks():
    assert required_terms(query_words("Hạt dẻ hat")) == ("hat", "de")
    assert required_terms(()) == ()


def test_without_words_there_are_no_tiers():
    assert tiers(()) == ()


def test_a_question_is_ranked_as_it_was_typed_and_then_without_marks():
    assert tiers(query_words("miến dong")) == (
        (":e=miến+dong",),
        (":s=miến+dong",),
        (":b=miến+dong",),
        (":t=miến", ":t=dong"),
        (":t=miến", ":w=dong"),
        (":t=dong", ":w=miến"),
        (":p=miến", ":p=dong"),
        (":g=miến", ":g=dong"),
        (":g=miến", ":w=dong"),
        (":g=dong", ":w=miến"),
        (":e:mien+dong",),
        (":s:mien+dong",),
        (":b:mien+dong",),
        (":t:mien", ":t:dong"),
        (":t:mien", ":w:dong"),
        (":t:dong", ":w:mien"),
        (":p:mien", ":p:dong"),
        (":g:mien", ":g:dong"),
        (":g:mien", ":w:dong"),
        (":g:dong", ":w:mien"),
        (":w:mien", ":w:dong"),
    )


def test_one_word_is_no_phrase():
    assert tiers(query_words("gao")) == (
        *((":s=gao",), (":t=gao",)),
        *((":e:gao",), (":s:gao",), (":t:gao",), (":p:gao",), (":g:gao",), (":w:gao",)),
    )


def test_a_phrase_of_three_words_is_two_pairs():
    assert (":b:hat+de", ":b:de+rung") in tiers(query_words("hat de rung"))


def test_a_document_stands_in_the_first_tier_that_it_has_all_terms_of():
    order = tiers(query_words("mien dong"))

    assert tier_of("mien dong :e:mien+dong :t:mien :t:dong", order) == 2
    assert tier_of("mien dong :t:mien :t:dong :p:mien :p:dong", order) == 5
    assert tier_of("mien dong :t:mien", order) == tier_of("", order) == len(order)
    assert tier_of("mien", ()) == 0


def test_who_types_no_mark_meets_the_word_that_has_none_first():
    assert standing("Cam Trưng Vương", "cam") < standing("Gạo nếp cẩm", "cam")


def test_goods_of_a_place_come_before_other_goods_that_have_the_words_mixed():
    place = ["Huyện Thạch An", "Xã Lê Lợi"]
    assert standing("Lê vàng", "lê Thạch An", place=place) < standing("Thạch đen", "lê Thạch An", place=place)


def test_a_word_for_the_kind_of_place_need_not_stand_in_the_title():
    elsewhere = standing("Hạt dẻ", "hạt dẻ xã Đàm Thủy", place=["Xã Đàm Thủy"])
    assert standing("Hạt dẻ Đàm Thủy", "hạt dẻ xã Đàm Thủy", place=["Xã Đàm Thủy"]) < elsewhere


def test_a_question_of_such_words_alone_is_ranked_by_them():
    assert tiers(query_words("xã"))[0] == (":e=xã",)


def test_a_long_question_is_not_parted():
    assert len(tiers(query_words("một hai ba bốn năm sáu bảy"))) < len(tiers(query_words("một hai ba bốn năm sáu")))


def test_a_title_that_begins_with_the_words_comes_before_one_that_has_them_further_on():
    assert standing("Mật ong rừng", "mat ong") < standing("Hạt dẻ rang mật ong", "mat ong")
    assert standing("Lạc đỏ", "lạc") < standing("Gạo nếp Bảo Lạc", "lạc")
