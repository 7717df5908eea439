"""The three ways of paying, each with a refund, clicked through at the width of a phone; then the statement of all three,
read as a page, as a workbook and as a paper: to the đồng what the ledger says.
"""

import io
import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
import zxingcpp
from django.core.management import call_command
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader

from catalog.models import Product
from marketplace.ledger.models import Entry
from marketplace.ledger.selectors import balances_of, owed_to
from marketplace.order.models import Order, Parcel
from marketplace.payment.bank_accounts import change_account
from marketplace.payment.models import Refund
from marketplace.payment.providers.vietqr.payload import transfer_payload
from marketplace.settlement.columns import COLUMNS
from marketplace.settlement.fees import set_fee
from marketplace.settlement.models import Statement
from marketplace.settlement.sweep import sweep
from tests.browser import hands
from tests.browser.conftest import PHONE, Visitor
from tests.browser.test_pages import enter
from tests.factories.cooperatives import MembershipFactory
from tests.factories.listings import ListingFactory
from tests.factories.places import CommuneFactory, ProvinceFactory
from tests.stripe_stand_in.stand_in import StripeStandIn

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DECLINED, ASKS = "4000 0000 0000 0002", "4000 0025 0000 3155"
# 1 kg of either listing with its delivery.
PARCEL = 150_000


@dataclass
class Market:
    """Two cooperatives with a listing and a clerk each; both clerks and the buyer have their window open."""

    near: Product
    far: Product
    near_clerk: Visitor
    far_clerk: Visitor
    buyer: Visitor
    stripe: StripeStandIn

    def buys(self, name: str, phone: str, *listings: Product, quantity: str, ways: list[str]) -> Order | None:
        hands.put_into_basket(self.buyer, [listing.get_absolute_url() for listing in listings], quantity)
        hands.place_order(self.buyer, name=name, phone=phone, commune="dam thuy", ways=ways)
        self.buyer.page.wait_for_url(re.compile(r"/don-hang/|/c/pay/"))
        return Order.objects.get(buyer_name=name)

    def sees(self, order: Order, *words: str) -> None:
        """The buyer's page of the order says so, is sound, and is no wider than the telephone."""
        page = self.buyer.open(reverse("order:detail", args=[order.number]))
        text = " ".join(page.inner_text("main").split())
        for word in words:
            assert word in text, f"{word!r} is missing: {text}"
        sound(self.buyer)


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def market(request, transactional_db, visit, stripe) -> Market:
    province = ProvinceFactory(name="Tỉnh Cao Bằng", short_name="Cao Bằng")
    CommuneFactory(is_new=True, parent=province, name="Xã Đàm Thủy", short_name="Đàm Thủy")
    near, far = ListingFactory(title="Hạt dẻ Trùng Khánh"), ListingFactory(title="Miến dong Nguyên Bình")
    change_account(
        cooperative=near.cooperative,
        bank_bin="970405",
        account_number="DEMO000001",
        holder="HTX Nông sản",
        by=None,
        now=timezone.now(),
    )
    set_fee(rate=Decimal("2.5"), valid_from=timezone.localdate() - timedelta(days=30))
    windows = [visit(PHONE, scripts=request.param) for _ in range(3)]
    for window, listing in zip(windows, (near, far), strict=False):
        enter(window, MembershipFactory(cooperative=listing.cooperative).user)
    return Market(near, far, *windows, stripe)


def sound(visitor: Visitor) -> None:
    assert visitor.overflow() <= 0
    assert not visitor.has_scripts or visitor.violations() == []


