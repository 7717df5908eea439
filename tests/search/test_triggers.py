"""Changes are noted by the database itself, whoever writes them and however."""

from datetime import date

import pytest
from django.db import connection, transaction
from wagtail.models import Locale, Page

from catalog.models import Category, Product
from cms.models import TextPage
from cooperatives.certificates.models import Certificate, OcopRecognition
from cooperatives.commodities.models import Commodity
from cooperatives.models import Cooperative, CooperativeActivity
from cooperatives.partner.models import StockRecord
from cooperatives.places.models import AdministrativeUnit, DatedName, Succession
from marketplace.order.models import Parcel
from search import triggers
from search.models import IndexChange
from search.setup import drop_triggers, ensure_tables
from tests.factories.listings import ListingFactory
from tests.factories.orders import ParcelFactory
from tests.factories.places import SuccessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def listing():
    return ListingFactory()


def forget() -> None:
    IndexChange.objects.all().delete()


def noted() -> list[tuple[str, int]]:
    """What was noted since, which is then forgotten."""
    found = sorted(IndexChange.objects.values_list("kind", "object_id"))
    forget()
    return found


def test_an_update_of_many_rows_is_noted_for_each(listing):
    other = ListingFactory()
    forget()
    Product.objects.filter(pk__in=[listing.pk, other.pk]).update(price_per_unit=1_000)
    assert noted() == [("listing", listing.pk), ("listing", other.pk)]


def test_raw_sql_is_noted(listing):
    forget()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalogue_product SET title = %s WHERE id = %s", ["Lê", listing.pk])
    assert noted() == [("listing", listing.pk)]


def test_rows_made_in_bulk_are_noted(listing):
    forget()
    copies = [
        Product(
            title=f"Lê {number}", slug=f"le-{number}", state="published", is_public=True, price_per_unit=1,
            product_class=listing.product_class, cooperative=listing.cooperative, commodity=listing.commodity,
            origin_unit=listing.origin_unit, commune=listing.commune,
        )
        for number in range(3)
    ]  # fmt: skip
    Product.objects.bulk_create(copies)
    keys = Product.objects.filter(title__startswith="Lê ").values_list("pk", flat=True)
    assert noted() == sorted(("listing", key) for key in keys)


def test_what_is_taken_back_is_not_noted(listing):
    forget()
    with transaction.atomic():
        Product.objects.filter(pk=listing.pk).update(price_per_unit=1_000)
        transaction.set_rollback(True)
    assert noted() == []


def test_saving_a_listing_as_it_was_notes_nothing(listing):
    forget()
    Product.objects.get(pk=listing.pk).save()
    Product.objects.filter(pk=listing.pk).update(tolerance_percent=7)
    assert noted() == []


def test_listings_that_are_not_public_are_of_no_interest():
    draft = ListingFactory(is_public=False, state="draft", stock=3)
    forget()
    Product.objects.filter(pk=draft.pk).update(title="Lê")
    assert noted() == []
    Product.objects.filter(pk=draft.pk).update(is_public=True, state="published")
    assert noted() == [("listing", draft.pk)]


def test_stock_is_noted_only_when_it_runs_out_or_is_back(listing):
    stock = StockRecord.objects.filter(product=listing)
    forget()
    for allocated, is_noted in ((1, False), (39, False), (40, True), (40, False), (39, True), (None, False)):
        stock.update(num_allocated=allocated)
        assert bool(noted()) is is_noted
    stock.delete()
    assert noted() == [("listing", listing.pk)]


def test_a_parcel_is_noted_when_it_becomes_delivered_and_when_it_ceases_to_be():
    parcel = ParcelFactory(status="shipped")
    forget()
    rows = Parcel.objects.filter(pk=parcel.pk)
    rows.update(status="delivered", delivered_at=parcel.placed_at)
    assert noted() == [("parcel", parcel.pk)]
    rows.update(amount_received=1)
    assert noted() == []
    rows.update(status="returning")
    assert noted() == [("parcel", parcel.pk)]


def test_placing_an_order_notes_nothing_while_there_is_stock(listing):
    forget()
    ParcelFactory(listing=listing)
    assert [kind for kind, _key in noted() if kind in {"listing", "parcel"}] == []


