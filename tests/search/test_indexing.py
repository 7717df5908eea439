from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from catalog.models import Product
from cooperatives.certificates.models import Certificate
from cooperatives.commodities.models import Commodity
from cooperatives.models import Cooperative, CooperativeActivity
from cooperatives.partner.models import StockRecord
from marketplace.management.commands.run_due import PARTS, run_part
from search import tables
from search.indexing import apply_changes, apply_stale, index_state, note_day, refresh_index
from search.models import INDEX_VERSION, IndexChange, IndexedWord, IndexState, ListingDocument, NamedEntry
from search.rebuilding import IndexBeingBuiltError, rebuild
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import PLACED_AT, ParcelFactory, bring_to
from tests.factories.places import CommuneFactory, ProvinceFactory

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def document_of(listing) -> ListingDocument:
    return ListingDocument.objects.get(listing_id=listing.pk)


def found(*terms: str) -> set[int]:
    """The listings that the text tables find."""
    slots = tables.match(terms).slots.tolist()
    return set(ListingDocument.objects.filter(slot__in=slots).values_list("listing_id", flat=True))


def documents_with(word: str) -> int:
    return sum(IndexedWord.objects.filter(word=word).values_list("documents", flat=True))


def refreshed(now=NOW) -> int:
    """What run_due does."""
    part = dict(PARTS)["search index"]
    assert part is refresh_index
    return part(now=now)


# -- Rebuilding -------------------------------------------------------------------------------------------------------


def test_a_rebuild_takes_in_what_is_public_and_says_how_far_it_is():
    listings = [
        ListingFactory(title="Lê vàng"),
        ListingFactory(title="Mận máu"),
        ListingFactory(is_public=False, state="draft"),
    ]
    heard = []
    assert rebuild(now=NOW, progress=heard.append) == 2
    assert heard == [2]
    assert found("le") == {listings[0].pk}
    assert index_state().version == INDEX_VERSION
    assert not IndexChange.objects.exists()


def test_a_rebuild_of_a_usable_index_keeps_slots_and_repairs_what_is_wrong():
    kept, gone, odd = ListingFactory(), ListingFactory(title="Ổi"), ListingFactory(title="Hồng")
    rebuild(now=NOW)
    before, generation = document_of(kept).slot, index_state().generation
    Product.objects.filter(pk=gone.pk).update(is_public=False, state="paused")
    tables.remove([document_of(odd).slot])
    ListingDocument.objects.filter(listing_id=odd.pk).update(terms="x", price=1)
    rebuild(now=NOW)
    assert document_of(kept).slot == before
    assert found("oi") == set()
    assert found("hong") == {odd.pk}
    assert document_of(odd).price == odd.price_per_unit
    assert index_state().generation != generation


def test_words_are_counted_over_documents_and_names():
    ListingFactory(title="Lê vàng")
    ListingFactory(title="Lê lê")
    rebuild(now=NOW)
    assert documents_with("le") == 2
    assert IndexedWord.objects.get(word="vang").written == "vàng"


def test_two_rebuilds_at_once_are_one():
    IndexState.objects.create(building_at=timezone.now())
    with pytest.raises(IndexBeingBuiltError):
        rebuild(now=NOW)
    assert refreshed() == 0


def test_a_rebuild_that_died_does_not_hold_up_the_next():
    IndexState.objects.create(building_at=timezone.now() - timedelta(minutes=6))
    assert rebuild(now=NOW) == 0