def pays_by_card(market: Market) -> Parcel:
    """Declined, then asked by the bank; both cooperatives deliver, one gives a part of a line back."""
    order = market.buys("Lý Thị Mai", "0912 345 678", market.near, market.far, quantity="1", ways=["card"])
    page = market.buyer.page
    page.wait_for_url(f"{market.stripe.url}/c/pay/*")
    hands.type_card(market.buyer, DECLINED)
    page.wait_for_selector("[role=alert]")
    market.buyer.errors.clear()  # The hosted page answers 402.
    hands.type_card(market.buyer, ASKS)
    market.buyer.press("#complete")
    page.wait_for_url(f"**/don-hang/{order.number}/")
    market.sees(order, "Đã thanh toán")
    parcel, other = (order.parcels.get(cooperative=listing.cooperative) for listing in (market.near, market.far))
    hands.bring_to(market.near_clerk, parcel, Parcel.Status.DELIVERED)
    hands.bring_to(market.far_clerk, other, Parcel.Status.DELIVERED)
    hands.promise_back(market.near_clerk, parcel, amount="20.000", line=parcel.lines.get().pk)
    sound(market.near_clerk)
    call_command("run_due")
    assert market.stripe.drain()
    refunds = market.stripe.state()["refund"]
    assert [(made["amount"], made["status"]) for made in values(refunds)] == [(20_000, "succeeded")]
    assert Refund.objects.get(parcel=parcel).status == Refund.Status.SUCCEEDED
    market.sees(order, "Hoàn một phần", "20.000")
    assert order.parcels.get(pk=other.pk).payment_status == Parcel.PaymentStatus.PAID
    return parcel


def pays_by_transfer(market: Market) -> Parcel:
    """The code is scanned, the clerk says that the money is there, packs less and gives the rest back by hand."""
    order = market.buys("Trần Văn Bình", "0912 345 679", market.near, quantity="2", ways=["transfer"])
    parcel = order.parcels.get()
    market.sees(order, "DEMO000001", parcel.payment_reference, "270.000")
    shown = market.buyer.page.locator("svg.payment-code")
    # Not under the bar at the bottom of the window.
    shown.evaluate("code => code.scrollIntoView({block: 'center'})")
    picture = shown.screenshot()
    code = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))[0]
    assert code.text == transfer_payload(
        bank_bin="970405", account_number="DEMO000001", amount=270_000, memo=parcel.payment_reference
    )
    clerk = market.near_clerk
    page = clerk.open(reverse("portal:parcel", args=[parcel.number]))
    clerk.press(f"a[href='{reverse('portal:transfer_received', args=[parcel.number])}']")
    clerk.press("main form .button--main")
    page.wait_for_url(f"**{reverse('portal:parcel', args=[parcel.number])}")
    market.sees(order, "Đã thanh toán")
    hands.bring_to(clerk, parcel, Parcel.Status.CONFIRMED)
    page = clerk.open(reverse("portal:parcel", args=[parcel.number]))
    clerk.press(f"a[href='{reverse('portal:pack', args=[parcel.number])}']")
    sound(clerk)
    page.fill(f"[name=line_{parcel.lines.get().pk}]", "1,5")
    page.check("[name=reason][value=ran_out]")
    clerk.press("form.panel .button--main")
    page.wait_for_url(f"**{reverse('portal:parcel', args=[parcel.number])}")
    market.sees(order, "60.000", "1,5 kg")
    hands.write_down_given(clerk, parcel, "FT26328000123")
    sound(clerk)
    hands.bring_to(clerk, parcel, Parcel.Status.DELIVERED)
    assert (parcel.total, parcel.amount_received, parcel.amount_refunded) == (210_000, 270_000, 60_000)
    market.sees(order, "FT26328000123", "210.000")
    return parcel


def pays_in_cash(market: Market) -> Parcel:
    """Money goes back after the delivery; the buyer says that it has not come, and the clerk reads it."""
    order = market.buys("Đỗ Thu Hà", "0912 345 680", market.near, quantity="1", ways=["cod"])
    parcel = order.parcels.get()
    hands.bring_to(market.near_clerk, parcel, Parcel.Status.DELIVERED)
    market.sees(order, "Đã thanh toán")
    hands.promise_back(market.near_clerk, parcel, amount="30.000")
    hands.write_down_given(market.near_clerk, parcel, "Đưa tận tay chị Hà")
    market.sees(order, "Hoàn một phần", "Đưa tận tay chị Hà")
    page = market.buyer.page
    market.buyer.press(f"a[href='{reverse('order:contest', args=[order.number, parcel.refunds.get().pk])}']")
    sound(market.buyer)
    page.fill("[name=note]", "Chưa ai đưa tiền")
    market.buyer.press("main form .button--main")
    page.wait_for_url(f"**/don-hang/{order.number}/")
    market.near_clerk.open(reverse("portal:refunds"))
    assert "Chưa ai đưa tiền" in market.near_clerk.page.inner_text("main")
    page = market.near_clerk.open(reverse("portal:today"))
    assert page.locator(f".message a[href='{reverse('portal:refunds')}']").count() == 1
    hands.write_down_given(market.near_clerk, parcel, "FT26328000999")
    market.sees(order, "FT26328000999")
    return parcel


