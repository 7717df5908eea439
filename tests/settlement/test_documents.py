"""What is given out adds up to the đồng: the files are read back and added up."""

import csv
import io
import re
import sys

import pytest
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader

from marketplace.common.images import ImageDamagedError, normalise
from marketplace.settlement import bank_files, papers, payouts
from marketplace.settlement.columns import COLUMNS, totals_of
from marketplace.settlement.models import Statement
from marketplace.settlement.papers import NoPangoError, RefusedAddressError, part_of, statement_html, statement_pdf
from marketplace.settlement.sheets import StatementAddsUpWrongError, statement_workbook, table_workbook
from marketplace.settlement.sweep import sweep
from marketplace.settlement.words import amount_in_words
from tests.factories.cooperatives import CooperativeFactory
from tests.factories.settlement import PERIOD_TO, SWEPT_AT, finance_person, name_account, sold_parcel

pytestmark = pytest.mark.django_db
FIRST_ROW = 7


@pytest.fixture
def statement() -> Statement:
    cooperative = CooperativeFactory(name='=HYPERLINK("http://evil.example")')
    for number in range(5):
        sold_parcel(cooperative, paid_by=("card", "cash", "transfer")[number % 3], units=number + 1)
    return sweep(period_to=PERIOD_TO, now=SWEPT_AT)[0]


def amounts(text: str) -> list[int]:
    return [int(found.replace(".", "")) for found in re.findall(r"-?\d{1,3}(?:\.\d{3})*", text)]


def test_the_workbook_adds_up_by_row_and_column(statement):
    sheet = load_workbook(statement_workbook(statement)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=FIRST_ROW, max_row=FIRST_ROW + 5)]
    parcels, total = [row[3:] for row in rows[:5]], rows[5][3:]
    assert (
        [sum(column) for column in zip(*parcels, strict=True)]
        == total
        == list(totals_of(statement).values())[:0] + [totals_of(statement)[column.name] for column in COLUMNS]
    )
    for goods, seller, marketplace, delivery, charged, direct, back, *owed in parcels:
        assert goods + seller + marketplace + delivery == charged
        assert sum(owed[:-1]) == owed[-1]
        assert direct + back + owed[0] == charged
    assert total[-1] == statement.net
    said = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=FIRST_ROW + 6)}
    assert statement.balance in said.values()
    assert amount_in_words(statement.balance) in said.values()


def test_in_the_workbook_numbers_are_numbers_and_no_text_is_a_formula(statement):
    sheet = load_workbook(statement_workbook(statement)).active
    assert sheet["B2"].value == "'" + statement.cooperative.name
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet.cell(FIRST_ROW, 4).data_type == "n"
    assert sheet.cell(FIRST_ROW, 1).value == statement.items.order_by("pk").first().parcel.number.upper()


def test_a_statement_whose_parcels_do_not_make_its_net_is_not_written(statement):
    statement.net += 1
    with pytest.raises(StatementAddsUpWrongError):
        statement_workbook(statement)


def test_the_paper_shows_every_parcel_and_adds_up(statement):
    pages = PdfReader(io.BytesIO(statement_pdf(statement, part_of(statement, 1)))).pages
    text = " ".join(page.extract_text() for page in pages)
    lines = text.splitlines()
    nets = []
    for item in statement.items.select_related("parcel"):
        row = next(line for line in lines if item.parcel.number.upper() in line)
        numbers = amounts(row.split("/2026", 1)[1])
        assert numbers[-1] == item.net
        assert sum(numbers[7:-1]) == item.net
        nets.append(numbers[-1])
    assert sum(nets) == statement.net
    assert statement.number in text
    assert amount_in_words(statement.balance) in text.replace("\n", " ")


def test_a_long_statement_comes_in_parts_that_make_the_whole(statement, monkeypatch):
    monkeypatch.setattr(papers, "PART", 2)
    parts = [part_of(statement, number) for number in (1, 2, 3)]
    assert part_of(statement, 4) is None
    assert part_of(statement, 0) is None
    numbers = [item.parcel.number.upper() for item in statement.items.order_by("pk")]
    for part, shown in zip(parts, (numbers[:2], numbers[2:4], numbers[4:]), strict=True):
        html = statement_html(statement, part)
        assert [number for number in numbers if number in html] == shown


def test_a_paper_reaches_no_network_and_no_file():
    for address in ("http://evil.example/x.css", "file:///etc/passwd"):
        with pytest.raises(RefusedAddressError):
            papers._refuse(address)


def test_a_paper_that_was_made_lets_no_damaged_photo_in(statement, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    statement_pdf(statement, part_of(statement, 1))
    photo = io.BytesIO()
    Image.effect_noise((400, 300), 60).convert("RGB").save(photo, "JPEG")
    with pytest.raises(ImageDamagedError):
        normalise(io.BytesIO(photo.getvalue()[: len(photo.getvalue()) // 2]))


def test_where_pango_is_missing_the_paper_says_so(statement, monkeypatch):
    class Missing:
        def find_spec(self, name, *_):
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(NoPangoError):
        statement_pdf(statement, part_of(statement, 1))


def test_the_file_for_the_bank_names_each_approved_payout_once():
    made = [sold_parcel(CooperativeFactory(), paid_by="card") for _ in range(2)]
    for parcel in made:
        name_account(parcel.cooperative, number=f"00{parcel.cooperative_id:08d}")
    people = [finance_person(), finance_person()]
    due = [statement.payout for statement in sweep(period_to=PERIOD_TO, now=SWEPT_AT)]
    for payout in due:
        for person in people:
            payouts.approve(payout=payout, by=person, now=SWEPT_AT)
    file = payouts.export(payouts=due, by=people[0], now=SWEPT_AT)
    text = bank_files.csv_of(file)
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:])))[1:]
    sheet = load_workbook(bank_files.workbook_of(file)).active
    in_sheet = list(sheet.iter_rows(min_row=2, values_only=True))
    for row, cells, payout, parcel in zip(rows, in_sheet, due, made, strict=True):
        holder = f"HOP TAC XA NONG NGHIEP BAN {parcel.cooperative.name.split()[-1]}"
        wanted = [f"00{parcel.cooperative_id:08d}", holder, "VietinBank", str(payout.amount)]
        assert row[1:5] == wanted
        assert [cells[1], cells[4]] == [wanted[0], payout.amount]
        assert re.fullmatch(r"[A-Za-z0-9 ]+", row[5])


def test_formulas_in_a_table_are_disarmed():
    sheet = load_workbook(table_workbook("x", ["a"], [["=1+1"], ["+84"], ["-"], ["@x"], [5]])).active
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["'=1+1", "'+84", "'-", "'@x", 5]
