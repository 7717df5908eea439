"""Text in spreadsheets: what a program would run as a formula is disarmed."""

from typing import Any

# Excel, LibreOffice and others start a formula with these, and read the full-width forms as the same.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


def disarmed(value: Any) -> Any:
    """Text that would start a formula gets a leading apostrophe; anything else is returned as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS) else value