def test_a_rebuild_that_failed_half_way_is_begun_again(monkeypatch):
    listing = ListingFactory(title="Lê vàng")
    rebuild(now=NOW)
    Product.objects.filter(pk=listing.pk).update(title="Mận máu")
    monkeypatch.setattr("search.rebuilding.entries", lambda *_arguments, **_options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rebuild(now=NOW)
    monkeypatch.undo()
    assert apply_changes(now=NOW) == 0
    assert refreshed() == 1
    assert found("man") == {listing.pk}
    assert found("le") == set()


def test_a_word_without_end_is_cut():
    listing = ListingFactory(title="Lê " + "a" * 200, description="<p>" + "ạ" * 5000 + "</p>")
    rebuild(now=NOW)
    assert found("le") == {listing.pk}
    Product.objects.filter(pk=listing.pk).update(description="b" * 5000)
    refreshed()
    assert found("b" * 100) == {listing.pk}


def test_a_description_beyond_all_bounds_keeps_no_other_listing_waiting():
    rebuild(now=NOW)
    # A document of PostgreSQL's has room for a megabyte of words.
    endless = ListingFactory(title="Hạt dẻ", description=" ".join(f"tu{number:08}" for number in range(120_000)))
    other = ListingFactory(title="Mận máu")
    assert refreshed()
    assert found("man") == {other.pk}
    assert found("de", "tu00000000") == {endless.pk}
    assert len(document_of(endless).terms) < 100_000


def test_an_index_of_another_version_is_made_anew_by_itself():
    listing = ListingFactory()
    rebuild(now=NOW)
    IndexState.objects.update(version=INDEX_VERSION + 1)
    ListingDocument.objects.update(terms="old")
    assert apply_changes(now=NOW) == 0
    assert refreshed() == 1
    assert document_of(listing).terms != "old"


# -- Within a minute --------------------------------------------------------------------------------------------------


def test_a_new_price_reaches_the_index():
    listing = ListingFactory(price_per_unit=120_000)
    rebuild(now=NOW)
    Product.objects.filter(pk=listing.pk).update(price_per_unit=80_000)
    seq = index_state().seq
    assert refreshed() == 1
    assert document_of(listing).price == 80_000
    assert document_of(listing).seq == index_state().seq == seq + 1
    assert refreshed() == 0


def test_stock_reaches_the_index_when_it_runs_out_and_when_it_is_back():
    listing = ListingFactory(stock=5)
    rebuild(now=NOW)
    stock = StockRecord.objects.filter(product=listing)
    stock.update(num_allocated=9)
    assert refreshed() == 0
    stock.update(num_allocated=10)
    assert refreshed() == 1
    assert not document_of(listing).is_in_stock
    stock.update(num_in_stock=11)
    assert refreshed() == 1
    assert document_of(listing).is_in_stock


def test_the_season_turns_without_anybody_changing_anything():
    listing = ListingFactory(season_months=0b1100_0000_0000)
    rebuild(now=NOW)
    before = document_of(listing)
    assert refreshed(datetime(2026, 12, 31, 16, 59, tzinfo=UTC)) == 0
    assert refreshed(datetime(2026, 12, 31, 17, 0, tzinfo=UTC)) == 1
    after = document_of(listing)
    assert after.quality < before.quality
    assert after.stale_on == date(2027, 11, 1)


def test_a_certificate_leaves_the_index_on_the_day_it_ends():
    listing = ListingFactory()
    rebuild(now=NOW)
    certificate = Certificate.objects.create(
        cooperative=listing.cooperative, scheme="vietgap", number="VG-1", issuer="QUACERT",
        issued_on=date(2026, 1, 1), valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 1),
    )  # fmt: skip
    refreshed()
    assert document_of(listing).certificates == 1
    assert found("vietgap") == {listing.pk}
    refreshed(datetime(2026, 12, 1, tzinfo=UTC))
    assert document_of(listing).certificates == 0
    assert found("vietgap") == set()
    Certificate.objects.filter(pk=certificate.pk).update(valid_to=None)
    refreshed(datetime(2026, 12, 2, tzinfo=UTC))
    assert document_of(listing).certificates == 1


