"""Tax withheld for households: off, on, rounded by line, offset on returns."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from marketplace.common.money import round_half_up
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance, owed_to
from marketplace.order.models import Parcel
from marketplace.settlement.checks import differences
from marketplace.settlement.models import SellerTaxStatus, Withholding, WithholdingRate
from marketplace.settlement.sweep import sweep
from marketplace.settlement.taxes import month_workbook
from marketplace.settlement.withholding import withhold
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.orders import PLACED_AT
from tests.factories.settlement import PERIOD_TO, SWEPT_AT, hours, sold_parcel

pytestmark = pytest.mark.django_db
LATER = PLACED_AT + timedelta(days=3)


@pytest.fixture(autouse=True)
def _rates(db):
    """As the migration loads them; tests without migrations have none."""
    WithholdingRate.objects.all().delete()
    for nature, vat, income in (("goods", "1", "0.5"), ("services", "5", "2"), ("transport", "3", "1.5")):
        WithholdingRate.objects.create(
            seller_kind="resident",
            nature=nature,
            vat_rate=Decimal(vat),
            income_rate=Decimal(income),
            valid_from=date(2025, 7, 1),
            legal_source="Nghị định 117/2025/NĐ-CP",
        )


@pytest.fixture
def household():
    cooperative = CooperativeFactory()
    SellerTaxStatus.objects.create(
        cooperative=cooperative, kind="resident", identity_number="004080001234", valid_from=date(2026, 1, 1)
    )
    return cooperative


def tax_on(amount: int, percent: str) -> int:
    return round_half_up(amount * Decimal(percent) / 100)


def test_switched_off_nothing_is_withheld(household):
    sold_parcel(household, paid_by="card")
    (statement,) = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    assert statement.items.get().tax == 0
    assert not Withholding.objects.exists()


def test_switched_on_the_statement_withholds_of_goods_and_delivery(household, settings):
    settings.TAX_WITHHOLDING = True
    parcel = sold_parcel(household, paid_by="card")
    (statement,) = sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    goods, delivery = int(parcel.goods_total), int(parcel.delivery_charge)
    wanted = tax_on(goods, "1") + tax_on(goods, "0.5") + tax_on(delivery, "3") + tax_on(delivery, "1.5")
    item = statement.items.get()
    assert (item.tax, item.net) == (wanted, parcel.total - item.fee - wanted)
    assert balance(Account.Kind.TAX_PAYABLE) == -wanted
    assert owed_to(household.pk) == statement.balance
    assert {row.accrued_on for row in Withholding.objects.all()} == {date(2026, 11, 20)}
    assert differences() == []


@pytest.mark.parametrize("paid_by", ["cash", "transfer"])
def test_what_the_seller_received_itself_bears_none(household, settings, paid_by):
    settings.TAX_WITHHOLDING = True
    sold_parcel(household, paid_by=paid_by)
    sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    assert not Withholding.objects.exists()


def test_a_cooperative_declares_itself(settings):
    settings.TAX_WITHHOLDING = True
    sold_parcel(CooperativeFactory(), paid_by="card")
    sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    assert not Withholding.objects.exists()


def test_a_status_that_is_not_in_force_on_the_day_does_not_count(settings):
    settings.TAX_WITHHOLDING = True
    cooperative = CooperativeFactory()
    SellerTaxStatus.objects.create(
        cooperative=cooperative,
        kind="resident",
        identity_number="004080001234",
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 11, 20),
    )
    sold_parcel(cooperative, paid_by="card")
    sweep(period_to=PERIOD_TO, now=SWEPT_AT)
    assert not Withholding.objects.exists()


def test_withholding_again_adds_nothing(household):
    parcel = sold_parcel(household, paid_by="card")
    assert withhold(parcel_ids=[parcel.pk], by=LATER) == 1
    assert withhold(parcel_ids=[parcel.pk], by=LATER) == 0
    assert Withholding.objects.count() == 2


def test_what_came_back_is_set_off_with_the_rates_of_its_sale(household):
    parcel = sold_parcel(household, paid_by="card")
    withhold(parcel_ids=[parcel.pk], by=LATER)
    WithholdingRate.objects.update(vat_rate=9)
    Parcel.objects.filter(pk=parcel.pk).update(status="returned")
    assert withhold(parcel_ids=[parcel.pk], by=LATER) == 1
    assert balance(Account.Kind.TAX_PAYABLE) == 0
    assert sum(row.base for row in Withholding.objects.all()) == 0
    assert differences() == [] or all("fee" in line for line in differences())


def test_each_line_is_rounded_to_the_dong(household):
    parcel = sold_parcel(household, paid_by="card")
    # 1 % of 150 is 1,5: rounded up; 0.5 % is 0,75.
    parcel.lines.update(line_price_incl_tax=150)
    withhold(parcel_ids=[parcel.pk], by=LATER)
    row = Withholding.objects.get(line__isnull=False)
    assert (row.base, row.vat, row.income_tax) == (150, 2, 1)


def test_the_months_file_adds_up_and_keeps_identity_numbers_as_text(household):
    parcel = sold_parcel(household, paid_by="card")
    sold_parcel(household, paid_by="card", now=PLACED_AT + hours(24 * 14))
    withhold(parcel_ids=list(Parcel.objects.values_list("pk", flat=True)), by=SWEPT_AT + timedelta(days=30))
    rows = list(load_workbook(io.BytesIO(month_workbook(date(2026, 11, 1)).read())).active.iter_rows(min_row=2))
    values = [[cell.value for cell in row] for row in rows]
    assert {row[0] for row in values} == {"004080001234"}
    assert {row[2] for row in values} == {parcel.number.upper()}
    assert sum(row[5] for row in values) == parcel.total
    assert sum(row[6] + row[7] for row in values) == sum(
        row.vat + row.income_tax for row in Withholding.objects.filter(parcel=parcel)
    )
