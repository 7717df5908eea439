"""The demo, loaded in a reduced size: what it holds, and that its coverage is computed and tells a story."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import F, Q, Sum

from catalog.models import ListingPublication, Product
from cooperatives.certificates.models import Certificate, OcopRecognition
from cooperatives.certificates.selectors import facts_for
from cooperatives.indicators.selectors import coverage
from cooperatives.linkage.models import KeyProduct, LinkageModel, LinkageStatus, SaleEvidence
from cooperatives.linkage.rebuild import rebuild
from cooperatives.models import Cooperative, CooperativeCommune
from cooperatives.partner.models import StockRecord
from cooperatives.places.models import AdministrativeUnit
from marketplace.basket.services import use_voucher
from marketplace.checkout.quotes import quote_basket
from marketplace.demo import source
from marketplace.demo.accounts import PASSWORD, logins
from marketplace.demo.loader import OtherDataPresentError, is_loaded, load_demo
from marketplace.demo.vouchers import CODE
from marketplace.demo.world import World
from marketplace.order.models import Line, Order, Parcel, ParcelEvent
from marketplace.order.states import HOLDS_STOCK, TRANSITIONS, order_status
from marketplace.shipping.areas import renew_reach
from marketplace.shipping.models import ZoneArea
from marketplace.shipping.rates import Destination, charge_of
from marketplace.shipping.selectors import offers_of
from marketplace.users.models import User
from tests.factories.orders import basket_with

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One small demo for the whole module, taken back at its end."""
    small = World(seed=1, today=TODAY, orders=700)
    with django_db_blocker.unblock(), transaction.atomic():
        load_demo(world=small)
        yield small
        transaction.set_rollback(True)


@pytest.fixture
def figures(world):
    province = AdministrativeUnit.objects.filter(code="04", level="province").latest("valid_from")

    def at(day):
        return {result.code: result for result in coverage(province, day, today=TODAY).indicators}

    return at


def test_a_third_of_the_listings_have_stars_or_certificates(world):
    rows = Product.objects.values_list("pk", "cooperative_id", "commodity_id", "recognition_id")
    facts = facts_for(rows, on=TODAY)
    confirmed = [each for each in facts.values() if each.stars or each.schemes]
    assert 0.3 <= len(confirmed) / len(facts) <= 0.5
    assert {each.stars for each in confirmed} == {0, 3, 4}
    assert len(frozenset().union(*(each.schemes for each in confirmed))) >= 10


def test_recognitions_and_certificates_are_marked_and_some_end_soon_or_have_ended(world):
    soon = TODAY + timedelta(days=90)
    for model in (OcopRecognition, Certificate):
        assert not model.objects.exclude(note="Dữ liệu mẫu").exists()
        assert model.objects.in_force(TODAY).filter(valid_to__lte=soon).exists()
        assert model.objects.filter(valid_to__lte=TODAY).exists()
        for row in model.objects.all():
            row.full_clean()
    for listing in Product.objects.filter(recognition__isnull=False).select_related("recognition"):
        assert listing.recognition.cooperative_id == listing.cooperative_id


def test_it_holds_what_it_promises(world):
    assert Cooperative.objects.filter(is_demo=True).count() >= 24
    assert Product.objects.count() >= 120
    assert Product.objects.filter(is_public=True).count() >= 100
    assert LinkageModel.objects.filter(is_demo=True).count() == 40
    assert Order.objects.count() >= 700


def test_everything_fictional_is_marked(world):
    assert not Cooperative.objects.exclude(name__endswith="(dữ liệu mẫu)").exists()
    assert not KeyProduct.objects.exclude(decision_number__endswith="(dữ liệu mẫu)").exists()
    assert not Product.objects.exclude(description__contains="Dữ liệu mẫu").exists()
    assert set(Cooperative.objects.values_list("phone", flat=True)) == {
        f"+84912000{rank:03d}" for rank in range(1, len(source.cooperatives()) + 1)
    }