def test_a_delivery_counts_at_once_and_thirty_days_later_no_more():
    parcel = ParcelFactory()
    listing = parcel.lines.get().product
    rebuild(now=NOW)
    before = document_of(listing).quality
    bring_to(parcel, "delivered")
    refreshed(PLACED_AT + timedelta(hours=5))
    assert document_of(listing).quality == before + 40
    refreshed(PLACED_AT + timedelta(days=30))
    assert document_of(listing).quality == before


def test_a_listing_that_is_hidden_leaves_and_comes_back_to_its_slot():
    listing = ListingFactory(title="Lê vàng")
    rebuild(now=NOW)
    slot = document_of(listing).slot
    Product.objects.filter(pk=listing.pk).update(is_public=False)
    refreshed()
    assert document_of(listing).is_removed
    assert found("le") == set()
    assert documents_with("le") == 0
    Product.objects.filter(pk=listing.pk).update(is_public=True)
    refreshed()
    assert not document_of(listing).is_removed
    assert document_of(listing).slot == slot
    assert found("le") == {listing.pk}
    assert documents_with("le") == 1


def test_the_slot_of_a_removed_listing_goes_to_a_new_one():
    old = ListingFactory()
    rebuild(now=NOW)
    slot = document_of(old).slot
    Product.objects.filter(pk=old.pk).update(is_public=False)
    refreshed()
    new = ListingFactory()
    refreshed()
    assert document_of(new).slot == slot
    assert not ListingDocument.objects.filter(listing_id=old.pk).exists()


def test_a_slot_is_kept_until_elasticsearch_has_heard_of_the_removal(settings):
    settings.SEARCH_ENGINE = "elastic"
    old = ListingFactory()
    rebuild(now=NOW)
    state = index_state()
    IndexState.objects.update(elastic_generation=state.generation, elastic_seq=state.seq)
    Product.objects.filter(pk=old.pk).update(is_public=False)
    refreshed()
    new = ListingFactory()
    refreshed()
    assert document_of(new).slot != document_of(old).slot


def test_a_deleted_listing_leaves_the_index():
    listing = ListingFactory()
    rebuild(now=NOW)
    Product.objects.filter(pk=listing.pk).delete()
    refreshed()
    assert document_of(listing).is_removed


# -- How far a change reaches -----------------------------------------------------------------------------------------


def test_a_commodity_s_new_name_reaches_the_listings_below_it():
    parent = CommodityFactory(name="Hạt")
    listing = ListingFactory(commodity=CommodityFactory(parent=parent))
    rebuild(now=NOW)
    Commodity.objects.filter(pk=parent.pk).update(aliases="Mác lịch")
    refreshed()
    assert found(":g=mác") == {listing.pk}
    assert documents_with("mac") == 3


def test_a_cooperative_s_new_name_reaches_its_listings_and_its_entry():
    listing = ListingFactory()
    rebuild(now=NOW)
    Cooperative.objects.filter(pk=listing.cooperative_id).update(short_name="HTX Xuân Hòa")
    refreshed()
    assert found(":p=xuân") == {listing.pk}
    assert NamedEntry.objects.get(kind="cooperative").label == "HTX Xuân Hòa"


def test_a_province_s_new_name_reaches_its_communes():
    province = ProvinceFactory(short_name="Cao Bằng")
    commune = CommuneFactory(is_new=True, parent=province)
    listing = ListingFactory(cooperative=CooperativeFactory(home=commune))
    rebuild(now=NOW)
    type(province).objects.filter(pk=province.pk).update(name="Tỉnh Việt Bắc")
    refreshed()
    assert found(":p=việt") == {listing.pk}
    assert NamedEntry.objects.get(kind="commune", object_id=commune.pk).detail == "Tỉnh Việt Bắc"


