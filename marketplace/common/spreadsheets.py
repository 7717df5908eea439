"""Spreadsheets: text that a program would run as a formula is disarmed, and a workbook is checked before it is opened."""

import zlib
from os import SEEK_END
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError

MAXIMUM_FILE = 5 * 2**20
MAXIMUM_MEMBERS = 200
MAXIMUM_CONTENT = 50 * 2**20
# An ordinary sheet is packed 14 to 17 times.
MAXIMUM_RATIO = 100
ENCRYPTED = 1
CHUNK = 2**16

# Excel, LibreOffice and others start a formula with these, and read the full-width forms as the same.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


def disarmed(value: Any) -> Any:
    """Text that would start a formula gets a leading apostrophe; anything else is returned as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS) else value


class WorkbookError(DomainError):
    code = "workbook"


class WorkbookTooLargeError(WorkbookError):
    code = "workbook_too_large"
    message = _("The file is too large: at most %(maximum)s MB.")


class WorkbookUnreadableError(WorkbookError):
    code = "workbook_unreadable"
    message = _(
        "This is not an .xlsx workbook that can be read. Save it again as “Excel Workbook (.xlsx)”, without a password."
    )


class WorkbookSuspiciousError(WorkbookError):
    code = "workbook_suspicious"
    message = _("The workbook is packed in a way that an ordinary one is not, and was not opened.")


def check_workbook(file: BinaryIO) -> None:
    """Refuses what would cost more to open than its size tells, before anything is parsed. Leaves the file at its start.

    Raises WorkbookTooLargeError, WorkbookUnreadableError or WorkbookSuspiciousError.
    """
    size = file.seek(0, SEEK_END)
    file.seek(0)
    if size > MAXIMUM_FILE:
        raise WorkbookTooLargeError(maximum=MAXIMUM_FILE // 2**20)
    try:
        with ZipFile(file) as archive:
            _check_members(archive.infolist(), size)
            _check_content(archive)
    except (BadZipFile, NotImplementedError, OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise WorkbookUnreadableError from error
    finally:
        file.seek(0)


def _check_members(members: list[ZipInfo], size: int) -> None:
    if len(members) > MAXIMUM_MEMBERS or any(_is_odd(member.filename) for member in members):
        raise WorkbookSuspiciousError
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names or any(member.flag_bits & ENCRYPTED for member in members):
        raise WorkbookUnreadableError
    declared = sum(member.file_size for member in members)
    if len(names) != len(members) or declared > MAXIMUM_CONTENT or declared > MAXIMUM_RATIO * size:
        raise WorkbookSuspiciousError


def _is_odd(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/") or not name.isprintable()


def _check_content(archive: ZipFile) -> None:
    # Headers lie: what comes out is counted.
    content = 0
    for member in archive.infolist():
        with archive.open(member) as packed:
            while chunk := packed.read(CHUNK):
                content += len(chunk)
                if content > MAXIMUM_CONTENT:
                    raise WorkbookSuspiciousError