def test_key_products_stand_in_both_unit_systems(world):
    before, after = (KeyProduct.objects.in_force(day) for day in (date(2025, 6, 30), date(2025, 7, 1)))
    assert before.count() == len(source.key_products())
    assert not before.exclude(unit__valid_to=source.RESTRUCTURED_ON).exists()
    assert not after.exclude(unit__valid_from=source.RESTRUCTURED_ON).exists()
    assert after.values("unit", "commodity").distinct().count() == after.count()


def test_some_rows_keep_the_unit_that_they_were_made_with(world):
    open_rows = CooperativeCommune.objects.in_force(TODAY)
    assert open_rows.filter(unit__valid_to__isnull=False).exists()
    assert open_rows.filter(unit__valid_to__isnull=True).exists()


def test_every_public_listing_is_complete(world):
    public = Product.objects.filter(is_public=True)
    assert not public.filter(Q(commune__valid_to__isnull=False) | Q(category=None)).exists()
    opened = ListingPublication.objects.filter(public_to=None).values_list("product", flat=True)
    assert set(opened) == set(public.values_list("pk", flat=True))


def test_no_listing_of_alcohol_hides_the_age_limit(world):
    spirits = Product.objects.filter(commodity__code="ruou-ngo")
    assert spirits.count() == 2
    assert not spirits.exclude(description__contains="từ 18 tuổi").exists()


def test_parcels_move_only_as_the_table_allows(world):
    for parcel in Parcel.objects.prefetch_related("events"):
        statuses = [event.to_status for event in parcel.events.all()]
        assert statuses[0] == Parcel.Status.PLACED
        assert statuses[-1] == parcel.status
        assert all(after in TRANSITIONS[before] for before, after in itertools.pairwise(statuses))
    assert not ParcelEvent.objects.filter(occurred_at__gt=world.now).exists()


def test_orders_derive_their_status_and_total_from_their_parcels(world):
    for order in Order.objects.prefetch_related("parcels"):
        parcels = order.parcels.all()
        assert order.status == order_status([parcel.status for parcel in parcels])
        assert order.total_incl_tax == sum(parcel.total for parcel in parcels)
    goods = Parcel.objects.annotate(lines_total=Sum("lines__line_price_incl_tax"))
    assert not goods.exclude(goods_total=F("lines_total")).exists()


def test_allocated_stock_equals_the_lines_that_hold_it(world):
    held = Line.objects.filter(parcel__status__in=HOLDS_STOCK).aggregate(steps=Sum("quantity"))["steps"]
    assert StockRecord.objects.aggregate(steps=Sum("num_allocated"))["steps"] == held
    assert not Line.objects.exclude(parcel__status__in=HOLDS_STOCK).exclude(num_allocated=0).exists()


def test_the_clerk_of_the_demo_finds_parcels_to_confirm(world):
    clerk = User.objects.get(phone=world.clerks["phia-den"].phone)
    cooperative = clerk.memberships.get().cooperative
    assert Parcel.objects.filter(cooperative=cooperative, status=Parcel.Status.PLACED).exists()


def test_the_evidence_equals_what_its_sources_tell(world):
    report = rebuild(check=True)
    assert report.agrees
    assert all(table.rows for table in report.tables)


def test_what_clerks_buy_from_their_own_cooperative_is_no_evidence(world):
    phones = [clerk.phone for clerk in world.clerks.values()]
    numbers = Order.objects.filter(buyer_phone__in=phones, parcels__status="delivered").values("number")
    sales = SaleEvidence.objects.filter(order_key__in=numbers)
    assert sales.exists()
    assert not sales.exclude(by_insider=True).exists()


def test_declared_coverage_rises_to_its_target_by_the_restructuring(figures):
    quarters = [date(2023, 3, 31), date(2023, 12, 31), date(2024, 12, 31), date(2025, 6, 30)]
    declared = [figures(day)["L1"] for day in quarters]
    assert [share.denominator for share in declared] == [139] * 4
    assert [share.numerator for share in declared] == [36, 53, 78, 101]
    assert declared[-1].is_declared_target_met


