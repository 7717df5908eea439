import io
import time
import zipfile
from random import Random

import pytest
from openpyxl import Workbook

from marketplace.common.spreadsheets import (
    MAXIMUM_FILE,
    WorkbookSuspiciousError,
    WorkbookTooLargeError,
    WorkbookUnreadableError,
    check_workbook,
    disarmed,
)


def packed(members, compression=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    content.seek(0)
    return content


NEEDED = {"[Content_Types].xml": b"<Types/>"}


@pytest.mark.parametrize("text", ["=1+1", "+84", "-1", "@a", "\t=1", "\r=1", "\0=1", "＝1", "＋1", "－1", "＠1"])
def test_text_that_starts_a_formula_is_disarmed(text):
    assert disarmed(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Gạo nếp", "", 5, None, "1=1"])
def test_other_values_stay(value):
    assert disarmed(value) == value


class TestCheckingAWorkbook:
    def test_an_ordinary_workbook_passes_and_is_left_at_its_start(self):
        book = Workbook()
        for number in range(2_000):
            book.active.append([number, "Gạo nếp nương", "CLK7K2M9QX4P1"])
        content = io.BytesIO()
        book.save(content)
        check_workbook(content)
        assert content.tell() == 0

    def test_a_bomb_is_refused_at_once(self):
        bomb = packed(NEEDED | {"xl/worksheets/sheet1.xml": b"\0" * (62 * 2**20)})
        started = time.thread_time()
        with pytest.raises(WorkbookSuspiciousError):
            check_workbook(bomb)
        assert time.thread_time() - started < 0.5

    def test_a_header_that_lies_about_the_size_is_refused(self):
        content = packed(NEEDED | {"xl/a.xml": Random(1).randbytes(50_000) + b"a" * 10_000}).getvalue()
        lying = content.replace((60_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
        assert lying != content
        with pytest.raises(WorkbookUnreadableError):
            check_workbook(io.BytesIO(lying))

    def test_a_file_above_the_limit_is_refused_unread(self):
        with pytest.raises(WorkbookTooLargeError):
            check_workbook(io.BytesIO(b"\0" * (MAXIMUM_FILE + 1)))

    @pytest.mark.parametrize("name", ["/etc/passwd", "../a.xml", "xl/../../a.xml", "xl\\a.xml", "xl/\na.xml"])
    def test_odd_names_are_refused(self, name):
        with pytest.raises(WorkbookSuspiciousError):
            check_workbook(packed(NEEDED | {name: b""}))

    def test_too_many_members_are_refused(self):
        with pytest.raises(WorkbookSuspiciousError):
            check_workbook(packed(NEEDED | {f"xl/{number}.xml": b"" for number in range(200)}))

    def test_an_archive_of_something_else_is_refused(self):
        with pytest.raises(WorkbookUnreadableError):
            check_workbook(packed({"a.txt": b"a"}))

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7", b"PK\x05\x06" + b"\0" * 17])
    def test_what_is_no_archive_is_refused(self, content):
        with pytest.raises(WorkbookUnreadableError):
            check_workbook(io.BytesIO(content))

    def test_an_encrypted_member_is_refused(self):
        content = bytearray(packed(NEEDED).getvalue())
        content[content.rindex(b"PK\x01\x02") + 8] |= 1
        with pytest.raises(WorkbookUnreadableError):
            check_workbook(io.BytesIO(bytes(content)))
