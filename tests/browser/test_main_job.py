"""The main job, in a real Chromium: a cooperative lists, buyers order, the clerk delivers, an official sees the commune count."""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from catalog.models import Product
from cms.services import appoint_official, ensure_site
from cooperatives.indicators.services import load_rules_and_targets
from cooperatives.linkage.models import KeyProduct, LinkageArea, LinkageModel, LinkageParticipant, LinkageStatus
from cooperatives.models import Cooperative
from cooperatives.places.models import AdministrativeUnit
from marketplace.order.models import Order, Parcel
from marketplace.users.models import User
from tests.browser import hands
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.factories.commodities import CommodityFactory
from tests.factories.cooperatives import CooperativeFactory, MembershipFactory
from tests.factories.places import CommuneFactory, ProvinceFactory
from tests.factories.users import PASSWORD, UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BUYERS = (("Lý Thị Mai", "0912 345 678"), ("Trần Văn Bình", "0912 345 679"), ("Đỗ Thu Hà", "0912 345 680"))


@dataclass
class Cast:
    commune: AdministrativeUnit
    cooperative: Cooperative
    linkage: LinkageModel
    clerk: User
    official: User


@pytest.fixture
def cast(transactional_db) -> Cast:
    """A submitted linkage model for the commune's chestnuts, and nobody who has sold any yet."""
    started_on = timezone.localdate() - timedelta(days=200)
    ensure_site()
    load_rules_and_targets()
    province = ProvinceFactory(code=settings.HOME_PROVINCE_CODE, name="Tỉnh Cao Bằng", short_name="Cao Bằng")
    commune = CommuneFactory(is_new=True, parent=province, name="Xã Đàm Thủy", short_name="Đàm Thủy")
    cooperative = CooperativeFactory(home=commune, short_name="HTX Hạt dẻ Bản Giốc")
    chestnut = CommodityFactory(name="Hạt dẻ")
    KeyProduct.objects.create(unit=commune, commodity=chestnut, valid_from=started_on, decision_number="12/QĐ-UBND")
    linkage = LinkageModel.objects.create(
        code="MH-001", name="Hạt dẻ Bản Giốc", commodity=chestnut, form="LK3", valid_from=started_on
    )
    LinkageParticipant.objects.create(linkage=linkage, cooperative=cooperative, valid_from=started_on)
    LinkageArea.objects.create(linkage=linkage, unit=commune, valid_from=started_on, hectares=12)
    LinkageStatus.objects.create(
        linkage=linkage, status=LinkageStatus.Status.SUBMITTED, decided_on=started_on, recorded_at=timezone.now()
    )
    official = UserFactory(phone="+84912000021", full_name="Bế Văn Cán")
    appoint_official(user=official, unit=province, valid_from=started_on)
    clerk = MembershipFactory(cooperative=cooperative, user=UserFactory(phone="+84912000011")).user
    return Cast(commune, cooperative, linkage, clerk, official)


def log_in(visitor: Visitor, user: User) -> None:
    page = visitor.open(reverse("account_login"))
    page.fill("[name=login]", str(user.phone))
    page.fill("[name=password]", PASSWORD)
    visitor.press("main form button")


def photo() -> dict[str, object]:
    buffer = BytesIO()
    Image.new("RGB", (1200, 900), "#8a4b2a").save(buffer, "JPEG")
    return {"name": "hat-de.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def list_chestnuts(visitor: Visitor, cast: Cast) -> Product:
    page = visitor.open(reverse("portal:listing_new"))
    page.set_input_files("[name=photo]", photo())
    page.fill("[name=title]", "Hạt dẻ Trùng Khánh loại một")
    page.select_option("[name=commodity]", label="Hạt dẻ")
    page.select_option("[name=origin]", label="Xã Đàm Thủy")
    page.fill("[name=price_per_unit]", "120.000")
    page.select_option("[name=sale_unit]", "kg")
    page.check("[name=step][value='0.5']", force=True)
    page.fill("[name=stock]", "50")
    visitor.press("main form button.button--main")
    return Product.objects.get(cooperative=cast.cooperative)


def verify_linkage(visitor: Visitor, cast: Cast) -> None:
    address = reverse("linkage_decision", kwargs={"pk": cast.linkage.pk, "decision": "tham-dinh"})
    page = visitor.open(address)
    page.fill("[name=decision_number]", "124/QĐ-UBND")
    visitor.press("main form button[type=submit]")


def buy(visitor: Visitor, listing: Product, name: str, phone: str) -> Order:
    hands.put_into_basket(visitor, [listing.get_absolute_url()], "1,5")
    hands.place_order(visitor, name=name, phone=phone, commune="dam thuy", ways=[])
    order = Order.objects.get(buyer_name=name)
    assert order.number in visitor.page.url
    return order


def coverage_row(visitor: Visitor, cast: Cast) -> str:
    page = visitor.open(reverse("indicators:coverage"))
    return page.locator("tr", has=page.get_by_role("link", name=cast.commune.name)).first.inner_text()


def test_a_sale_from_a_listing_raises_the_commune_from_declared_to_traded(visit, cast):
    clerk, official = visit(PHONE), visit(DESK)
    log_in(clerk, cast.clerk)
    log_in(official, cast.official)

    listing = list_chestnuts(clerk, cast)
    assert listing.is_public
    assert "chưa phủ" in coverage_row(official, cast)

    verify_linkage(official, cast)
    assert "niêm yết" in coverage_row(official, cast)

    # Two of the three buyers have no JavaScript.
    orders = [buy(visit(PHONE, scripts=number == 0), listing, *buyer) for number, buyer in enumerate(BUYERS)]
    for number, order in enumerate(orders):
        assert "niêm yết" in coverage_row(official, cast), f"after {number} deliveries"
        hands.bring_to(clerk, order.parcels.get(), Parcel.Status.DELIVERED)

    assert "đã bán" in coverage_row(official, cast)
    page = official.page
    assert "1 / 1" in page.locator("main").inner_text()

    page = official.open(reverse("indicators:linkage", kwargs={"code": cast.linkage.code}))
    evidence = page.locator("main").inner_text()
    assert "3 người mua khác nhau" in " ".join(evidence.split())
    for name, phone in BUYERS:
        assert name not in evidence
        assert phone not in evidence
    assert [*clerk.errors, *official.errors] == []