def test_traded_coverage_rises_too_and_lags(figures):
    quarters = [date(2023, 3, 31), date(2023, 12, 31), date(2024, 12, 31), date(2025, 6, 30)]
    shares = [figures(day)["L1"] for day in quarters]
    traded = [share.traded for share in shares]
    assert traded == sorted(set(traded))
    assert all(share.traded < share.numerator for share in shares)


def test_denominators_change_with_the_communes_and_some_models_lapse(figures):
    before, after, now = (figures(day) for day in (date(2025, 6, 30), date(2025, 9, 30), TODAY))
    assert (before["L1"].denominator, after["L1"].denominator) == (139, 53)
    assert (before["L2"].denominator, after["L2"].denominator) == (10, 10)
    assert now["L1"].numerator < after["L1"].numerator
    assert now["L3"].denominator < after["L3"].denominator


def test_the_registry_shows_every_kind_of_status(world):
    assert set(LinkageStatus.objects.values_list("status", flat=True)) == set(LinkageStatus.Status.values)


def test_each_printed_login_opens_its_door(world, client):
    for _, login, _page in logins():
        assert client.login(**_credentials(login)), login
        client.logout()


def _credentials(login):
    key = "email" if "@" in login else "phone"
    return {key: login if key == "email" else "+84" + login.replace(" ", "")[1:], "password": PASSWORD}


def test_a_second_load_is_refused(world):
    assert is_loaded()
    with pytest.raises(OtherDataPresentError):
        load_demo(world=World(seed=1, today=TODAY, orders=10))


def test_the_demo_keeps_away_from_other_data(db):
    Cooperative.objects.create(
        name="HTX Thật", short_name="HTX Thật", slug="htx-that", registration_number="4800000001",
        registered_on=TODAY, registered_by="Sở Tài chính", representative="Hà Thị Mai",
    )  # fmt: skip
    with pytest.raises(OtherDataPresentError):
        is_loaded()


def test_every_cooperative_delivers_everywhere_and_many_can_be_visited(world):
    offered = offers_of(Cooperative.objects.values_list("pk", flat=True))
    communes = AdministrativeUnit.objects.in_force(TODAY).filter(level="commune").order_by("pk")
    some = [Destination(unit.pk, unit.province_id) for unit in communes[::97]]
    for offer in offered.values():
        for to in some:
            assert any(charge_of(way, destination=to, weight_g=3_000, goods_total=0) for way in offer.methods)
        for zone in (zone for way in offer.methods for zone in way.zones):
            zone.tariff.require_sense()
    with_points = [offer for offer in offered.values() if any(way.pickup for way in offer.methods)]
    assert len(with_points) * 2 > len(offered)
    assert any(offer.rules.minimum_order for offer in offered.values())


def test_delivery_zones_reach_what_their_areas_are_on_the_demos_day(world):
    assert renew_reach(on=TODAY) == 0
    assert ZoneArea.objects.filter(unit__level="district").exists()


def test_parcels_of_the_past_were_charged_by_where_they_went(world):
    near = Parcel.objects.filter(order__shipping_address__commune__province__code="04")
    assert set(near.values_list("delivery_charge", flat=True)) >= {0, 25_000}
    assert set(Parcel.objects.values_list("delivery_kind", flat=True)) == {"carrier"}
    assert not Parcel.objects.filter(status="delivered", tracking_number="").exists()
    assert not Parcel.objects.filter(expected_until__lt=F("expected_from")).exists()


def test_its_code_takes_a_tenth_off_a_basket(world):
    now = datetime(2026, 11, 23, 3, tzinfo=UTC)
    listing = Product.objects.filter(is_public=True, stockrecords__num_in_stock__gt=100).order_by("pk")[0]
    basket = basket_with((listing, 200_000 // int(listing.price_per_unit) + 1), now=now)
    use_voucher(basket=basket, code=CODE, owner=None, now=now)
    quote = quote_basket(basket_id=basket.pk, owner=None, deliveries={}, now=now)
    assert quote.goods_total >= 200_000
    assert quote.discount == quote.goods_total // 10