def test_a_change_that_reaches_many_is_put_back_in_pieces():
    cooperative = CooperativeFactory()
    listings = [ListingFactory(cooperative=cooperative) for _ in range(5)]
    rebuild(now=NOW)
    Cooperative.objects.filter(pk=cooperative.pk).update(short_name="HTX Xuân Hòa")
    assert apply_changes(now=NOW, limit=2) == 1
    assert IndexChange.objects.count() == 3
    assert len(found("xuan")) == 2
    while apply_changes(now=NOW, limit=2):
        pass
    assert found("xuan") == {listing.pk for listing in listings}


def test_entries_come_with_the_first_listing_and_go_with_the_last():
    commodity = CommodityFactory(name="Dẻ")
    rebuild(now=NOW)
    assert not NamedEntry.objects.filter(kind="commodity").exists()
    seen = index_state().names_seq
    listings = [ListingFactory(commodity=commodity) for _ in range(2)]
    refreshed()
    assert NamedEntry.objects.get(kind="commodity").weight == 2
    assert index_state().names_seq > seen
    Product.objects.filter(pk__in=[listing.pk for listing in listings]).update(is_public=False)
    refreshed()
    assert not NamedEntry.objects.filter(kind="commodity").exists()


def test_a_price_alone_leaves_the_vocabulary_as_it_is():
    listing = ListingFactory()
    rebuild(now=NOW)
    before = index_state().names_seq
    Product.objects.filter(pk=listing.pk).update(price_per_unit=1_000)
    refreshed()
    assert index_state().names_seq == before


def test_a_cooperative_whose_last_day_has_come_is_no_longer_named():
    cooperative = CooperativeFactory()
    rebuild(now=NOW)
    CooperativeActivity.objects.filter(cooperative=cooperative).update(valid_to=date(2026, 12, 1))
    refreshed()
    assert NamedEntry.objects.filter(kind="cooperative").exists()
    refreshed(datetime(2026, 12, 1, tzinfo=UTC))
    assert not NamedEntry.objects.filter(kind="cooperative").exists()


def test_a_day_is_looked_through_once():
    rebuild(now=NOW)
    CommuneFactory(is_new=True, parent=ProvinceFactory(), valid_from=date(2026, 11, 22))
    IndexChange.objects.all().delete()
    assert [note_day(today=date(2026, 11, day)) for day in (20, 23, 23)] == [0, 1, 0]


# -- Two at once ------------------------------------------------------------------------------------------------------


def test_nothing_is_written_over_what_another_process_wrote_meanwhile(monkeypatch):
    listing = ListingFactory()
    rebuild(now=NOW)
    Product.objects.filter(pk=listing.pk).update(price_per_unit=1_000)
    stale = index_state()
    IndexState.objects.update(seq=stale.seq + 1)
    monkeypatch.setattr("search.indexing.index_state", lambda: stale)
    assert apply_changes(now=NOW) == 0
    assert IndexChange.objects.count() == 1
    assert document_of(listing).price == listing.price_per_unit


def test_changes_wait_while_the_index_is_built():
    listing = ListingFactory()
    rebuild(now=NOW)
    IndexState.objects.update(building_at=timezone.now())
    Product.objects.filter(pk=listing.pk).update(price_per_unit=1_000)
    assert apply_changes(now=NOW) == apply_stale(now=NOW) == 0
    IndexState.objects.update(building_at=None)
    assert apply_changes(now=NOW) == 1


def test_a_failure_of_the_index_costs_no_other_part_of_run_due(monkeypatch):
    monkeypatch.setattr("search.indexing.index_state", lambda: 1 / 0)
    assert run_part("search index", refresh_index) == 0


def test_a_rebuild_counts_what_changes_count():
    ListingFactory(title="Lê vàng Lê")
    rebuild(now=NOW)
    ListingFactory(title="Hạt dẻ rang")
    ListingFactory(title="Lê")
    refreshed()
    counted = dict(IndexedWord.objects.values_list("word", "documents"))
    rebuild(now=NOW)
    assert dict(IndexedWord.objects.values_list("word", "documents")) == counted
    assert counted["le+vang"] == counted["hat+de"] == 1
