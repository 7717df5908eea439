"""The checkout in a real browser: choices follow the commune, with scripts and without."""

import pytest

from marketplace.order.models import Order
from marketplace.shipping.models import DeliveryZone
from tests.browser.conftest import DESK, PHONE
from tests.factories.cooperatives import PickupPointFactory, ZoneFactory
from tests.factories.listings import ListingFactory
from tests.factories.offers import voucher
from tests.factories.places import CommuneFactory, ProvinceFactory
from tests.factories.settlement import name_account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def listings(transactional_db):
    """Of two cooperatives; one brings its goods to the commune for less than to the rest of the country."""
    province = ProvinceFactory(name="Tỉnh Cao Bằng", short_name="Cao Bằng")
    commune = CommuneFactory(is_new=True, parent=province, name="Xã Đàm Thủy", short_name="Đàm Thủy")
    near, far = ListingFactory(), ListingFactory()
    DeliveryZone.objects.filter(method__cooperative=near.cooperative).delete()
    method = near.cooperative.delivery_methods.get()
    ZoneFactory(method=method, areas=[commune], tiers=[[None, 15_000]])
    ZoneFactory(method=method, tiers=[[None, 45_000]])
    PickupPointFactory(cooperative=far.cooperative)
    voucher(value=10)
    return [near, far]


@pytest.mark.parametrize(("viewport", "scripts"), [(PHONE, True), (DESK, True), (PHONE, False)])
def test_a_guest_orders_from_two_cooperatives_with_a_code(visit, listings, viewport, scripts):
    buyer = visit(viewport, scripts=scripts)
    for listing in listings:
        page = buyer.open(listing.get_absolute_url())
        buyer.press(".buy button.button--main")
    page = buyer.open("/dat-hang/")
    assert page.locator("button[value=place]").count() == 0
    page.fill("[name=phone]", "0912 345 678")
    page.fill("[name=name]", "Nông Thị Hoa")
    page.fill("[name=commune]", "xa dam thuy")
    page.fill("[name=street]", "Xóm Bản Giốc")
    if not scripts:
        buyer.press("#sums button[value=update]")
    page.wait_for_selector("button[value=place]")
    assert "165.000" in page.inner_text("#sums")
    assert page.input_value("[name=street]") == "Xóm Bản Giốc"
    if scripts:
        assert not buyer.violations()
        assert buyer.overflow() <= 0

    page.click(f"input[name=delivery-{listings[1].cooperative_id}] >> nth=1")
    if not scripts:
        buyer.press("#parcels button[value=update]")
    page.wait_for_selector("#sums:has-text('135.000')")
    buyer.settle()
    page.click("#voucher summary")
    page.fill("#id_voucher", "tet2027")
    buyer.press("button[value=voucher]")
    assert "123.000" in page.inner_text("#sums")
    buyer.press("button[value=place]")
    page.wait_for_url("**/don-hang/*/")
    order = Order.objects.get()
    assert order.total_incl_tax == 123_000 == sum(parcel.total for parcel in order.parcels.all())
    assert not buyer.errors


def test_what_is_chosen_while_an_answer_is_under_way_stays_chosen(visit, listings):
    buyer = visit(PHONE, scripts=True)
    page = buyer.open(listings[0].get_absolute_url())
    buyer.press(".buy button.button--main")
    name_account(listings[0].cooperative)
    page = buyer.open("/dat-hang/")
    waiting = []
    page.route(
        "**/dat-hang/", lambda route: waiting.append(route) if route.request.method == "POST" else route.continue_()
    )
    page.fill("[name=commune]", "xa dam thuy")
    page.locator("[name=commune]").blur()
    for _turn in range(600):
        if waiting:
            break
        page.wait_for_timeout(50)
    page.check("[name^=payment][value=transfer]")
    waiting[0].continue_()
    page.wait_for_selector("button[value=place]")
    page.wait_for_selector("[name^=payment][value=transfer]:checked", state="attached")
    assert not buyer.errors
