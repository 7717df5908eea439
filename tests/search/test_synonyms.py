"""Synonyms: what they add to a listing, who may write them, and what the index hears of it."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from cms.groups import PROVINCE_OFFICIALS
from search import synonyms, tables
from search.backends.database import DatabaseBackend
from search.finding import find
from search.indexing import refresh_index
from search.models import IndexChange, ListingDocument, Synonym
from search.query import ListingQuery
from search.rebuilding import rebuild
from tests.factories.commodities import CommodityFactory
from tests.factories.listings import ListingFactory
from tests.search.people import commune_official, editor, member_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


def rule(phrase, *equivalents, both_ways=False):
    Synonym.objects.create(phrase=phrase, equivalents="\n".join(equivalents), is_two_way=both_ways)


def expanded(*texts):
    return synonyms.expansions(texts, synonyms.load())


def document(slot, terms):
    ListingDocument.objects.create(slot=slot, listing_id=1000 + slot, seq=slot, terms=terms)
    tables.replace([(slot, terms)])


def changed():
    return sorted(IndexChange.objects.filter(kind="listing").values_list("object_id", flat=True))


def test_a_listing_with_the_phrase_gets_the_equivalents():
    rule("miến dong", "bún tàu", "miến đao")
    assert expanded("Miến dong Phia Đén", "Đồ khô") == ["bún tàu", "miến đao"]


def test_a_phrase_with_marks_is_compared_with_them():
    rule("mận", "plum")
    assert expanded("Mận hậu") == ["plum"]
    assert expanded("Mắn tép") == []


def test_a_phrase_without_marks_means_any_marks():
    rule("man", "plum")
    assert expanded("Mận hậu") == ["plum"]


def test_the_words_of_a_phrase_stand_together_in_one_text():
    rule("hạt dẻ", "chestnut")
    assert expanded("Hạt rang dẻ") == []
    assert expanded("Hạt", "dẻ") == []
    assert expanded("Rang: hạt dẻ") == ["chestnut"]


def test_one_way_the_equivalents_bring_nothing():
    rule("lạp sườn", "lạp xưởng")
    assert expanded("Lạp xưởng hun khói") == []


def test_both_ways_each_brings_the_others():
    rule("lạp sườn", "lạp xưởng", "lạp sường", both_ways=True)
    assert expanded("Lạp xưởng hun khói") == ["lạp sườn", "lạp sường"]


def test_without_synonyms_nothing_is_added():
    assert expanded("Miến dong") == []


def test_spellings_of_i_and_y_are_one():
    rule("mì", "noodles")
    assert expanded("Mỳ khô") == ["noodles"]


def test_they_are_read_in_one_query(django_assert_num_queries):
    for number in range(3):
        rule(f"từ {number}", "khác")
    with django_assert_num_queries(1):
        synonyms.load()


def test_saving_one_tells_the_index_of_the_listings_with_its_words():
    document(1, "hat de :t=hạt")
    document(2, "mien dong")
    document(3, "hat")
    synonyms.save(Synonym(phrase="hạt dẻ", equivalents="chestnut", is_two_way=False))
    assert changed() == [1001]


def test_another_phrase_concerns_the_listings_of_the_old_and_of_the_new_one():
    document(1, "hat de")
    document(2, "mien dong")
    synonym = Synonym.objects.create(phrase="hạt dẻ", equivalents="x", is_two_way=False)
    synonym.phrase = "miến dong"
    synonyms.save(synonym)
    assert changed() == [1001, 1002]


def test_deleting_one_tells_the_index():
    document(1, "hat de")
    synonym = Synonym.objects.create(phrase="hạt dẻ", equivalents="x", is_two_way=False)
    synonyms.delete(synonym)
    assert changed() == [1001]


def test_both_ways_the_listings_with_an_equivalent_are_concerned_as_well():
    document(1, "lap xuong")
    synonyms.save(Synonym(phrase="lạp sườn", equivalents="lạp xưởng", is_two_way=True))
    assert changed() == [1001]


def form(**changes):
    return {"phrase": "miến dong", "equivalents": "bún tàu\nmiến đao", "is_two_way": "on", **changes}


def test_an_editor_writes_changes_and_deletes_one(client):
    client.force_login(editor())
    document(1, "mien dong")
    assert client.post(reverse("tu-dong-nghia:add"), form()).status_code == 302
    synonym = Synonym.objects.get()
    assert synonym.equivalent_list == ["bún tàu", "miến đao"]
    edit = reverse("tu-dong-nghia:edit", args=[synonym.pk])
    assert client.post(edit, form(phrase="miến")).status_code == 302
    assert Synonym.objects.get().phrase == "miến"
    assert "miến" in client.get(reverse("tu-dong-nghia:history", args=[synonym.pk])).content.decode()
    assert client.post(reverse("tu-dong-nghia:delete", args=[synonym.pk])).status_code == 302
    assert not Synonym.objects.exists()
    assert set(changed()) == {1001}


@pytest.mark.parametrize(
    "changes",
    [
        {"phrase": ""},
        {"phrase": "  !!! "},
        {"phrase": "a" * 81},
        {"phrase": "một hai ba bốn năm sáu bảy"},
        {"equivalents": ""},
        {"equivalents": " \n \n"},
        {"equivalents": "…"},
        {"equivalents": "a" * 81},
        {"equivalents": "Miến Dong"},
        {"equivalents": "\n".join(f"tên {number}" for number in range(21))},
    ],
)
def test_what_says_nothing_or_too_much_is_refused_at_its_field(client, changes):
    client.force_login(editor())
    answer = client.post(reverse("tu-dong-nghia:add"), form(**changes))
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == set(changes)
    assert not Synonym.objects.exists()


def test_a_second_entry_for_a_phrase_is_refused(client):
    rule("Miến Dong", "bún tàu")
    client.force_login(editor())
    answer = client.post(reverse("tu-dong-nghia:add"), form())
    assert set(answer.context["form"].errors) == {"phrase"}


def test_lines_are_cleaned_and_kept_once(client):
    client.force_login(editor())
    client.post(reverse("tu-dong-nghia:add"), form(equivalents="  bún   tàu \n\nBún tàu\nmiến đao"))
    assert Synonym.objects.get().equivalent_list == ["bún tàu", "miến đao"]


def test_the_list_is_searched_and_exported(client):
    rule("miến dong", "bún tàu")
    rule("hạt dẻ", "=chestnut")
    client.force_login(editor())
    shown = client.get(reverse("tu-dong-nghia:index"), {"q": "bún"}).content.decode()
    assert "miến dong" in shown
    assert "hạt dẻ" not in shown
    exported = b"".join(client.get(reverse("tu-dong-nghia:index"), {"export": "csv"})).decode()
    assert "'=chestnut" in exported


def test_whoever_is_no_editor_may_not(client):
    rule("miến dong", "bún tàu")
    pk = Synonym.objects.get().pk
    client.force_login(commune_official())
    for name, args in (("index", []), ("add", []), ("edit", [pk]), ("delete", [pk]), ("history", [pk])):
        address = reverse(f"tu-dong-nghia:{name}", args=args)
        assert client.get(address).status_code in {302, 403, 404}, name
        client.post(address, form())
    assert Synonym.objects.get().phrase == "miến dong"


def test_an_official_of_the_province_rewrites_a_commoditys_other_names(client):
    commodity = CommodityFactory(aliases="hạt dẻ rừng")
    client.force_login(member_of(PROVINCE_OFFICIALS))
    unchanged = {"code": commodity.code, "name": commodity.name, "months": commodity.months}
    answer = client.post(
        reverse("nong-san:edit", args=[commodity.pk]), {**unchanged, "aliases": "hạt dẻ rừng\ndẻ Trùng"}
    )
    assert answer.status_code == 302
    commodity.refresh_from_db()
    assert commodity.alias_list == ["hạt dẻ rừng", "dẻ Trùng"]


def test_the_synonyms_that_come_with_the_software_are_sound_and_leave_editors_theirs():
    Synonym.objects.create(phrase="lợn", equivalents="ỉ")
    loaded = synonyms.load_defaults()
    assert loaded > 20
    assert Synonym.objects.get(phrase="lợn").equivalents == "ỉ"
    assert synonyms.load_defaults() == 0
    for synonym in Synonym.objects.all():
        assert 0 < len(synonym.equivalent_list) <= synonyms.MAXIMUM_EQUIVALENTS
        assert synonym.phrase not in synonym.equivalent_list


def test_within_one_pass_of_the_index_a_listing_is_found_by_a_new_synonym_and_no_longer_by_an_old_one():
    listing = ListingFactory(title="Miến dong Phia Đén")
    rebuild(now=NOW)

    def found(text):
        return find(ListingQuery(text=text, is_exact=True), backend=DatabaseBackend(), now=NOW).results.ids

    assert found("bún tàu") == ()
    synonym = Synonym(phrase="miến dong", equivalents="bún tàu", is_two_way=False)
    synonyms.save(synonym)
    refresh_index(now=NOW)
    assert found("bún tàu") == found("bun tau") == (listing.pk,)
    synonym.equivalents = "miến đao"
    synonyms.save(synonym)
    refresh_index(now=NOW)
    assert found("bún tàu") == ()
    assert found("mien dao") == (listing.pk,)
    synonyms.delete(synonym)
    refresh_index(now=NOW)
    assert found("mien dao") == ()
