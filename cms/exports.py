"""Spreadsheets of the registry's lists: text that a spreadsheet would run as a formula is disarmed."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

# Excel, LibreOffice and others start a formula with these, and read the full-width forms as the same.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")
_BYTE_ORDER_MARK = "\ufeff"


def disarmed(value: Any) -> Any:
    """Text that would start a formula gets a leading apostrophe; anything else is returned as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS) else value


class SafeExportMixin:
    """For a view with Wagtail's SpreadsheetExportMixin. CSV starts with a byte order mark, which Excel needs."""

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        return disarmed(super().preprocess_field_value(field, value, export_format))  # type: ignore[misc]

    def stream_csv(self, queryset: QuerySet) -> Iterator[str]:
        yield _BYTE_ORDER_MARK
        yield from super().stream_csv(queryset)  # type: ignore[misc]
