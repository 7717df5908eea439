from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig


class MarketplaceConfig(AppConfig):
    name = "marketplace"
    label = "marketplace"

    def ready(self) -> None:
        """Disarms formulas in every CSV file of Oscar's dashboard: buyers write their names and addresses."""
        from oscar.core.compat import UnicodeCSVWriter

        from marketplace.common.spreadsheets import disarmed

        write = UnicodeCSVWriter.writerow

        def writerow(self: UnicodeCSVWriter, row: Iterable[Any]) -> None:
            write(self, [disarmed(cell) for cell in row])

        UnicodeCSVWriter.writerow = writerow  # type: ignore[method-assign]
