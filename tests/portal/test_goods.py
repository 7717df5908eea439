"""A clerk lists goods with a photo, corrects the stock, pauses and edits; and what is not accepted."""

import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from catalog import photos
from catalog.models import Product
from cooperatives.linkage.models import ListingEvidence
from cooperatives.models import CooperativeActivity
from cooperatives.partner.models import StockRecord
from tests.catalog.test_photos import png_that_declares
from tests.factories.certificates import OcopRecognitionFactory
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory, MembershipFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import ParcelFactory
from tests.factories.places import CommuneFactory, ProvinceFactory

pytestmark = pytest.mark.django_db

NEW = "portal:listing_new"
# A recognition decided then is in force today.
RECENTLY = timezone.localdate() - timedelta(days=300)


@pytest.fixture
def cooperative():
    return CooperativeFactory()


@pytest.fixture
def work(client, cooperative):
    client.force_login(MembershipFactory(cooperative=cooperative).user)
    return client


@pytest.fixture
def commodity():
    return CommodityFactory(name="Hạt dẻ", season_months=0b0011_1000_0000)


def photo_file(content: bytes | None = None, name: str = "anh.jpg") -> SimpleUploadedFile:
    if content is None:
        file = BytesIO()
        Image.new("RGB", (640, 480), (150, 90, 30)).save(file, "JPEG")
        content = file.getvalue()
    return SimpleUploadedFile(name, content, "image/jpeg")


def said(cooperative, commodity, /, **changes) -> dict:
    form = {
        "title": "Hạt dẻ Trùng Khánh",
        "commodity": commodity.pk,
        "origin": cooperative.communes.get().unit_id,
        "sale_unit": "kg",
        "price_per_unit": "120.000",
        "step": "0.5",
        "stock": "20",
        "description": "Quả to <b>bùi</b>\n\nThơm",
    }
    return form | changes


def stored_files() -> set[str]:
    return set(photos._files_below("listings"))


class TestListing:
    def test_goods_are_on_sale_after_one_form_with_a_photo(self, work, cooperative, commodity):
        answer = work.post(reverse(NEW), said(cooperative, commodity, photo=photo_file()))
        assert answer.url == reverse("portal:listings")
        listing = Product.objects.get()
        assert (listing.state, listing.is_public, listing.cooperative) == ("published", True, cooperative)
        assert (listing.price_per_unit, listing.step) == (120_000, Decimal("0.5"))
        assert listing.season_months == commodity.season_months
        assert listing.cover_stem
        assert "&lt;b&gt;" in listing.description
        assert StockRecord.objects.get().num_in_stock == 40
        assert ListingEvidence.objects.get().unit == listing.origin_unit

    def test_ticked_months_come_before_the_usual_season(self, work, cooperative, commodity):
        work.post(reverse(NEW), said(cooperative, commodity, season=["1", "12"]))
        assert Product.objects.get().season_months == 0b1000_0000_0001

    def test_a_draft_is_kept_off_sale(self, work, cooperative, commodity):
        work.post(reverse(NEW), said(cooperative, commodity, draft="1"))
        assert Product.objects.get().state == "draft"

    def test_the_same_form_sent_twice_makes_one_listing(self, work, cooperative, commodity):
        page = work.get(reverse(NEW))
        reference = page.context["form"]["reference"].value()
        for _ in range(2):
            work.post(reverse(NEW), said(cooperative, commodity, reference=str(reference)))
        assert Product.objects.count() == 1
        assert Product.objects.get().publications.count() == 1

    def test_the_only_commune_that_is_served_is_chosen_already(self, work, cooperative):
        form = work.get(reverse(NEW)).context["form"]
        assert form["origin"].value() == cooperative.communes.get().unit_id

    def test_a_commune_that_is_not_served_is_refused(self, work, cooperative, commodity):
        elsewhere = CommuneFactory(is_new=True, parent=ProvinceFactory())
        answer = work.post(reverse(NEW), said(cooperative, commodity, origin=elsewhere.pk))
        assert "origin" in answer.context["form"].errors
        assert not Product.objects.exists()

    def test_a_cooperative_that_is_not_active_keeps_a_draft_and_is_told_why(self, work, cooperative, commodity):
        CooperativeActivity.objects.update(valid_to=date(2021, 1, 1))
        answer = work.post(reverse(NEW), said(cooperative, commodity), follow=True)
        assert [message.level_tag for message in answer.context["messages"]] == ["error"]
        assert Product.objects.get().state == "draft"


