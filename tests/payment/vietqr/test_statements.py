import io
import tracemalloc
from contextlib import suppress
from datetime import date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from marketplace.common.errors import DomainError
from marketplace.common.spreadsheets import WorkbookUnreadableError
from marketplace.payment.providers.vietqr.statement_cells import (
    AmountNotWholeDongError,
    AmountUnreadableError,
    DateUnreadableError,
    amount_of,
    day_of,
)
from marketplace.payment.providers.vietqr.statement_columns import Column, find_columns
from marketplace.payment.providers.vietqr.statement_files import (
    StatementBrokenError,
    StatementEncodingError,
    StatementHeaderError,
    StatementOldFormatError,
)
from marketplace.payment.providers.vietqr.statements import (
    RowCellTooLongError,
    RowKeys,
    RowProblem,
    RowWithoutAmountError,
    RowWithoutDayError,
    RowWithTwoAmountsError,
    StatementRow,
    StatementTooLongError,
    read_statement,
)
from tests.payment.vietqr.made_statements import LAYOUTS, commas, commas_and_cents, dots, text_file, workbook

NAMES = ["Ngày giao dịch", "Số tham chiếu", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"]
ROW = ["05/10/2026", "FT1", "", "27.000", "1.000.000", "CLK7K2M9QX4P1"]


def read(content, maximum_rows=100):
    return list(read_statement(io.BytesIO(content), maximum_rows=maximum_rows))


def rows_of(*lines, **options):
    return read(text_file([NAMES, *lines], **options))


def errors_of(*lines):
    return [(row.number, type(row.error)) for row in rows_of(*lines) if isinstance(row, RowProblem)]


class TestAmounts:
    @pytest.mark.parametrize(
        ("cell", "amount"),
        [
            ("27.000", 27_000),
            ("27,000", 27_000),
            ("27,000.00", 27_000),
            ("27.000,00", 27_000),
            ("27000.00", 27_000),
            ("1.250", 1_250),
            ("1.250.000", 1_250_000),
            ("+27,000", 27_000),
            ("-27,000", -27_000),
            ("27,000-", -27_000),
            ("(27,000)", -27_000),
            ("\u221227 000", -27_000),
            ("27\u00a0000 VND", 27_000),
            ("27.000 ₫", 27_000),
            ("0", 0),
            ("", 0),
            ("-", 0),
            (None, 0),
            (27_000, 27_000),
            (27_000.0, 27_000),
            (-27_000, -27_000),
        ],
    )
    def test_every_way_of_writing_đồng_is_read(self, cell, amount):
        assert amount_of(cell) == amount

    @given(amount=st.integers(1, 10**11), write=st.sampled_from([str, dots, commas, commas_and_cents, float]))
    def test_what_a_bank_writes_is_what_is_read(self, amount, write):
        assert amount_of(write(amount)) == amount

    @pytest.mark.parametrize("cell", ["27.000,50", "27,000.5", "0.5", 0.5, 27_000.25])
    def test_parts_of_a_đồng_are_refused(self, cell):
        with pytest.raises(AmountNotWholeDongError):
            amount_of(cell)

    @pytest.mark.parametrize(
        "cell",
        ["abc", "27.00.000", "1.2500", "27..000", "1,00,000", "12e4", "१२", "1" * 30, True, float("nan"), 10**13],
    )
    def test_what_is_no_amount_is_refused(self, cell):
        with pytest.raises(AmountUnreadableError):
            amount_of(cell)


class TestDays:
    @pytest.mark.parametrize(
        ("cell", "day", "behind"),
        [
            ("05/10/2026", date(2026, 10, 5), ""),
            ("5-1-2026 08:15:59", date(2026, 1, 5), ""),
            ("05.10.26", date(2026, 10, 5), ""),
            ("2026-10-05T08:15", date(2026, 10, 5), ""),
            ("05/10/2026\n5243.65937", date(2026, 10, 5), "5243.65937"),
            (datetime(2026, 10, 5, 23, 59), date(2026, 10, 5), ""),  # noqa: DTZ001 - as a cell of a workbook is
            (date(2026, 10, 5), date(2026, 10, 5), ""),
        ],
    )
    def test_the_day_stands_before_the_month(self, cell, day, behind):
        assert day_of(cell) == (day, behind)

    @pytest.mark.parametrize("cell", ["31/02/2026", "hôm nay", "13/13/2026", "45000", "1/1/20261"])
    def test_what_is_no_day_is_refused(self, cell):
        with pytest.raises(DateUnreadableError):
            day_of(cell)


class TestColumns:
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_each_banks_row_of_names_is_known(self, layout):
        columns = find_columns(LAYOUTS[layout].names)
        assert {Column.DAY, Column.MEMO} <= columns.places.keys()
        assert (Column.AMOUNT in columns.places) == (layout == "bidv")

    def test_the_balance_and_the_other_partys_account_are_never_taken_for_money_or_name(self):
        columns = find_columns(LAYOUTS["vietinbank"].names)
        assert columns.places[Column.CREDIT] == 4
        assert columns.places[Column.PAYER] == 8
        assert 5 not in columns.places.values()

    @pytest.mark.parametrize(
        "cells", [[], ["Ngày"], ["Ngày", "Nội dung"], ["Nội dung", "Ghi có"], ["Có", "Không", "Ngày"]]
    )
    def test_a_row_that_lacks_something_is_no_row_of_names(self, cells):
        assert find_columns(cells) is None


class TestReading:
    @pytest.mark.parametrize(
        ("encoding", "delimiter"), product(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1258"], [",", ";", "\t"])
    )
    def test_every_encoding_and_separator_gives_the_same(self, encoding, delimiter):
        row = [*ROW[:5], "Nộp tiền gạo nếp, CLK7K2M9QX4P1; cảm ơn"]
        assert rows_of(row, encoding=encoding, delimiter=delimiter) == [
            StatementRow(2, date(2026, 10, 5), 27_000, "Nộp tiền gạo nếp, CLK7K2M9QX4P1; cảm ơn", "FT1", "")
        ]

    def test_a_workbook_with_numbers_and_dates_gives_the_same_as_one_with_texts(self):
        typed = [datetime(2026, 10, 5), "FT1", None, 27_000, 10**6, "CLK7K2M9QX4P1"]  # noqa: DTZ001 - as cells are
        assert read(workbook([NAMES, typed])) == read(workbook([NAMES, ROW]))

    def test_names_are_found_below_the_banks_letterhead_and_not_below_row_30(self):
        lines = [["Sao kê"]] * 29
        assert len(read(text_file([*lines, NAMES, ROW]))) == 1
        for content in (text_file([*lines, [], NAMES, ROW]), workbook([*lines, ["x"], NAMES, ROW])):
            with pytest.raises(StatementHeaderError):
                read(content)

    def test_the_second_row_of_names_and_rows_of_sums_are_passed_over(self):
        english = ["Transaction date", "Reference no", "Debit", "Credit", "Balance", "Details"]
        sums = ["Tổng cộng", "", "1.000", "2.000", "", ""]
        assert len(rows_of(english, ROW, [], sums, ["", "", "", "", "9.000", "Số dư cuối kỳ"])) == 1

    def test_a_row_with_text_alone_belongs_to_the_memo_above(self):
        rows = rows_of([*ROW[:5], "NONG THI HOA CLK7K2"], ["", "", "", "", "", "M9QX4P1 CONG TY"], ROW)
        assert [row.memo for row in rows] == ["NONG THI HOA CLK7K2 M9QX4P1 CONG TY", ROW[5]]

    def test_money_that_went_out_is_negative(self):
        rows = rows_of(["05/10/2026", "FT1", "27.000", "", "", "a"], ["05/10/2026", "FT2", "-27.000", "0", "", "a"])
        assert [row.amount for row in rows] == [-27_000, -27_000]


class TestProblems:
    def test_each_problem_names_its_row_and_the_others_are_read(self):
        assert errors_of(
            ["", "FT1", "", "27.000", "", "a"],
            ["32/10/2026", "FT1", "", "27.000", "", "a"],
            ["05/10/2026", "FT1", "", "hai mươi", "", "a"],
            ["05/10/2026", "FT1", "", "", "", "a"],
            ["05/10/2026", "FT1", "1.000", "27.000", "", "a"],
            ["05/10/2026", "FT1", "", "27.000,5", "", "a"],
            ["05/10/2026", "FT1", "", "27.000", "", "a" * 2_001],
            ROW,
        ) == [
            (2, RowWithoutDayError),
            (3, DateUnreadableError),
            (4, AmountUnreadableError),
            (5, RowWithoutAmountError),
            (6, RowWithTwoAmountsError),
            (7, AmountNotWholeDongError),
            (8, RowCellTooLongError),
        ]

    def test_a_quotation_mark_that_is_not_closed_stops_the_reading_instead_of_swallowing_rows(self):
        content = text_file([NAMES, ROW]) + b'05/10/2026,FT2,,27.000,,"CLK\r\n' + text_file([ROW, ROW])
        with pytest.raises(StatementBrokenError, match="3"):
            read(content)

    @pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b,c\n1,2,3\n", "Ngày,Nội dung\n".encode()])
    def test_a_file_without_the_names_is_refused(self, content):
        with pytest.raises(StatementHeaderError):
            read(content)

    @pytest.mark.parametrize(
        "content", [b"\xd0\xcf\x11\xe0" + b"0" * 100, b"<html><table>", b"  <?xml version='1.0'?>"]
    )
    def test_old_excel_and_web_pages_are_named(self, content):
        with pytest.raises(StatementOldFormatError):
            read(content)

    @pytest.mark.parametrize("content", [b"\xff\xfea", b"\xd2\xd2\x80\x8a\xd2 Ng\xe0y", b"\xff" * 9 + b"\x8a\x8f\x90"])
    def test_text_in_no_known_encoding_is_refused(self, content):
        with pytest.raises((StatementEncodingError, StatementHeaderError)):
            read(content)

    def test_a_picture_or_a_broken_workbook_is_refused(self):
        whole = workbook([NAMES, ROW])
        for content in (whole[: len(whole) // 2], b"PK\x03\x04" + b"\0" * 100):
            with pytest.raises(WorkbookUnreadableError):
                read(content)

    def test_more_rows_than_allowed_are_refused(self):
        with pytest.raises(StatementTooLongError):
            read(text_file([NAMES, *[ROW] * 11]), maximum_rows=10)
        assert len(read(text_file([NAMES, *[ROW] * 10]), maximum_rows=10)) == 10

    @given(content=st.binary(max_size=300))
    def test_any_bytes_are_read_or_refused_by_name(self, content):
        with suppress(DomainError):
            read(content)

    @given(
        cells=st.lists(
            st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12), max_size=8), max_size=6
        )
    )
    def test_any_cells_below_the_names_give_rows_or_problems(self, cells):
        for row in rows_of(*cells):
            assert isinstance(row, StatementRow | RowProblem)


class TestKeys:
    def keys(self, *rows):
        keys = RowKeys()
        return [keys.key(StatementRow(1, *row)) for row in rows]

    def test_the_banks_reference_names_the_row_however_the_memo_is_wrapped(self):
        day = date(2026, 10, 5)
        one, wrapped, other = self.keys(
            (day, 1_000, "AB", "FT1"), (day, 1_000, "A\nB x", "FT 1"), (day, 1_000, "AB", "FT2")
        )
        assert one == wrapped != other

    def test_a_reference_that_a_bank_uses_again_is_another_row_by_day_or_amount(self):
        day, next_day = date(2026, 10, 5), date(2026, 10, 6)
        rows = [
            (day, 1_000, "AB", "FT1"),
            (next_day, 1_000, "AB", "FT1"),
            (day, 2_000, "AB", "FT1"),
            (day, -1_000, "AB", "FT1"),
        ]
        assert len(set(self.keys(*rows))) == 4

    def test_without_references_two_equal_payments_are_two_and_the_same_in_the_next_file(self):
        day = date(2026, 10, 5)
        rows = [(day, 1_000, "AB"), (day, 1_000, "a b"), (day, 2_000, "AB")]
        first, again = self.keys(*rows), self.keys((date(2026, 10, 4), 1_000, "AB"), *rows)
        assert len(set(first)) == 3
        assert again[1:] == first


class TestMemory:
    def test_ten_times_the_rows_need_no_more_memory(self):
        def peak(count):
            line = ["05/10/2026", "FT{}", "", "27.000", "1.000.000", "CLK7K2M9QX4P1 NONG THI HOA chuyen tien " * 3]
            lines = [[*line[:1], f"FT{number}", *line[2:]] for number in range(count)]
            file = io.BytesIO(text_file([NAMES, *lines]))
            tracemalloc.start()
            try:
                keys = RowKeys()
                assert sum(1 for row in read_statement(file, maximum_rows=10**6) if keys.key(row)) == count
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

        assert peak(10_000) <= 1.5 * peak(1_000)


def test_a_workbook_of_a_chart_alone_is_refused():
    book = Workbook()
    book.create_chartsheet("Biểu đồ")
    del book["Sheet"]
    content = io.BytesIO()
    book.save(content)
    with pytest.raises(WorkbookUnreadableError):
        read(content.getvalue())