def values(objects):
    return list(objects.values()) if isinstance(objects, dict) else list(objects)


def number(text: str) -> int:
    """Of an amount as it is written for people."""
    sign = -1 if re.match(r"[-−]", text.strip()) else 1
    return sign * int(re.sub(r"\D", "", text))


def read_statement(clerk: Visitor, statement: Statement) -> list[dict[str, int]]:
    """The sums of its columns as the page, the workbook and the paper give them."""
    page = clerk.open(reverse("portal:settlement"))
    clerk.press(f"a[href='{reverse('portal:settlement_statement', args=[statement.number])}']")
    sound(clerk)
    amounts = page.locator("section[aria-labelledby=sums] dd").all_inner_texts()
    names = [column.name for column in COLUMNS]
    of_page = dict(zip(names, map(number, amounts), strict=True))

    with page.expect_download() as download:
        page.click(f"a[href='{reverse('portal:settlement_xlsx', args=[statement.number])}']")
    sheet = load_workbook(io.BytesIO(download.value.path().read_bytes())).active
    table = [[cell.value for cell in row[3 : 3 + len(names)]] for row in sheet.iter_rows(min_row=7)]
    parcels, total = table[: statement.items.count()], table[statement.items.count()]
    assert [sum(column) for column in zip(*parcels, strict=True)] == total

    paper = clerk.context.request.get(clerk.base + reverse("portal:settlement_paper", args=[statement.number])).body()
    text = " ".join(part.extract_text() for part in PdfReader(io.BytesIO(paper)).pages)
    rows = [line for line in text.splitlines() if any(number in line for number in numbers_of(statement))]
    of_paper = [[number(found) for found in amounts_in(row)][-len(names) :] for row in rows]
    sums = [sum(column) for column in zip(*of_paper, strict=True)]
    return [of_page, dict(zip(names, total, strict=True)), dict(zip(names, sums, strict=True))]


def numbers_of(statement: Statement) -> list[str]:
    return [item.parcel.number.upper() for item in statement.items.select_related("parcel")]


def amounts_in(row: str) -> list[str]:
    return re.findall(r"[-−]?\d{1,3}(?:\.\d{3})*", re.split(r"/20\d\d", row, maxsplit=1)[1])


def test_card_transfer_and_cash_with_a_refund_each_and_the_statement_of_them(market):
    parcels = [flow(market) for flow in (pays_by_card, pays_by_transfer, pays_in_cash)]
    near, far = market.near.cooperative_id, market.far.cooperative_id
    assert Entry.objects.aggregate(total=Sum("amount"))["total"] == 0
    # 2.5 % of what the buyers kept: of 100.000, 180.000 and 90.000 of goods, and of 120.000 at the other one.
    assert owed_to(near) == PARCEL - 20_000 - 2_500 - 4_500 - 2_250
    assert owed_to(far) == PARCEL - 3_000

    day = timezone.localdate() + timedelta(days=10)
    statements = sweep(period_to=day - timedelta(days=1), now=timezone.now() + timedelta(days=10))
    statement = next(made for made in statements if made.cooperative_id == near)
    assert {item.parcel for item in statement.items.all()} == set(parcels)
    assert statement.balance == owed_to(near)
    ledger = balances_of(near)
    of_page, of_workbook, of_paper = read_statement(market.near_clerk, statement)
    assert of_page == of_workbook == of_paper
    assert (of_page["collected"], of_page["refunded"]) == (-ledger["collected"], -ledger["refunds_paid"])
    assert of_page["fee"] == -ledger["fee_owed"]
    assert of_page["received_directly"] + of_page["refunded_directly"] == ledger["received_directly"]
    assert of_page["charged"] == sum(parcel.total for parcel in parcels)
    assert of_page["net"] == statement.net == owed_to(near)
    assert [*market.buyer.errors, *market.near_clerk.errors, *market.far_clerk.errors] == []
