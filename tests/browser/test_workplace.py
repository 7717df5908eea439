"""The clerk's hands: how many taps things take, with scripts and without."""

from decimal import Decimal

import pytest
from django.urls import reverse
from PIL import Image

from cooperatives.partner.models import StockRecord
from marketplace.order.models import Parcel
from tests.browser.conftest import PHONE, Visitor
from tests.browser.test_pages import enter
from tests.factories.cooperatives import MembershipFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import ParcelFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture
def listing(transactional_db):
    return ListingFactory(title="Hạt dẻ", step=Decimal("0.5"))


def clerk(visit, listing, *, scripts: bool = True) -> Visitor:
    visitor = visit(PHONE, scripts=scripts)
    enter(visitor, MembershipFactory(cooperative=listing.cooperative).user)
    return visitor


def stock() -> int:
    return StockRecord.objects.get().num_in_stock


@SCRIPTS
def test_a_stock_is_corrected_by_one_tap_or_by_typing(visit, listing, scripts):
    visitor = clerk(visit, listing, scripts=scripts)
    page = visitor.open(reverse("portal:listings"))
    field = page.locator("[name=stock]")
    page.click("button[name=by][value='+']")
    page.locator("[name=stock][value='20,5']").wait_for()
    visitor.settle()
    field.fill("7")
    field.press("Enter")
    # The first press has its own word of success: only the number says that the second was answered.
    page.locator("[name=stock][value='7']").wait_for()
    visitor.settle()
    page.reload()
    assert field.input_value() == "7"
    assert stock() == 14
    field.fill("0,7")
    page.locator(".good__stock .button").click()
    page.locator(".good .field__error").wait_for()
    visitor.settle()
    assert field.input_value() == "0,7"
    assert stock() == 14
    assert [error for error in visitor.errors if "422" not in error] == []


@SCRIPTS
def test_each_step_of_a_day_takes_at_most_three_taps_from_the_days_page(visit, listing, scripts):
    parcel = ParcelFactory(listing=listing)
    visitor = clerk(visit, listing, scripts=scripts)
    page = visitor.open(reverse("portal:today"))
    for status in ("confirmed", "packed", "shipped", "delivered"):
        taps = 1
        visitor.press(".job .button--main")
        if page.locator("form.panel").count():
            taps += 1
            visitor.press("form.panel .button--main")
        assert page.url.endswith(reverse("portal:today"))
        parcel.refresh_from_db()
        assert parcel.status == status
        assert taps <= 3
    assert parcel.payment_status == Parcel.PaymentStatus.PAID
    assert visitor.errors == []


def test_a_wrong_form_moves_the_focus_to_what_is_wrong_and_keeps_the_photo(visit, listing, tmp_path):
    file = tmp_path / "anh.jpg"
    Image.new("RGB", (640, 480), "#8a4b2a").save(file)
    visitor = clerk(visit, listing)
    page = visitor.open(reverse("portal:listing_new"))
    page.set_input_files("[name=photo]", file)
    page.fill("[name=title]", "Hạt dẻ tươi")
    page.fill("[name=price_per_unit]", "1250,5")
    visitor.press("main form .button--main")
    assert page.evaluate("document.activeElement.matches('[data-errors]')")
    assert page.input_value("[name=title]") == "Hạt dẻ tươi"
    assert page.input_value("[name=price_per_unit]") == "1250,5"
    # The picture arrives after the page that names it: decode() waits for it, and fails where it never comes.
    kept = page.locator(".work-photo__kept img")
    assert kept.evaluate("async (image) => { await image.decode(); return image.naturalWidth }") > 0
    assert visitor.violations() == []
