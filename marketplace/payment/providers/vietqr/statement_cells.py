"""What banks write into the cells of their statements: amounts and dates, in every form that was met."""

import math
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError

MAXIMUM = 10**12

_PLAIN = re.compile(r"[0-9]+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,' ])[0-9]{3})(?:\1[0-9]{3})*")
# Two decimals at most: "27.000" is twenty-seven thousand.
_DECIMALS = re.compile(r"(?P<whole>.*\d)(?P<point>[.,])(?P<decimals>\d{1,2})")
_CURRENCY = re.compile(r"\s*(?:₫|đồng|đ|vnđ|vnd)$", re.IGNORECASE)
_EMPTY = frozenset({"", "-", "\u2013"})
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?!\d)")
_YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?!\d)")


class CellError(DomainError):
    code = "cell"


class AmountUnreadableError(CellError):
    code = "amount_unreadable"
    message = _("“%(text)s” is not an amount in đồng.")


class AmountNotWholeDongError(CellError):
    code = "amount_not_whole_dong"
    message = _("“%(text)s” is not a whole number of đồng.")


class DateUnreadableError(CellError):
    code = "date_unreadable"
    message = _("“%(text)s” is not a date.")


def text_of(cell: Any) -> str:
    """The text of a cell, NFC, empty for an empty one. A whole number is written without decimals."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return unicodedata.normalize("NFC", str(cell)).strip()


def amount_of(cell: Any) -> int:
    """Đồng with their sign; 0 for an empty cell.

    "27.000", "27,000", "27,000.00", "27.000,00", "+27 000", "-27,000 VND", "(27,000)" and numbers are read. A point
    before exactly three digits groups thousands. Raises AmountUnreadableError or AmountNotWholeDongError.
    """
    if cell is None:
        return 0
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        return _whole(cell)
    text = _CURRENCY.sub("", unicodedata.normalize("NFKC", str(cell)).strip()).strip()
    if text in _EMPTY:
        return 0
    sign, digits = _sign(text)
    parts = _DECIMALS.fullmatch(digits)
    if parts and not (_GROUPED.fullmatch(digits) or parts["point"] in parts["whole"]):
        if parts["decimals"].strip("0"):
            raise AmountNotWholeDongError(text=_shown(cell))
        digits = parts["whole"]
    if not (_PLAIN.fullmatch(digits) or _GROUPED.fullmatch(digits)) or len(digits) > 20:
        raise AmountUnreadableError(text=_shown(cell))
    return sign * _within(int(re.sub(r"\D", "", digits)), cell)


def day_of(cell: Any) -> tuple[date, str]:
    """The day at the start of a cell, and the text behind it without the time (some banks put a number there).

    Days stand before months. Raises DateUnreadableError.
    """
    if isinstance(cell, datetime):
        return cell.date(), ""
    if isinstance(cell, date):
        return cell, ""
    text = text_of(cell)
    if found := _DAY_FIRST.match(text):
        day, month, year = (int(part) for part in found.groups())
        year += 2000 if year < 100 else 0
    elif found := _YEAR_FIRST.match(text):
        year, month, day = (int(part) for part in found.groups())
    else:
        raise DateUnreadableError(text=_shown(cell))
    try:
        return date(year, month, day), re.sub(r"^[T\s]*\d{1,2}:\d{2}(?::\d{2})?", "", text[found.end() :]).strip()
    except ValueError:
        raise DateUnreadableError(text=_shown(cell)) from None


def _whole(number: float | Decimal) -> int:
    if not math.isfinite(number):
        raise AmountUnreadableError(text=str(number))
    if number != int(number):
        raise AmountNotWholeDongError(text=str(number))
    return _within(int(number), number)


def _within(amount: int, cell: Any) -> int:
    if abs(amount) > MAXIMUM:
        raise AmountUnreadableError(text=_shown(cell))
    return amount


def _sign(text: str) -> tuple[int, str]:
    if text.startswith("(") and text.endswith(")"):
        return -1, text[1:-1].strip()
    if text[0] in "+-\u2212":
        return (1 if text[0] == "+" else -1), text[1:].strip()
    if text[-1] in "+-\u2212":
        return (1 if text[-1] == "+" else -1), text[:-1].strip()
    return 1, text


def _shown(cell: Any) -> str:
    return text_of(cell)[:40]