class TestRefusals:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("price_per_unit", "1250,5"),
            ("price_per_unit", "33.333"),
            ("price_per_unit", "0"),
            ("price_per_unit", "-5000"),
            ("price_per_unit", "9" * 12),
            ("price_per_unit", "mười nghìn"),
            ("price_per_unit", ""),
            ("stock", "-1"),
            ("stock", "0,7"),
            ("stock", "1000000000"),
            ("stock", "1.000"),
            ("stock", ""),
            ("title", ""),
            ("title", "x" * 121),
            ("step", "0.3"),
            ("sale_unit", "thung"),
            ("season", ["13"]),
            ("commodity", "99999"),
        ],
    )
    def test_a_wrong_value_is_named_at_its_field_and_nothing_is_made(self, work, cooperative, commodity, field, value):
        answer = work.post(reverse(NEW), said(cooperative, commodity, **{field: value}))
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        assert not Product.objects.exists()
        html = answer.content.decode()
        assert "Hạt dẻ Trùng Khánh" in html or field == "title"

    def test_half_a_piece_is_refused_at_the_step_and_at_the_stock(self, work, cooperative, commodity):
        answer = work.post(reverse(NEW), said(cooperative, commodity, sale_unit="piece"))
        assert "step" in answer.context["form"].errors
        answer = work.post(reverse(NEW), said(cooperative, commodity, sale_unit="piece", step="1", stock="1,5"))
        assert list(answer.context["form"].errors) == ["stock"]
        assert not Product.objects.exists()

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"khong phai anh",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            png_that_declares(20_000, 20_000).getvalue(),
        ],
        ids=["empty", "text", "svg", "bomb"],
    )
    @pytest.mark.parametrize("field", ["photo", "gallery_photo"])
    def test_what_is_no_photo_is_refused_at_the_photo(self, work, cooperative, commodity, content, field):
        answer = work.post(reverse(NEW), said(cooperative, commodity, **{field: photo_file(content)}))
        assert list(answer.context["form"].errors) == [field]
        assert not Product.objects.exists()
        assert stored_files() == set()


class TestKeptPhoto:
    def test_a_photo_survives_an_error_elsewhere(self, work, cooperative, commodity):
        wrong = said(cooperative, commodity, photo=photo_file(), price_per_unit="0")
        html = work.post(reverse(NEW), wrong).content.decode()
        reference = re.search(r'name="photo_reference" value="([^"]+)"', html).group(1)
        kept = stored_files()
        assert "-320.avif" in html
        work.post(reverse(NEW), said(cooperative, commodity, photo_reference=reference))
        listing = Product.objects.get()
        assert f"{listing.cover_stem}.jpg" in kept
        assert stored_files() == kept

    def test_a_forged_or_foreign_reference_is_no_photo(self, work, client, cooperative, commodity):
        wrong = said(cooperative, commodity, photo=photo_file(), price_per_unit="0")
        html = work.post(reverse(NEW), wrong).content.decode()
        reference = re.search(r'name="photo_reference" value="([^"]+)"', html).group(1)
        client.force_login(MembershipFactory(cooperative=cooperative).user)
        for text in (reference, reference + "x", "../../etc/passwd"):
            client.post(reverse(NEW), said(cooperative, commodity, photo_reference=text))
        assert Product.objects.filter(cover_stem="").count() == 3


class TestStock:
    def stock(self) -> int:
        return StockRecord.objects.get().num_in_stock

    def test_one_tap_moves_it_by_a_step_and_two_set_it(self, work, cooperative):
        url = reverse("portal:stock", args=[ListingFactory(cooperative=cooperative).pk])
        work.post(url, {"stock": "20", "by": "+"})
        assert self.stock() == 41
        work.post(url, {"stock": "20,5", "by": "-"})
        assert self.stock() == 40
        work.post(url, {"stock": "7,5"})
        assert self.stock() == 15
        work.post(url, {"stock": "0", "by": "-"})
        assert self.stock() == 0

    @pytest.mark.parametrize("typed", ["-1", "0,7", "1000000000", "1.000", "nhiều", ""])
    def test_a_wrong_stock_is_refused_in_words_and_kept_to_be_corrected(self, work, cooperative, typed):
        url = reverse("portal:stock", args=[ListingFactory(cooperative=cooperative).pk])
        answer = work.post(url, {"stock": typed})
        assert answer.status_code == 422
        row = answer.context["rows"][0]
        assert row.error
        assert row.typed == typed
        assert self.stock() == 40

    def test_half_a_piece_is_refused(self, work, cooperative):
        listing = ListingFactory(cooperative=cooperative, sale_unit="piece", step=Decimal(1))
        assert work.post(reverse("portal:stock", args=[listing.pk]), {"stock": "1,5"}).status_code == 422
        assert self.stock() == 20

    def test_what_is_promised_to_orders_cannot_be_taken_away(self, work, cooperative):
        listing = ListingFactory(cooperative=cooperative)
        ParcelFactory(listing=listing, units=2)
        answer = work.post(reverse("portal:stock", args=[listing.pk]), {"stock": "1,5"})
        assert "2 kg" in answer.context["rows"][0].error
        assert self.stock() == 40

    def test_htmx_gets_the_one_row_back(self, work, cooperative):
        listing = ListingFactory(cooperative=cooperative)
        url = reverse("portal:stock", args=[listing.pk])
        html = work.post(url, {"stock": "3"}, headers={"HX-Request": "true"}).content.decode()
        assert html.lstrip().startswith(f'<li class="good" id="hang-{listing.pk}">')
        assert 'value="3"' in html
        html = work.post(url, {"stock": "x"}, headers={"HX-Request": "true"}).content.decode()
        assert 'aria-invalid="true"' in html
        assert 'value="x"' in html


