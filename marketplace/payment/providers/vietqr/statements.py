"""A bank's statement, read row by row: money in or out, or a problem that is named with the number of its row."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.common.text import clean_text, fold
from marketplace.payment.providers.vietqr.references import compact
from marketplace.payment.providers.vietqr.statement_cells import CellError, amount_of, day_of, text_of
from marketplace.payment.providers.vietqr.statement_columns import Column, Columns, find_columns
from marketplace.payment.providers.vietqr.statement_files import (
    HEADER_WITHIN,
    StatementError,
    StatementHeaderError,
    statement_rows,
    type_of_row,
)

MAXIMUM_CELL = 2_000
# Rows of sums and balances above and below the movements.
_SUMS = (
    "tong",
    "cong phat sinh",
    "so du",
    "du dau",
    "du cuoi",
    "phat sinh",
    "luy ke",
    "total",
    "opening",
    "closing",
    "balance",
)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One movement of the account. `amount` is what came in; what went out is negative. `number` is the row's in the file."""

    number: int
    booked_on: date
    amount: int
    memo: str
    bank_reference: str = ""
    payer: str = ""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that cannot be read, and why."""

    number: int
    error: DomainError


class StatementTooLongError(StatementError):
    code = "statement_too_long"
    message = _(
        "The statement has more than %(maximum)s rows. Export a shorter period, or ask the operator to import it."
    )


class RowError(DomainError):
    code = "row"


class RowWithoutDayError(RowError):
    code = "row_without_day"
    message = _("The day is missing.")


class RowWithoutAmountError(RowError):
    code = "row_without_amount"
    message = _("The amount is missing.")


class RowWithTwoAmountsError(RowError):
    code = "row_with_two_amounts"
    message = _("Both credit and debit are filled in.")


class RowCellTooLongError(RowError):
    code = "row_cell_too_long"
    message = _("A cell has more than %(maximum)s characters.")


def read_statement(file: BinaryIO, *, maximum_rows: int) -> Iterator[StatementRow | RowProblem]:
    """The movements in the order of the file, in one pass and in memory that does not grow with it.

    Rows of sums and empty rows are passed over; a row with nothing but text belongs to the memo above it. Raises
    StatementError or WorkbookError, some of them after rows were given: nothing should be applied before the end.
    """
    with statement_rows(file) as rows:
        yield from _with_continued_memos(_movements(rows, maximum_rows))


class RowKeys:
    """Names rows, so that the same row of two files, which overlap, is known again.

    By day, amount and the bank's reference. Where the bank gives none: by the memo, and by how many rows like it came
    before in the file, so two equal payments of one day stay two (in files that hold whole days).
    """

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def key(self, row: StatementRow) -> str:
        """32 characters."""
        if row.bank_reference:
            return _digest(row, f"reference {compact(row.bank_reference)}").hex()
        digest = _digest(row, f"memo {compact(row.memo)}")
        self._seen[digest] += 1
        return _digest(row, f"memo {compact(row.memo)} {self._seen[digest]}").hex()


@dataclass(frozen=True, slots=True)
class _Continuation:
    text: str


def _digest(row: StatementRow, what: str) -> bytes:
    return hashlib.sha256(f"{row.booked_on.isoformat()} {row.amount} {what}".encode()).digest()[:16]


def _movements(rows: Iterator[type_of_row], maximum_rows: int) -> Iterator[StatementRow | RowProblem | _Continuation]:
    columns: Columns | None = None
    counted = 0
    for number, cells in rows:
        if columns is None:
            columns = find_columns(cells)
            if columns is None and number >= HEADER_WITHIN:
                break
            continue
        if not any(text_of(cell) for cell in cells) or _is_header(cells, columns):
            continue
        counted += 1
        if counted > maximum_rows:
            raise StatementTooLongError(maximum=maximum_rows)
        try:
            read = _read_row(number, cells, columns)
        except (CellError, RowError) as error:
            yield RowProblem(number, error)
        else:
            if read:
                yield read
    if columns is None:
        raise StatementHeaderError(rows=HEADER_WITHIN)


def _is_header(cells: list[Any], columns: Columns) -> bool:
    """The names once more: in English, or on the next printed page."""
    return text_of(columns.cell(cells, Column.DAY))[:1].isalpha() and find_columns(cells) is not None


def _with_continued_memos(
    movements: Iterator[StatementRow | RowProblem | _Continuation],
) -> Iterator[StatementRow | RowProblem]:
    last: StatementRow | RowProblem | None = None
    for movement in movements:
        if isinstance(movement, _Continuation):
            if isinstance(last, StatementRow) and len(last.memo) < MAXIMUM_CELL:
                last = replace(last, memo=f"{last.memo} {movement.text}")
            continue
        if last:
            yield last
        last = movement
    if last:
        yield last


def _read_row(number: int, cells: list[Any], columns: Columns) -> StatementRow | _Continuation | None:
    """None for a row of sums. Raises RowError or CellError."""
    if any(isinstance(cell, str) and len(cell) > MAXIMUM_CELL for cell in cells):
        raise RowCellTooLongError(maximum=MAXIMUM_CELL)
    memo = clean_text(text_of(columns.cell(cells, Column.MEMO)))
    day_cell = columns.cell(cells, Column.DAY)
    if not text_of(day_cell) or _is_sum(text_of(day_cell)):
        return _without_day(cells, columns, memo)
    booked_on, behind = day_of(day_cell)
    amount = _amount(cells, columns)
    if not amount:
        if _is_sum(memo):
            return None
        raise RowWithoutAmountError
    return StatementRow(
        number=number,
        booked_on=booked_on,
        amount=amount,
        memo=memo,
        bank_reference=clean_text(text_of(columns.cell(cells, Column.REFERENCE)) or behind)[:100],
        payer=clean_text(text_of(columns.cell(cells, Column.PAYER)))[:200],
    )


def _without_day(cells: list[Any], columns: Columns, memo: str) -> _Continuation | None:
    """The rest of the memo above, or None for sums and notes. Raises RowWithoutDayError for money without a day."""
    if any(_is_sum(text_of(cell)) for cell in cells if isinstance(cell, str)):
        return None
    if not any(text_of(columns.cell(cells, column)) for column in (Column.CREDIT, Column.DEBIT, Column.AMOUNT)):
        is_alone = sum(bool(text_of(cell)) for cell in cells) == 1
        return _Continuation(memo) if memo and is_alone else None
    raise RowWithoutDayError


def _amount(cells: list[Any], columns: Columns) -> int:
    if Column.AMOUNT in columns.places:
        return amount_of(columns.cell(cells, Column.AMOUNT))
    credit = amount_of(columns.cell(cells, Column.CREDIT))
    # Some banks write what went out with a minus, some without.
    debit = abs(amount_of(columns.cell(cells, Column.DEBIT)))
    if credit and debit:
        raise RowWithTwoAmountsError
    return credit - debit


def _is_sum(text: str) -> bool:
    return fold(text).lstrip().startswith(_SUMS)
