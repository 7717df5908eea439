"""Finding with goodwill: exact words first, then what was probably meant."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from search import finding
from search.backends.database import DatabaseBackend
from search.models import IndexedWord, NamedEntry
from search.query import Facet, ListingQuery
from search.terms import Texts, document_terms, plain_words
from tests.factories.listings import ListingFactory
from tests.search.contract.documents import document

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
Kind = NamedEntry.Kind


class Counting(DatabaseBackend):
    asked = 0

    def has(self, terms, prefix=""):
        self.asked += 1
        return super().has(terms, prefix)


@pytest.fixture
def index():
    """An engine with the documents; every word of theirs is in the vocabulary, written as it is."""

    def build(*documents):
        engine = Counting()
        engine.rebuild(documents, progress=lambda count: None)
        words = Counter(word for one in documents for word in plain_words(one.terms.split()))
        written = {"mien": "miến", "hat": "hạt", "de": "dẻ", "gao": "gạo"}
        IndexedWord.objects.bulk_create(
            IndexedWord(word=word, written=written.get(word, word), documents=count) for word, count in words.items()
        )
        return engine

    return build


def name(label, kind=Kind.COMMUNE, number=1, **values):
    terms = " ".join(document_terms(Texts(title=label)))
    return NamedEntry.objects.create(kind=kind, object_id=number, label=label, url=f"/{number}", terms=terms, **values)


def find(engine, text, **values):
    return finding.find(ListingQuery(text=text, **values), backend=engine, now=NOW)


def test_words_that_find_something_are_searched_as_they_are(index):
    engine = index(document(1, "Miến dong"), document(2, "Miến dang"))

    found = find(engine, "mien dang")

    assert (found.results.ids, found.note, found.named) == ((2,), None, [])
    assert engine.asked == 0


def test_a_misspelt_word_is_corrected_and_said_so(index):
    engine = index(document(1, "Miến dong"), document(2, "Gạo nếp"))

    found = find(engine, "miến dog")

    assert found.results.ids == (1,)
    assert found.note == finding.Note(typed="miến dog", searched="miến dong")
    assert found.plan.terms == ("mien", "dong")


def test_corrected_words_get_marks_only_if_marks_were_typed_and_a_title_has_them(index):
    engine = index(document(1, "Miến dong"), document(2, "Hạt để"), document(3, "Gạo nếp"))

    assert find(engine, "gạo nepp").note.searched == "gạo nep"
    assert find(engine, "mienn dòng").note.searched == "mien dòng"
    assert find(engine, "mienn dong").note.searched == "mien dong"
    assert find(engine, "gạoo nếp").note.searched == "gạo nếp"
    assert find(engine, "hạtt để").note.searched == "hạt để"
    assert find(engine, "hạt dể").results.ids == (2,)


def test_a_good_of_that_name_is_meant_rather_than_more_frequent_words(index):
    engine = index(document(1, "Chè xanh"), *[document(number, "Xa che", rest="xanhx") for number in range(2, 20)])
    name("Chè xanh", Kind.COMMODITY)

    assert find(engine, "che xah").note.searched == "che xanh"


def test_two_words_that_resemble_nothing_named_together_are_left_alone(index):
    engine = index(document(1, "Rèn", rest="mau phuc"))

    assert find(engine, "khau nhuc").note is None


def test_whoever_wants_the_typed_words_gets_them(index):
    engine = index(document(1, "Miến dong"))

    found = find(engine, "mien dog", is_exact=True)

    assert (found.results.total, found.note) == (0, None)
    assert found.plan.terms == ("mien", "dog")


def test_words_written_together_or_apart_are_found(index):
    engine = index(document(1, "Hạt dẻ"), document(2, "Miến dong"))

    assert find(engine, "hatde").note.searched == "hat de"
    assert find(engine, "hatde").results.ids == (1,)
    assert find(engine, "mi en").note.searched == "mien"
    assert find(engine, "mí én").note.searched == "miến"


def test_a_correction_that_stands_in_a_title_wins_over_one_that_stands_anywhere(index):
    engine = index(document(1, "Miến dong"), *[document(number, "Bún", rest="do mien") for number in range(2, 9)])

    assert find(engine, "mien dog").note.searched == "mien dong"


def test_a_real_word_in_the_wrong_place_is_corrected_too(index):
    engine = index(document(1, "Miến dong"), document(2, "Gạo dung"))

    found = find(engine, "mien dung")

    assert (found.note.searched, found.results.ids) == ("mien dong", (1,))


def test_a_beginning_is_the_last_thing_that_is_tried(index):
    engine = index(document(1, "Hạt dẻ Trùng Khánh"), document(2, "Gạo"))

    found = find(engine, "hat de tru")

    assert (found.results.ids, found.note.searched) == ((1,), "hat de tru…")
    assert (found.plan.terms, found.plan.prefix) == (("hat", "de"), "tru")


def test_what_nothing_resembles_is_not_found_and_nothing_is_claimed(index):
    engine = index(document(1, "Miến dong"))

    found = find(engine, "xyzxyz")

    assert (found.results.total, found.note, found.named) == (0, None, [])


def test_filters_that_leave_nothing_are_not_a_mistake_in_writing(index):
    engine = index(document(1, "Miến dong", stars=3), document(2, "Miến dang", stars=4))

    found = find(engine, "mien dong", chosen={Facet.STARS: frozenset({4})})

    assert (found.results.total, found.note) == (0, None)


def test_filters_stay_when_words_are_corrected(index):
    engine = index(document(1, "Miến dong", stars=3), document(2, "Miến dong", stars=4))

    found = find(engine, "mienn dong", chosen={Facet.STARS: frozenset({4})})

    assert (found.results.ids, found.note.searched) == ((2,), "mien dong")


def test_a_name_without_listings_is_an_answer_and_is_not_corrected(index):
    engine = index(document(1, "Miến dong"))
    name("Dang")

    found = find(engine, "dang")

    assert [entry.label for entry in found.named] == ["Dang"]
    assert (found.results.total, found.note) == (0, None)


def test_a_name_may_be_what_was_meant(index):
    engine = index(document(1, "Miến dong"))
    name("Phia Đén")
    IndexedWord.objects.create(word="phia", written="phia", documents=1)
    IndexedWord.objects.create(word="den", written="đén", documents=1)

    found = find(engine, "phia denn")

    assert [entry.label for entry in found.named] == ["Phia Đén"]
    assert (found.results.total, found.note.searched) == (0, "phia den")


def test_without_words_everything_is_listed_and_nothing_named(index):
    engine = index(document(1), document(2))
    name("Dang")

    for text in ("", "  ", "!!"):
        found = find(engine, text)
        assert (found.results.total, found.named, found.note) == (2, (), None)


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "\x00\x07", "' OR 1=1 --", '"mien" AND', "zz yy xx ww vv uu tt ss rr qq pp oo nn mm"]
)
def test_any_text_has_an_answer_in_bounded_work(index, text):
    letters = "abcdefghik"
    engine = index(*[document(ord(a) * 100 + ord(b), f"{a}{b}n {b}{a}") for a in letters for b in letters])

    find(engine, text)

    assert engine.asked <= 19


def test_names_are_suggested_before_titles_of_listings(index):
    first, second, twin = (ListingFactory(title=title) for title in ("Hạt dẻ rừng", "Hạt dẻ hộp", "Hạt dẻ rừng"))
    engine = index(*[document(one.pk, one.title, quality=9 - at) for at, one in enumerate((first, second, twin))])
    name("Hạt dẻ", Kind.COMMODITY, detail="Nông sản")

    found = finding.suggest("hat d", engine)

    assert [(one.kind, one.label, one.url) for one in found] == [
        ("commodity", "Hạt dẻ", "/1"),
        ("listing", "Hạt dẻ rừng", first.get_absolute_url()),
        ("listing", "Hạt dẻ hộp", second.get_absolute_url()),
    ]
    assert found[0].detail == "Nông sản"
    assert found[1].detail == first.cooperative.short_name


def test_a_title_is_suggested_before_what_has_the_words_elsewhere(index):
    mandarin, chestnut = ListingFactory(title="Quýt"), ListingFactory(title="Bột hạt dẻ")
    engine = index(
        document(chestnut.pk, chestnut.title, quality=1),
        document(mandarin.pk, mandarin.title, maker="HTX Nhà Vườn", rest="ít hạt, dễ bóc", quality=9),
    )

    assert [one.label for one in finding.suggest("hat de", engine)] == ["Bột hạt dẻ"]
    assert [one.label for one in finding.suggest("htx nh", engine)] == ["Quýt"]


def test_no_more_than_eight_are_suggested_and_five_of_them_names(index):
    listings = ListingFactory.create_batch(6)
    engine = index(*[document(one.pk, one.title) for one in listings])
    for number in range(7):
        name(f"Hạt {number}", number=number)

    kinds = [one.kind for one in finding.suggest("ha", engine)]

    assert kinds == ["commune"] * 5 + ["listing"] * 3


def test_a_listing_that_is_no_longer_public_is_not_suggested(index):
    hidden = ListingFactory(is_public=False, state="draft")
    engine = index(document(hidden.pk, hidden.title))

    assert finding.suggest("hat", engine) == []


def test_a_misspelt_beginning_is_corrected_in_suggestions(index):
    listing = ListingFactory(title="Miến dong")
    engine = index(document(listing.pk, listing.title))

    assert [one.label for one in finding.suggest("mein dong", engine)] == ["Miến dong"]


@pytest.mark.parametrize("text", ["", " ", "…", "zzzz"])
def test_nothing_is_suggested_for_nothing(index, text):
    assert finding.suggest(text, index()) == []


def test_what_a_question_costs_in_statements(index, django_assert_num_queries):
    listings = [ListingFactory(title="Miến dong") for _ in range(3)]
    engine = index(*[document(one.pk, one.title) for one in listings])
    find(engine, "mien dong")

    with django_assert_num_queries(3):
        # The words, the tier that fills the page, the number of the names.
        find(engine, "mien dong")
    with django_assert_num_queries(3):
        # The number of the names, the words, the titles.
        finding.suggest("mien d", engine)