class TestChanging:
    def test_pause_and_back_on_sale(self, work, cooperative):
        listing = ListingFactory(cooperative=cooperative)
        for slug, state, is_public in (("tam-dung", "paused", False), ("ban", "published", True)):
            work.post(reverse("portal:listing_state", args=[listing.pk, slug]))
            listing.refresh_from_db()
            assert (listing.state, listing.is_public) == (state, is_public)

    def test_withdrawing_asks_first_and_cannot_be_undone(self, work, cooperative):
        listing = ListingFactory(cooperative=cooperative)
        url = reverse("portal:listing_state", args=[listing.pk, "go"])
        assert work.get(url).status_code == 200
        work.post(url)
        listing.refresh_from_db()
        assert listing.state == "withdrawn"
        assert work.get(reverse("portal:listing_edit", args=[listing.pk])).status_code == 404
        work.post(reverse("portal:listing_state", args=[listing.pk, "ban"]))
        listing.refresh_from_db()
        assert listing.state == "withdrawn"
        assert not work.get(reverse("portal:listings")).context["rows"]

    def test_a_change_that_does_not_exist_is_not_found(self, work, cooperative):
        listing = ListingFactory(cooperative=cooperative)
        assert work.post(reverse("portal:listing_state", args=[listing.pk, "xoa"])).status_code == 404
        assert work.get(reverse("portal:listing_state", args=[listing.pk, "ban"])).status_code == 404

    def test_the_form_shows_the_listing_and_saves_what_is_changed(self, work, cooperative):
        listing = ListingFactory(cooperative=cooperative, description="<p>Bùi &amp; thơm</p>", step=Decimal("0.3"))
        url = reverse("portal:listing_edit", args=[listing.pk])
        form = work.get(url).context["form"]
        assert form["description"].value() == "Bùi & thơm"
        assert form["price_per_unit"].value() == "120.000"
        assert form["step"].value() == "0.3"
        assert "stock" not in form.fields
        sent = {name: form[name].value() for name in form.fields if "photo" not in name and name != "reference"}
        work.post(url, {**sent, "title": "Hạt dẻ rang", "photo": photo_file()})
        listing.refresh_from_db()
        assert (listing.title, listing.step) == ("Hạt dẻ rang", Decimal("0.3"))
        assert listing.images.count() == 1

    def test_a_step_is_not_changed_while_orders_hold_goods(self, work, cooperative):
        listing = ListingFactory(cooperative=cooperative)
        ParcelFactory(listing=listing)
        url = reverse("portal:listing_edit", args=[listing.pk])
        form = work.get(url).context["form"]
        sent = {name: form[name].value() for name in form.fields if "photo" not in name and name != "reference"}
        answer = work.post(url, {**sent, "step": "1", "title": "Tên mới"})
        assert list(answer.context["form"].errors) == ["step"]
        listing.refresh_from_db()
        assert listing.title != "Tên mới"
        assert "Tên mới" in answer.content.decode()

    def test_a_photo_is_removed(self, work, cooperative, django_capture_on_commit_callbacks):
        listing = ListingFactory(cooperative=cooperative)
        work.post(
            reverse("portal:listing_edit", args=[listing.pk]),
            said(cooperative, listing.commodity, gallery_photo=photo_file()),
        )
        photo = listing.images.get()
        with django_capture_on_commit_callbacks(execute=True):
            work.post(reverse("portal:photo_remove", args=[listing.pk, photo.pk]))
        assert not listing.images.exists()
        assert not default_storage.exists(photo.original.name)
        foreign = ListingFactory()
        assert work.post(reverse("portal:photo_remove", args=[listing.pk, foreign.pk])).status_code == 404


