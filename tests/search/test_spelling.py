"""What somebody may have meant, over the index's own vocabulary."""

import pytest

from search import spelling
from search.models import IndexedWord
from search.terms import query_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def vocabulary():
    def know(**frequencies):
        IndexedWord.objects.bulk_create(
            IndexedWord(word=word, written=written, documents=documents)
            for word, (written, documents) in frequencies.items()
        )
        spelling.held.forget()

    return know


def meant(text):
    return [" ".join(word.marked for word in words) for words in spelling.candidates(query_words(text))]


def test_a_word_that_the_index_lacks_becomes_one_that_it_has(vocabulary):
    vocabulary(mien=("miến", 5), dong=("dong", 9), gao=("gạo", 9))

    assert meant("mien dog") == ["mien dong"]
    assert meant("mein dong") == ["miến dong"]
    assert meant("miện doong") == ["miện dong"]


def test_words_that_are_right_keep_their_marks_and_corrected_ones_get_theirs(vocabulary):
    vocabulary(hat=("hạt", 5), de=("dẻ", 5), xanh=("xanh", 1))

    words = next(spelling.candidates(query_words("hát xenh")))

    assert [(word.marked, word.folded) for word in words] == [("hát", "hat"), ("xanh", "xanh")]


def test_those_that_sound_alike_come_first_then_those_that_begin_alike_then_the_most_frequent(vocabulary):
    vocabulary(
        hanh=("hạnh", 1),
        thanh=("thanh", 9),
        nhanh=("nhanh", 9),
        xanh=("xanh", 1),
        canhh=("canhh", 50),
        sang=("sang", 2),
    )

    assert meant("sanh")[:2] == ["xanh", "sang"]
    assert meant("anh") == ["hạnh", "xanh"]
    assert meant("thhanh") == ["thanh", "nhanh", "hạnh"]


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("tranh", "chanh"),
        ("xao", "sao"),
        ("dang", "giang"),
        ("nap", "lap"),
        ("ghao", "gao"),
        ("ki", "ky"),
        ("vit", "dit"),
    ],
)
def test_letters_that_are_spoken_alike_are_no_mistake(vocabulary, typed, right):
    vocabulary(**{right: (right, 1)})

    assert meant(typed) == [right]


def test_two_mistakes_are_forgiven_from_six_letters_on(vocabulary):
    vocabulary(truong=("trường", 3), mien=("miến", 3))

    assert meant("trouhg") == ["trường"]
    assert meant("trouug") == ["trường"]
    assert meant("mieeng") == ["miến"]
    assert meant("miznx") == []


def test_letters_that_changed_places_are_one_mistake(vocabulary):
    vocabulary(chanh=("chanh", 1))

    assert meant("cahnh") == ["chanh"]


def test_words_written_together_are_parted(vocabulary):
    vocabulary(hat=("hạt", 5), de=("dẻ", 5), ha=("hà", 1), tde=("tde", 1))

    assert meant("hatde")[0] == "hạt dẻ"
    assert meant("hatde hat")[0] == "hạt dẻ hat"


def test_a_word_written_apart_is_joined(vocabulary):
    vocabulary(mien=("miến", 5), dong=("dong", 5), mi=("mì", 5), en=("én", 1))

    assert meant("mi en dong")[0] == "miến dong"
    assert meant("mie n")[0] == "miến"


def test_a_joined_word_leaves_no_other_word_unknown(vocabulary):
    vocabulary(mien=("miến", 5))

    assert meant("mi en zzz") == []


def test_a_mistake_may_be_a_word_too(vocabulary):
    vocabulary(mien=("miến", 5), dong=("dong", 5), dung=("dùng", 4), bien=("biển", 9))

    assert meant("mien dung") == ["mien dong", "biển dung"]


def test_all_unknown_words_are_corrected_at_once(vocabulary):
    vocabulary(mien=("miến", 5), dong=("dong", 5), dog=("dốg", 1), lap=("lạp", 1))

    assert meant("mienn donng") == ["miến dong"]
    assert meant("mienn zzzz") == []


def test_numbers_are_never_other_numbers(vocabulary):
    vocabulary(**{"500": ("500", 9), "mien": ("miến", 1), "1,5": ("1,5", 1), "l00": ("l00", 1)})

    assert meant("501") == []
    assert meant("1,6") == []
    assert meant("mien 501") == []
    assert meant("5 00") == []


def test_there_are_never_many_candidates(vocabulary):
    letters = "abcdefghiklmnopqrstuvxy"
    vocabulary(**{f"{a}{b}n": (f"{a}{b}n", 1) for a in letters for b in letters}, n=("n", 1))

    assert len(meant("aan bbn ccn")) == spelling.MAXIMUM_CANDIDATES
    assert len(meant("zzn")) <= spelling.MAXIMUM_CANDIDATES
    assert len(meant(" ".join(f"{a}zn" for a in letters))) <= spelling.MAXIMUM_CANDIDATES


def test_an_empty_vocabulary_corrects_nothing():
    assert meant("mien dong") == []
    assert meant("") == []


def test_a_new_word_is_known_as_soon_as_the_index_says_that_words_changed(vocabulary):
    from search.models import IndexState

    state = IndexState.objects.order_by("pk").first() or IndexState.objects.create()
    assert meant("miem") == []
    vocabulary(mien=("miến", 5))
    assert meant("miem") == ["miến"]

    IndexedWord.objects.create(word="miet", written="miệt", documents=7)
    assert meant("miem") == ["miến"]
    IndexState.objects.filter(pk=state.pk).update(names_seq=state.names_seq + 1)
    assert meant("miem") == ["miệt", "miến"]
