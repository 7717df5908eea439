"""The rows of a bank's statement file, CSV or XLSX, one after the other: no more than a few are held at once."""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO
from zipfile import BadZipFile

from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook

from marketplace.common.errors import DomainError
from marketplace.common.spreadsheets import WorkbookUnreadableError, check_workbook
from marketplace.payment.providers.vietqr.statement_columns import find_columns

HEADER_WITHIN = 30
MAXIMUM_COLUMNS = 60
DELIMITERS = (";", ",", "\t")

_CHUNK = 2**16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"

type_of_row = tuple[int, list[Any]]


class StatementError(DomainError):
    code = "statement"


class StatementOldFormatError(StatementError):
    code = "statement_old_format"
    message = _("This is a file of old Excel (.xls) or a web page. Open it and save it as .xlsx or .csv.")


class StatementEncodingError(StatementError):
    code = "statement_encoding"
    message = _("The text of the file cannot be read. Save it as “CSV UTF-8”.")


class StatementHeaderError(StatementError):
    code = "statement_header"
    message = _(
        "No row with the names of the columns was found in the first %(rows)s rows: the day, the amount (or credit) and the content are needed."
    )


class StatementBrokenError(StatementError):
    code = "statement_broken"
    message = _("Row %(row)s: the file cannot be read from here on (a quotation mark that is not closed?).")


@contextmanager
def statement_rows(file: BinaryIO) -> Iterator[Iterator[type_of_row]]:
    """Numbered rows of cells, as a spreadsheet numbers them. The content decides what the file is, not its name.

    Raises WorkbookError or StatementError, some only while rows are read.
    """
    file.seek(0)
    start = file.read(len(_ZIP))
    file.seek(0)
    if start == _ZIP:
        check_workbook(file)
        yield from _workbook_rows(file)
    elif start == _OLD_EXCEL or start.lstrip()[:1] == b"<":
        raise StatementOldFormatError
    else:
        yield from _text_rows(file)


def _workbook_rows(file: BinaryIO) -> Iterator[Iterator[type_of_row]]:
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (KeyError, ValueError, TypeError, BadZipFile, OSError, SyntaxError, AttributeError) as error:
        # What openpyxl raises for a package of another kind, or for broken XML in it.
        raise WorkbookUnreadableError from error
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise WorkbookUnreadableError
        # The size that a sheet declares may be wrong; without it the rows themselves count.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(values_only=True, max_col=MAXIMUM_COLUMNS)
        yield ((number, list(cells)) for number, cells in _guarded(rows))
    finally:
        book.close()


def _guarded(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    number = 0
    try:
        for number, cells in enumerate(rows, start=1):
            yield number, cells
    except (KeyError, ValueError, TypeError, SyntaxError, BadZipFile) as error:
        raise StatementBrokenError(row=number + 1) from error


def _text_rows(file: BinaryIO) -> Iterator[Iterator[type_of_row]]:
    encoding = _encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        delimiter = _delimiter_of(text)
        text.seek(0)
        yield _csv_rows(text, delimiter)
    finally:
        text.detach()


def _csv_rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[type_of_row]:
    number = 0
    try:
        for number, cells in enumerate(csv.reader(text, delimiter=delimiter, strict=True), start=1):
            yield number, cells[:MAXIMUM_COLUMNS]
    except csv.Error as error:
        raise StatementBrokenError(row=number + 1) from error


def _encoding_of(file: BinaryIO) -> str:
    """By its mark; else UTF-8 when all of it is, else the old Vietnamese code page of Windows.

    Raises StatementEncodingError.
    """
    start = file.read(4)
    for mark, encoding in _BOMS:
        if start.startswith(mark):
            candidates = [encoding]
            break
    else:
        # Without a mark, UTF-16 shows by the zeros beside ASCII.
        candidates = {b"\0": ["utf-16-be"]}.get(start[:1]) or (
            ["utf-16-le"] if start[1:2] == b"\0" else ["utf-8", "cp1258"]
        )
    for encoding in candidates:
        if _decodes(file, encoding):
            return encoding
    raise StatementEncodingError


def _decodes(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _delimiter_of(text: io.TextIOWrapper) -> str:
    """The one with which a row of names appears. Raises StatementHeaderError."""
    head = text.read(_CHUNK)
    for delimiter in DELIMITERS:
        rows = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        try:
            if any(find_columns(cells) for cells in islice(rows, HEADER_WITHIN)):
                return delimiter
        except csv.Error:
            continue
    raise StatementHeaderError(rows=HEADER_WITHIN)
