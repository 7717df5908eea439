"""Spreadsheets of the registry's lists, in which nothing is run as a formula."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from marketplace.common.spreadsheets import disarmed

_BYTE_ORDER_MARK = "\ufeff"


class SafeExportMixin:
    """For a view with Wagtail's SpreadsheetExportMixin. CSV starts with a byte order mark, which Excel needs."""

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        return disarmed(super().preprocess_field_value(field, value, export_format))  # type: ignore[misc]

    def stream_csv(self, queryset: QuerySet) -> Iterator[str]:
        yield _BYTE_ORDER_MARK
        yield from super().stream_csv(queryset)  # type: ignore[misc]