def test_names_are_noted(listing):
    forget()
    Commodity.objects.filter(pk=listing.commodity_id).update(aliases="Mác lịch")
    assert noted() == [("commodity", listing.commodity_id)]
    Commodity.objects.filter(pk=listing.commodity_id).update(season_months=1)
    assert noted() == []
    category = Category.add_root(name="Trái cây", slug="trai-cay")
    Category.objects.filter(pk=category.pk).update(name="Quả")
    assert noted() == [("category", category.pk)]
    Cooperative.objects.filter(pk=listing.cooperative_id).update(name="Hợp tác xã Lê")
    assert noted() == [("cooperative", listing.cooperative_id)]
    Cooperative.objects.filter(pk=listing.cooperative_id).update(member_count=40)
    assert noted() == []
    CooperativeActivity.objects.filter(cooperative=listing.cooperative).update(valid_to=date(2030, 1, 1))
    assert noted() == [("cooperative", listing.cooperative_id)]


def test_units_and_their_histories_are_noted():
    succession = SuccessionFactory()
    forget()
    unit = succession.successor
    AdministrativeUnit.objects.filter(pk=unit.pk).update(name="Xã Đàm Thủy")
    assert noted() == [("unit", unit.pk)]
    DatedName.objects.create(
        unit=unit,
        kind="xa",
        name="Xã Chí Viễn",
        short_name="Chí Viễn",
        valid_from=date(2025, 7, 1),
        valid_to=date(2026, 1, 1),
    )
    assert noted() == [("unit", unit.pk)]
    Succession.objects.all().delete()
    assert noted() == [("unit", unit.pk)]


def test_certificates_and_stars_are_noted(listing):
    forget()
    certificate = Certificate.objects.create(
        cooperative=listing.cooperative, scheme="vietgap", number="VG-1", issuer="QUACERT",
        issued_on=date(2026, 1, 1), valid_from=date(2026, 1, 1),
    )  # fmt: skip
    assert noted() == [("cooperative", listing.cooperative_id)]
    Certificate.objects.filter(pk=certificate.pk).update(revoked_on=date(2026, 2, 1))
    assert noted() == [("cooperative", listing.cooperative_id)]
    recognition = OcopRecognition.objects.create(
        cooperative=listing.cooperative, product_name="Hạt dẻ", commodity=listing.commodity, stars=4, group="food",
        decision_number="1/QĐ", decided_on=date(2026, 1, 1),
    )  # fmt: skip
    forget()
    Product.objects.filter(pk=listing.pk).update(recognition=recognition)
    assert noted() == [("listing", listing.pk)]
    recognition.save()
    assert noted() == []
    OcopRecognition.objects.filter(pk=recognition.pk).update(revoked_on=date(2026, 3, 1))
    assert noted() == [("cooperative", listing.cooperative_id)]


def test_pages_are_noted_when_they_appear_and_disappear():
    Locale.objects.get_or_create(language_code="vi")
    root = Page.add_root(title="Gốc", slug="goc")
    forget()
    page = root.add_child(instance=TextPage(title="Giới thiệu", slug="gioi-thieu", body="<p>Chợ</p>", live=False))
    page.save_revision().publish()
    assert ("page", page.pk) in noted()
    page.refresh_from_db()
    page.unpublish()
    assert ("page", page.pk) in noted()
    page.delete()
    assert ("page", page.pk) in noted()


def test_triggers_are_made_once_and_away_during_migrations(listing):
    ensure_tables()
    drop_triggers(plan=[])
    forget()
    Product.objects.filter(pk=listing.pk).update(price_per_unit=1_000)
    assert noted() == [("listing", listing.pk)]
    drop_triggers(plan=["a migration"])
    Product.objects.filter(pk=listing.pk).update(price_per_unit=2_000)
    assert noted() == []
    triggers.create()
    Product.objects.filter(pk=listing.pk).update(price_per_unit=3_000)
    assert noted() == [("listing", listing.pk)]


def test_triggers_of_former_definitions_go(listing):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE TRIGGER search_note_old AFTER UPDATE ON catalogue_product "
                "FOR EACH ROW EXECUTE FUNCTION search_note_id('listing')"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER search_note_old AFTER UPDATE ON catalogue_product BEGIN "
                "INSERT INTO search_indexchange (kind, object_id, at) VALUES ('listing', 0, ''); END"
            )
    triggers.create()
    forget()
    Product.objects.filter(pk=listing.pk).update(price_per_unit=1_000)
    assert noted() == [("listing", listing.pk)]
