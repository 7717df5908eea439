"""Workbooks: a statement, transfers for the bank, taxes of a month. Written row by row to a file on the disk, so that memory
does not grow with their length. Text that a program would run as a formula is disarmed; numbers stay numbers.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from tempfile import TemporaryFile
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from marketplace.common.spreadsheets import disarmed
from marketplace.settlement.columns import COLUMNS, rows_of, totals_of
from marketplace.settlement.models import Statement
from marketplace.settlement.words import amount_in_words

AMOUNT = "#,##0"
DAY = "dd/mm/yyyy"
BOLD = Font(bold=True)


class StatementAddsUpWrongError(Exception):
    """The parcels' nets are not the statement's: the file was not written."""


def statement_workbook(statement: Statement) -> IO[bytes]:
    """The statement by parcel, with the sums of its columns, open at its start. Two queries.

    Raises StatementAddsUpWrongError.
    """
    if totals_of(statement)["net"] != statement.net:
        raise StatementAddsUpWrongError(statement.number)
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(str(statement.number))
    _widen(sheet, [16, 12, 14, *([15] * len(COLUMNS))])
    sheet.freeze_panes = "A7"
    _add(sheet, [_("Statement"), statement.number], is_bold=True)
    _add(sheet, [_("Cooperative"), statement.cooperative.name])
    _add(sheet, [_("Registration number (tax code)"), statement.cooperative.registration_number])
    _add(sheet, [_("Period"), statement.period_from, statement.period_to])
    sheet.append([])
    _add(sheet, [_("Parcel"), _("Placed on"), _("Status"), *(str(column.label) for column in COLUMNS)], is_bold=True)
    sums = [0] * len(COLUMNS)
    for row in rows_of(statement):
        amounts = row.in_order()
        sums = [total + amount for total, amount in zip(sums, amounts, strict=True)]
        _add(sheet, [row.parcel_number or _("Other"), row.placed_on, row.status, *amounts])
    _add(sheet, [_("Total"), None, None, *sums], is_bold=True)
    sheet.append([])
    _add(sheet, [_("Net of this period"), int(statement.net)])
    _add(sheet, [_("Brought forward"), int(statement.brought_forward)])
    _add(sheet, [balance_label(statement), abs(statement.balance)], is_bold=True)
    _add(sheet, [_("In words"), amount_in_words(abs(statement.balance))])
    return _saved(workbook)


def table_workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """A plain table."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title[:31])
    _widen(sheet, [20] * len(header))
    _add(sheet, header, is_bold=True)
    for row in rows:
        _add(sheet, row)
    return _saved(workbook)


def balance_label(statement: Statement) -> str:
    """Who is to pay whom."""
    if statement.balance > 0:
        return _("To be paid out to the cooperative")
    return _("To be paid by the cooperative") if statement.balance < 0 else _("Nothing is to be paid")


def _add(sheet: WriteOnlyWorksheet, values: Iterable[Any], *, is_bold: bool = False) -> None:
    sheet.append([_cell(sheet, value, is_bold=is_bold) for value in values])


def _cell(sheet: WriteOnlyWorksheet, value: Any, *, is_bold: bool) -> Any:
    cell = WriteOnlyCell(sheet, value=disarmed(value))
    if isinstance(value, int):
        cell.number_format = AMOUNT
    elif isinstance(value, date):
        cell.number_format = DAY
        cell.alignment = Alignment(horizontal="left")
    else:
        # Never a formula, whatever the text begins with.
        cell.data_type = "s" if isinstance(value, str) else cell.data_type
    if is_bold:
        cell.font = BOLD
    return cell


def _widen(sheet: WriteOnlyWorksheet, widths: Sequence[int]) -> None:
    for index, width in enumerate(widths):
        sheet.column_dimensions["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[index]].width = width


def _saved(workbook: Workbook) -> IO[bytes]:
    # Whoever sends it closes it.
    file = TemporaryFile()  # noqa: SIM115
    workbook.save(file)
    file.seek(0)
    return file
