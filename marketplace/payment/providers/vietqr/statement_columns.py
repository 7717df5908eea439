"""The columns of banks' statements, found by their names wherever they stand.

The names are those of the exports of Agribank, BIDV, MB, VietinBank and Vietcombank as their users describe them, in
Vietnamese and English; a bank that changes its export, or another bank, needs at most one more name here.
"""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.common.text import fold
from marketplace.payment.providers.vietqr.statement_cells import text_of


class Column(enum.StrEnum):
    DAY = "day"
    CREDIT = "credit"
    DEBIT = "debit"
    AMOUNT = "amount"
    MEMO = "memo"
    REFERENCE = "reference"
    PAYER = "payer"
    OTHER = "other"


# The earlier a name stands, the rather its column is taken where a statement has two. Written without marks.
NAMES: dict[Column, tuple[str, ...]] = {
    Column.DAY: (
        "ngay giao dich", "ngay gd", "ngay hach toan", "ngay hieu luc", "ngay gio", "thoi gian giao dich", "thoi gian",
        "ngay", "transaction date", "tnx date", "txn date", "posting date", "value date", "date",
    ),
    Column.CREDIT: (
        "so tien ghi co", "phat sinh co", "ps co", "ghi co", "tien vao", "thu vao", "so tien co", "credit amount", "credit", "co",
    ),
    Column.DEBIT: (
        "so tien ghi no", "phat sinh no", "ps no", "ghi no", "tien ra", "chi ra", "so tien no", "debit amount", "debit", "no",
    ),
    Column.AMOUNT: ("so tien giao dich", "so tien", "thay doi", "gia tri giao dich", "transaction amount", "amount", "change"),
    Column.MEMO: (
        "noi dung chi tiet", "noi dung giao dich", "noi dung chuyen khoan", "noi dung", "mo ta giao dich", "mo ta", "dien giai",
        "transactions in detail", "transaction detail", "transaction details", "details", "description", "remark", "narrative",
    ),
    Column.REFERENCE: (
        "so tham chieu", "ma giao dich", "so but toan", "so chung tu", "so ct", "ma tham chieu", "so giao dich",
        "transaction no", "reference number", "reference no", "ref no", "doc no", "reference",
    ),
    Column.PAYER: (
        "ten tai khoan doi ung", "don vi thu huong don vi chuyen", "don vi chuyen", "nguoi chuyen", "ten nguoi chuyen",
        "ten doi ung", "nguoi nop chuyen", "correspondent name", "corresponsive name", "beneficiary ordering", "counter account name",
    ),
    # Named so that none of them is taken for one of the above.
    Column.OTHER: (
        "so du", "so du sau giao dich", "so tai khoan", "so tai khoan doi ung", "tai khoan doi ung", "ngan hang doi ung",
        "ngan hang doi tac", "don vi tien te", "loai tien", "ngay in", "balance", "currency",
    ),
}  # fmt: skip

# Too short to be looked for inside a longer name.
_WHOLE_ONLY = frozenset({"co", "no", "ngay", "date", "thay doi", "change", "reference", "amount"})
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_MAXIMUM_NAME = 80


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column stands, counted from 0."""

    places: dict[Column, int]

    def cell(self, cells: Sequence[Any], column: Column) -> Any:
        """None where the statement has no such column or the row ends before it."""
        place = self.places.get(column)
        return cells[place] if place is not None and place < len(cells) else None


def find_columns(cells: Sequence[Any]) -> Columns | None:
    """The columns, when these cells are a statement's row of names: a day, a memo and an amount are needed."""
    best: dict[Column, tuple[int, int]] = {}
    for place, cell in enumerate(cells):
        found = _column_of(text_of(cell))
        if found and found[0] is not Column.OTHER:
            column, rank = found
            best[column] = min(best.get(column, (rank, place)), (rank, place))
    places = {column: place for column, (_rank, place) in best.items()}
    if Column.CREDIT in places:
        # An amount beside credit and debit is the same sum again, without its sign.
        places.pop(Column.AMOUNT, None)
    has_sums = Column.CREDIT in places or Column.AMOUNT in places
    return Columns(places) if has_sums and {Column.DAY, Column.MEMO} <= places.keys() else None


def _column_of(text: str) -> tuple[Column, int] | None:
    """The column whose longest name the text is, starts with or ends with (banks print names in two languages)."""
    if not text or len(text) > _MAXIMUM_NAME:
        return None
    words = _NOT_A_WORD.sub(" ", fold(text)).strip()
    found = [
        (len(name), column, rank)
        for column, names in NAMES.items()
        for rank, name in enumerate(names)
        if words == name or (name not in _WHOLE_ONLY and (words.startswith(f"{name} ") or words.endswith(f" {name}")))
    ]
    if not found:
        return None
    _length, column, rank = max(found, key=lambda match: match[0])
    return column, rank
