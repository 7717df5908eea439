"""Paying by transfer in a real browser: the buyer's code, the clerk's word, and a statement, with scripts and without."""

import io

import pytest
import zxingcpp
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cooperatives.models import Membership
from marketplace.order.placing import Buyer
from marketplace.payment.bank_accounts import change_account
from marketplace.payment.providers.vietqr.payload import transfer_payload
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_pages import enter
from tests.factories.cooperatives import MembershipFactory
from tests.factories.listings import ListingFactory
from tests.factories.payments import TRANSFER, prepaid_order
from tests.factories.users import UserFactory
from tests.payment.vietqr.made_statements import text_file

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
NAMES = ["Ngày giao dịch", "Số tham chiếu", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"]


@pytest.fixture
def listing(transactional_db):
    listing = ListingFactory(title="Hạt dẻ Trùng Khánh")
    change_account(
        cooperative=listing.cooperative,
        bank_bin="970405",
        account_number="DEMO000001",
        holder="HTX Nông sản",
        by=None,
        now=timezone.now(),
    )
    return listing


@pytest.fixture
def buyer():
    return UserFactory(full_name="Nông Thị Hoa")


@pytest.fixture
def parcel(listing, buyer):
    who = Buyer(name="Nông Thị Hoa", phone="+84912345678", email="", user=buyer)
    return prepaid_order(listing, method=TRANSFER, now=timezone.now(), buyer=who).parcels.get()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_code_on_the_page_is_read_by_a_scanner_and_says_what_the_text_says(visit, parcel, buyer, viewport):
    visitor = visit(viewport)
    enter(visitor, buyer)
    page = visitor.open(reverse("order:detail", args=[parcel.order.number]))
    picture = page.locator("svg.payment-code").screenshot()
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
    assert [code.text for code in codes] == [
        transfer_payload(bank_bin="970405", account_number="DEMO000001", amount=150_000, memo=parcel.payment_reference)
    ]
    words = page.locator("section.transfer").inner_text()
    for word in ("Agribank", "DEMO000001", "HTX NONG SAN", "150.000", parcel.payment_reference):
        assert word in words
    with page.expect_download() as download:
        page.click("section.transfer a[download]")
    assert zxingcpp.read_barcodes(Image.open(download.value.path()).convert("L"))[0].text == codes[0].text
    assert visitor.overflow() == 0
    assert visitor.violations() == []
    assert visitor.errors == []


@SCRIPTS
def test_the_clerk_says_in_three_taps_that_the_money_has_arrived(visit, listing, parcel, scripts):
    visitor = visit(PHONE, scripts=scripts)
    enter(visitor, MembershipFactory(cooperative=listing.cooperative).user)
    page = visitor.open(reverse("portal:parcel", args=[parcel.number]))
    visitor.press(f"a[href='{reverse('portal:transfer_received', args=[parcel.number])}']")
    visitor.press("main form .button--main")
    page.wait_for_url(f"**{reverse('portal:parcel', args=[parcel.number])}")
    parcel.refresh_from_db()
    assert parcel.payment_status == "paid"


@SCRIPTS
def test_a_statement_is_checked_imported_and_what_is_left_is_settled(visit, listing, parcel, scripts):
    visitor = visit(PHONE, scripts=scripts)
    enter(visitor, MembershipFactory(cooperative=listing.cooperative, role=Membership.Role.MANAGER).user)
    page = visitor.open(reverse("portal:money"))
    day = f"{timezone.localdate():%d/%m/%Y}"
    memo = f"MBVCB.4525077405.{parcel.payment_reference[:9]}"
    content = text_file([NAMES, [day, "FT1", "", "150.000", "", memo], [day, "FT2", "", "5.000", "", "tien le"]])
    page.set_input_files("input[type=file]", {"name": "saoke.csv", "mimeType": "text/csv", "buffer": content})
    visitor.press("form[enctype] button")
    page.wait_for_url("**/sao-ke/*/")
    assert visitor.overflow() == 0
    visitor.press("main form .button--main")
    page.wait_for_url(f"**{reverse('portal:money')}")
    visitor.press(page.locator("article", has_text=parcel.number.upper()).locator("a.button"))
    visitor.press("main form .button--main")
    page.wait_for_url(f"**{reverse('portal:money')}")
    parcel.refresh_from_db()
    assert parcel.payment_status == "paid"
    assert page.locator("article").count() == 1
    if scripts:
        assert visitor.violations() == []
    assert visitor.errors == []