def test_the_list_of_goods_costs_the_same_however_many(work, cooperative, django_assert_num_queries):
    # Session, user, membership, count, listings, their stock.
    for _ in range(2):
        ListingFactory.create_batch(3, cooperative=cooperative)
        with django_assert_num_queries(6):
            work.get(reverse("portal:listings"))


class TestWeightAndHarvest:
    """What delivery needs to know of a listing."""

    def test_what_one_weighs_and_the_day_of_harvest_are_kept(self, work, cooperative, commodity):
        work.post(
            reverse(NEW),
            said(cooperative, commodity, sale_unit="animal", step="1", unit_weight_kg="1,35", harvest_on="2026-12-24"),
        )
        listing = Product.objects.get()
        assert (listing.unit_weight_kg, str(listing.harvest_on)) == (Decimal("1.35"), "2026-12-24")
        shown = work.get(reverse("portal:listing_edit", args=[listing.pk])).content.decode()
        assert 'value="1,35"' in shown
        assert 'value="2026-12-24"' in shown

    @pytest.mark.parametrize("wrong", ["0", "-1", "1001", "10000000000", "x", "NaN"])
    def test_a_weight_that_makes_no_sense_is_refused(self, work, cooperative, commodity, wrong):
        answer = work.post(reverse(NEW), said(cooperative, commodity, unit_weight_kg=wrong))
        assert answer.status_code == 422
        assert "unit_weight_kg" in answer.context["form"].errors
        assert not Product.objects.exists()


class TestRecognition:
    def test_the_clerk_chooses_among_the_cooperatives_own_that_are_in_force(self, work, cooperative, commodity):
        own = OcopRecognitionFactory(cooperative=cooperative, commodity=commodity, decided_on=RECENTLY)
        OcopRecognitionFactory(cooperative=cooperative, product_name="Bánh đã hết hạn", decided_on=date(2020, 1, 1))
        OcopRecognitionFactory(product_name="Bánh của người khác", decided_on=RECENTLY)

        page = work.get(reverse(NEW)).content.decode()
        assert own.product_name in page
        assert "Bánh đã hết hạn" not in page
        assert "Bánh của người khác" not in page

        work.post(reverse(NEW), said(cooperative, commodity, title="Hạt dẻ 4 sao", recognition=own.pk))
        assert Product.objects.get().recognition == own

    def test_a_cooperative_without_any_is_not_asked(self, work):
        assert 'name="recognition"' not in work.get(reverse(NEW)).content.decode()

    def test_another_cooperatives_recognition_is_refused_and_nothing_is_made(self, work, cooperative, commodity):
        OcopRecognitionFactory(cooperative=cooperative, commodity=commodity, decided_on=RECENTLY)
        foreign = OcopRecognitionFactory(commodity=commodity, decided_on=RECENTLY)

        answer = work.post(reverse(NEW), said(cooperative, commodity, recognition=foreign.pk))

        assert answer.status_code == 422
        assert "recognition" in answer.context["form"].errors
        assert not Product.objects.exists()

    def test_a_claim_without_a_recognition_is_refused_at_the_name(self, work, cooperative, commodity):
        answer = work.post(reverse(NEW), said(cooperative, commodity, title="Hạt dẻ OCOP 4 sao"))

        assert answer.status_code == 422
        assert "title" in answer.context["form"].errors
        assert not Product.objects.exists()

    def test_the_claim_is_named_together_with_what_else_is_wrong(self, work, cooperative, commodity):
        answer = work.post(reverse(NEW), said(cooperative, commodity, title="Hạt dẻ 4 sao", price_per_unit=""))

        assert {"title", "price_per_unit"} <= set(answer.context["form"].errors)

    def test_saving_a_listing_whose_recognition_has_ended_drops_it(self, work, cooperative, commodity):
        OcopRecognitionFactory(cooperative=cooperative, commodity=commodity, decided_on=RECENTLY)
        ended = OcopRecognitionFactory(cooperative=cooperative, commodity=commodity, decided_on=date(2020, 1, 1))
        listing = ListingFactory(cooperative=cooperative, commodity=commodity, recognition=ended)
        url = reverse("portal:listing_edit", args=[listing.pk])

        assert ended.product_name not in work.get(url).content.decode()
        work.post(url, said(cooperative, commodity, recognition=""))

        listing.refresh_from_db()
        assert listing.recognition is None
