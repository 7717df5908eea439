"""Making, changing, showing and hiding listings."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from catalog import services, upkeep
from catalog.evidence import listing_facts
from catalog.models import ListingPublication, Product
from catalog.publications import CooperativeNotActiveError, OriginMissingError
from catalog.terms import PriceNotPositiveError, StockAllocatedError, StockNotConvertibleError
from cooperatives.linkage.models import ListingEvidence
from cooperatives.models import CooperativeActivity, CooperativeCommune
from cooperatives.partner.models import StockRecord
from marketplace.common.errors import DomainError
from marketplace.common.quantities import (
    QuantityNotMultipleError,
    QuantityNotPositiveError,
    QuantityNotWholeError,
    QuantityTooLargeError,
    StepPriceNotWholeError,
)
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.places import CommuneFactory, DistrictFactory, ProvinceFactory, SuccessionFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 10, 3, 0, tzinfo=UTC)  # 10:00 in Việt Nam
TODAY = date(2026, 9, 10)


def words(**changes) -> dict:
    """What a clerk says of chestnuts."""
    told = {
        "title": "Hạt dẻ Trùng Khánh",
        "sale_unit": "kg",
        "step": Decimal("0.5"),
        "price_per_unit": 120_000,
        "season_months": 0b0011_1000_0000,
        "description": "<p>Bùi và thơm.</p>",
        "by": None,
        "now": NOW,
    }
    return told | changes


def a_listing(**changes) -> Product:
    cooperative = changes.pop("cooperative", None) or CooperativeFactory()
    told = {
        "cooperative": cooperative,
        "commodity": changes.pop("commodity", None) or CommodityFactory(),
        "origin_unit": cooperative.communes.get().unit,
        "stock_quantity": Decimal(20),
    }
    return services.create_listing(**words(**{**told, **changes}))


def on_sale(**changes) -> Product:
    return services.publish_listing(listing=a_listing(**changes), by=None, now=NOW)


def edited(listing: Product, **changes) -> Product:
    listing.refresh_from_db()
    present = {
        "listing": listing,
        "commodity": listing.commodity,
        "origin_unit": listing.origin_unit,
        "now": NOW + timedelta(days=3),
    }
    return services.edit_listing(**words(**{**present, **changes}))


def evidence_matches_its_rebuild() -> bool:
    kept = {
        (e.source, e.cooperative_id, e.commodity_id, e.unit_id, e.first_on, e.last_on)
        for e in ListingEvidence.objects.all()
    }
    told = {(f.source, f.cooperative_id, f.commodity_id, f.unit_id, f.first_on, f.last_on) for f in listing_facts()}
    return kept == told


class TestMaking:
    def test_a_new_listing_is_a_draft_that_nobody_sees(self):
        listing = a_listing()
        assert (listing.state, listing.is_public) == (Product.State.DRAFT, False)
        assert not ListingPublication.objects.exists()

    def test_the_stock_record_counts_steps_and_prices_one_step(self):
        stock = StockRecord.objects.get(product=a_listing())
        assert (stock.num_in_stock, stock.num_allocated, stock.price) == (40, 0, Decimal(60_000))
        assert stock.price_currency == "VND"

    def test_its_commodity_gives_its_category_once(self):
        commodity = CommodityFactory(category="grain")
        first, second = a_listing(commodity=commodity), a_listing(commodity=commodity)
        assert first.category == second.category
        assert first.category.code == "grain"
        assert list(first.categories.all()) == [first.category]

    def test_its_description_keeps_no_script_and_no_attribute(self):
        listing = a_listing(description='<p onclick="x()">Ngon<script>alert(1)</script><img src=x onerror=y></p>')
        assert listing.description == "<p>Ngon</p>"

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"title": " \u200b "}, services.TitleMissingError),
            ({"title": "x" * 121}, services.TitleTooLongError),
            ({"price_per_unit": 0}, PriceNotPositiveError),
            ({"price_per_unit": -5}, PriceNotPositiveError),
            ({"price_per_unit": 2_000_000_001}, DomainError),
            ({"price_per_unit": 33_333, "step": Decimal("0.5")}, StepPriceNotWholeError),
            ({"step": Decimal(0)}, QuantityNotPositiveError),
            ({"step": Decimal("0.5"), "sale_unit": "piece"}, QuantityNotWholeError),
            ({"stock_quantity": Decimal(-1)}, QuantityNotPositiveError),
            ({"stock_quantity": Decimal("0.7")}, QuantityNotMultipleError),
            ({"stock_quantity": Decimal(10) ** 9}, QuantityTooLargeError),
            ({"season_months": 0}, services.SeasonInvalidError),
            ({"season_months": 4096}, services.SeasonInvalidError),
        ],
    )
    def test_what_cannot_be_sold_is_refused_and_nothing_is_written(self, change, error):
        with pytest.raises(error):
            a_listing(**change)
        assert not Product.objects.exists()
        assert not StockRecord.objects.exists()

    def test_an_origin_that_is_no_commune_of_today_is_refused_by_its_name(self):
        former = CommuneFactory(name="Xã Chí Viễn")
        with pytest.raises(services.OriginNotValidError, match="Xã Chí Viễn"):
            a_listing(origin_unit=former)
        with pytest.raises(services.OriginNotValidError):
            a_listing(origin_unit=ProvinceFactory())
        assert not Product.objects.exists()


class TestShowing:
    def test_putting_on_sale_opens_an_interval_and_its_evidence(self):
        listing = on_sale()
        publication = listing.publications.get()
        assert (publication.public_from, publication.public_to) == (NOW, None)
        row = ListingEvidence.objects.get()
        assert (row.commodity, row.unit, row.first_on, row.last_on) == (
            listing.commodity, listing.origin_unit, TODAY, None,
        )  # fmt: skip
        assert listing.published_at == NOW

    def test_putting_on_sale_twice_does_it_once(self):
        listing = on_sale()
        services.publish_listing(listing=listing, by=None, now=NOW + timedelta(minutes=1))
        assert listing.publications.count() == 1

    def test_a_listing_without_origin_is_not_put_on_sale(self):
        listing = a_listing(origin_unit=None)
        with pytest.raises(OriginMissingError):
            services.publish_listing(listing=listing, by=None, now=NOW)
        listing.refresh_from_db()
        assert (listing.state, listing.is_public) == (Product.State.DRAFT, False)
        assert not ListingEvidence.objects.exists()

    def test_a_cooperative_that_is_not_active_puts_nothing_on_sale(self):
        listing = a_listing(cooperative=CooperativeFactory(is_active=False))
        with pytest.raises(CooperativeNotActiveError):
            services.publish_listing(listing=listing, by=None, now=NOW)
        assert not ListingPublication.objects.exists()

    def test_a_pause_ends_the_interval_and_resuming_begins_another(self):
        listing = on_sale()
        services.pause_listing(listing=listing, by=None, now=NOW + timedelta(days=2))
        listing.refresh_from_db()
        assert (listing.state, listing.is_public) == (Product.State.PAUSED, False)
        services.publish_listing(listing=listing, by=None, now=NOW + timedelta(days=5))
        rows = ListingEvidence.objects.order_by("first_on").values_list("first_on", "last_on")
        assert list(rows) == [(TODAY, TODAY + timedelta(days=2)), (TODAY + timedelta(days=5), None)]
        assert evidence_matches_its_rebuild()

    def test_a_pause_at_midnight_leaves_the_new_day_out(self):
        listing = on_sale()
        services.pause_listing(listing=listing, by=None, now=datetime(2026, 9, 12, 17, 0, tzinfo=UTC))
        assert ListingEvidence.objects.get().last_on == date(2026, 9, 12)

    def test_a_listing_shown_for_a_moment_was_seen_on_that_day(self):
        listing = on_sale()
        services.pause_listing(listing=listing, by=None, now=NOW)
        assert ListingEvidence.objects.get().last_on == TODAY

    def test_pausing_twice_does_it_once(self):
        listing = on_sale()
        services.pause_listing(listing=listing, by=None, now=NOW + timedelta(hours=1))
        services.pause_listing(listing=listing, by=None, now=NOW + timedelta(days=1))
        assert listing.publications.get().public_to == NOW + timedelta(hours=1)

    def test_a_withdrawn_listing_never_comes_back(self):
        listing = services.withdraw_listing(listing=on_sale(), by=None, now=NOW + timedelta(days=1))
        with pytest.raises(services.TransitionNotAllowedError):
            services.publish_listing(listing=listing, by=None, now=NOW + timedelta(days=2))
        with pytest.raises(services.TransitionNotAllowedError):
            edited(listing)
        assert ListingEvidence.objects.get().last_on == TODAY + timedelta(days=1)

    def test_a_draft_is_not_paused(self):
        with pytest.raises(services.TransitionNotAllowedError):
            services.pause_listing(listing=a_listing(), by=None, now=NOW)


class TestChanging:
    def test_another_origin_closes_the_dated_row_and_the_evidence_and_opens_others(self):
        listing = on_sale()
        elsewhere = CommuneFactory(is_new=True, parent=ProvinceFactory())
        first = listing.origin_unit
        edited(listing, origin_unit=elsewhere)
        moved_on = TODAY + timedelta(days=3)
        assert list(listing.origins.order_by("valid_from").values_list("unit", "valid_from", "valid_to")) == [
            (first.pk, TODAY, moved_on), (elsewhere.pk, moved_on, None),
        ]  # fmt: skip
        rows = ListingEvidence.objects.order_by("pk").values_list("unit", "first_on", "last_on")
        assert list(rows) == [(first.pk, TODAY, moved_on), (elsewhere.pk, moved_on, None)]
        assert evidence_matches_its_rebuild()

    def test_another_commodity_opens_other_evidence_and_leaves_the_origin(self):
        listing = on_sale()
        edited(listing, commodity=CommodityFactory())
        assert ListingEvidence.objects.count() == 2
        assert listing.origins.count() == 1
        assert evidence_matches_its_rebuild()

    def test_two_changes_of_origin_on_one_day_leave_one_dated_row(self):
        listing = on_sale()
        for _ in range(2):
            unit = CommuneFactory(is_new=True, parent=ProvinceFactory())
            edited(listing, origin_unit=unit, now=NOW + timedelta(hours=1))
        assert listing.origins.get().unit == unit
        assert evidence_matches_its_rebuild()

    def test_other_words_touch_no_evidence(self):
        listing = on_sale()
        edited(listing, title="Hạt dẻ tươi", price_per_unit=130_000)
        listing.refresh_from_db()
        assert listing.title == "Hạt dẻ tươi"
        assert StockRecord.objects.get().price == Decimal(65_000)
        assert ListingPublication.objects.count() == 1

    def test_another_step_counts_the_same_stock_anew(self):
        listing = a_listing()
        edited(listing, step=Decimal("0.25"))
        stock = StockRecord.objects.get()
        assert (stock.num_in_stock, stock.price) == (80, Decimal(30_000))

    def test_a_stock_that_the_new_step_does_not_divide_is_rounded_down(self):
        listing = a_listing(stock_quantity=Decimal("20.5"))
        edited(listing, step=Decimal(2))
        assert StockRecord.objects.get().num_in_stock == 10

    def test_kilograms_become_grams(self):
        listing = a_listing()
        edited(listing, sale_unit="g", step=Decimal(100), price_per_unit=120)
        assert StockRecord.objects.get().num_in_stock == 200

    def test_kilograms_do_not_become_boxes_while_there_is_stock(self):
        listing = a_listing()
        with pytest.raises(StockNotConvertibleError):
            edited(listing, sale_unit="box", step=Decimal(1))
        listing.refresh_from_db()
        assert (listing.sale_unit, StockRecord.objects.get().num_in_stock) == ("kg", 40)

    def test_a_step_is_not_changed_while_orders_hold_stock(self):
        listing = a_listing()
        StockRecord.objects.update(num_allocated=3)
        with pytest.raises(StockAllocatedError, match="1,5 kg"):
            edited(listing, step=Decimal(1), title="Khác")
        listing.refresh_from_db()
        assert (listing.step, listing.title) == (Decimal("0.5"), "Hạt dẻ Trùng Khánh")
        edited(listing, title="Khác")

    def test_a_published_listing_keeps_an_origin(self):
        listing = on_sale()
        with pytest.raises(OriginMissingError):
            edited(listing, origin_unit=None)
        assert listing.origins.get().valid_to is None


class TestCooperativesAndUnits:
    def test_listings_of_a_suspended_cooperative_are_hidden_and_come_back(self):
        listing = on_sale()
        other = on_sale()
        cooperative = listing.cooperative
        CooperativeActivity.objects.filter(cooperative=cooperative).update(valid_to=TODAY + timedelta(days=1))
        then = NOW + timedelta(days=1)
        assert upkeep.suspend_cooperative_listings(cooperative=cooperative, now=then) == 1
        listing.refresh_from_db()
        other.refresh_from_db()
        assert (listing.state, listing.is_public, other.is_public) == (Product.State.PUBLISHED, False, True)
        with pytest.raises(CooperativeNotActiveError):
            upkeep.restore_cooperative_listings(cooperative=cooperative, now=then)
        CooperativeActivity.objects.create(cooperative=cooperative, valid_from=TODAY + timedelta(days=4))
        assert upkeep.restore_cooperative_listings(cooperative=cooperative, now=NOW + timedelta(days=5)) == 1
        assert ListingEvidence.objects.filter(cooperative=cooperative).count() == 2
        assert evidence_matches_its_rebuild()

    def test_the_daily_command_hides_and_shows_as_cooperatives_are_active(self):
        listing = on_sale()
        CooperativeActivity.objects.update(valid_to=TODAY + timedelta(days=1))
        assert upkeep.apply_cooperative_activity(now=NOW) == 0
        assert upkeep.apply_cooperative_activity(now=NOW + timedelta(days=1)) == 1
        assert upkeep.apply_cooperative_activity(now=NOW + timedelta(days=1)) == 0
        listing.refresh_from_db()
        assert not listing.is_public
        CooperativeActivity.objects.create(cooperative=listing.cooperative, valid_from=TODAY + timedelta(days=2))
        assert upkeep.apply_cooperative_activity(now=NOW + timedelta(days=2)) == 1
        listing.refresh_from_db()
        assert listing.is_public
        assert evidence_matches_its_rebuild()

    def test_a_reform_of_units_moves_listings_to_their_commune_of_today_and_keeps_the_origin(self):
        province = ProvinceFactory()
        old = CommuneFactory(parent=DistrictFactory(parent=province))
        cooperative = CooperativeFactory(home=old)
        before = datetime(2025, 3, 1, tzinfo=UTC)
        listing = services.publish_listing(listing=a_listing(cooperative=cooperative, now=before), by=None, now=before)
        assert listing.commune == old
        new = CommuneFactory(is_new=True, parent=province, name="Xã Mới")
        SuccessionFactory(predecessor=old, successor=new)
        assert upkeep.refresh_listing_communes(today=date(2025, 7, 1)) == 1
        assert upkeep.refresh_listing_communes(today=date(2025, 7, 1)) == 0
        listing.refresh_from_db()
        assert (listing.origin_unit, listing.commune) == (old, new)
        edited(listing, origin_unit=new, title="Chỉ đổi tên")
        listing.refresh_from_db()
        assert listing.origin_unit == old
        assert listing.origins.count() == 1

    def test_a_cooperative_has_one_partner_however_many_listings(self):
        cooperative = CooperativeFactory()
        a_listing(cooperative=cooperative)
        a_listing(cooperative=cooperative)
        assert StockRecord.objects.values("partner").distinct().count() == 1
        assert CooperativeCommune.objects.filter(cooperative=cooperative).count() == 1
