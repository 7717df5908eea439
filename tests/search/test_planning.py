"""From words to terms and tiers."""

from search.planning import required_terms, tier_of, tiers
from search.terms import query_words


def test_every_hit_has_each_word_without_marks():
    assert required_terms(query_words("Hạt dẻ hat")) == ("hat", "de")
    assert required_terms(()) == ()


def test_without_words_there_are_no_tiers():
    assert tiers(()) == ()


def test_who_types_no_mark_is_ranked_without_marks():
    assert tiers(query_words("mien dong")) == (
        (":e:mien+dong",),
        (":b:mien+dong",),
        (":t:mien", ":t:dong"),
        (":p:mien", ":p:dong"),
        (":g:mien", ":g:dong"),
        (":w:mien", ":w:dong"),
    )


def test_who_types_any_mark_is_ranked_by_marks_first():
    assert tiers(query_words("miến dong")) == (
        (":e=miến+dong",),
        (":b=miến+dong",),
        (":t=miến", ":t=dong"),
        (":p=miến", ":p=dong"),
        (":g=miến", ":g=dong"),
        (":e:mien+dong",),
        (":b:mien+dong",),
        (":t:mien", ":t:dong"),
        (":p:mien", ":p:dong"),
        (":g:mien", ":g:dong"),
        (":w:mien", ":w:dong"),
    )


def test_one_word_is_no_phrase():
    assert tiers(query_words("gao")) == ((":e:gao",), (":t:gao",), (":p:gao",), (":g:gao",), (":w:gao",))


def test_a_phrase_of_three_words_is_two_pairs():
    assert (":b:hat+de", ":b:de+rung") in tiers(query_words("hat de rung"))


def test_a_document_stands_in_the_first_tier_that_it_has_all_terms_of():
    order = tiers(query_words("mien dong"))

    assert tier_of("mien dong :e:mien+dong :t:mien :t:dong", order) == 0
    assert tier_of("mien dong :t:mien :t:dong :p:mien :p:dong", order) == 2
    assert tier_of("mien dong :t:mien", order) == tier_of("", order) == len(order)
    assert tier_of("mien", ()) == 0
