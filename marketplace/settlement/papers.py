"""A statement to be printed: a PDF where the machine can make one, else the same page for the browser to print.

WeasyPrint needs Pango of the system. A long statement comes in parts, so that one part never costs more than the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from PIL import ImageFile

from marketplace.settlement.columns import DIRECT, OF_PARCEL, OWED, rows_of, totals_of
from marketplace.settlement.models import Statement
from marketplace.settlement.sheets import balance_label
from marketplace.settlement.words import amount_in_words

PART = 400
STYLE = "css/statement.css"


class NoPangoError(Exception):
    """The machine cannot make PDFs: Pango is missing."""


class RefusedAddressError(Exception):
    """A paper asked for a file or an address: it gets none."""


@dataclass(frozen=True)
class Part:
    number: int
    count: int

    @property
    def start(self) -> int:
        return (self.number - 1) * PART

    @property
    def is_only(self) -> bool:
        return self.count == 1


def part_of(statement: Statement, number: int) -> Part | None:
    """None when there is no such part."""
    count = max(1, -(-statement.items.count() // PART))
    return Part(number, count) if 1 <= number <= count else None


def statement_html(statement: Statement, part: Part, **context: Any) -> str:
    return render_to_string("settlement/statement.html", {**_context(statement, part), **context})


def statement_pdf(statement: Statement, part: Part) -> bytes:
    """Raises NoPangoError."""
    weasyprint = _weasyprint()
    style = finders.find(STYLE)
    sheets = [weasyprint.CSS(string=Path(style).read_text(encoding="utf-8"), url_fetcher=_refuse)] if style else []
    page = weasyprint.HTML(string=statement_html(statement, part, is_paper=True), url_fetcher=_refuse)
    return page.write_pdf(stylesheets=sheets)


def _weasyprint() -> ModuleType:
    """Raises NoPangoError."""
    try:
        import weasyprint
    except OSError as error:
        raise NoPangoError from error
    finally:
        # WeasyPrint lets Pillow take pictures that end too early, for the whole process: photos that people upload
        # must go on being refused.
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    return weasyprint


def _context(statement: Statement, part: Part) -> Mapping[str, Any]:
    rows = list(rows_of(statement, start=part.start, stop=part.start + PART))
    columns = (*OF_PARCEL, *DIRECT, *OWED)
    totals = totals_of(statement)
    return {
        "statement": statement,
        "cooperative": statement.cooperative,
        "part": part,
        "columns": columns,
        "rows": [(row, row.in_order()) for row in rows],
        "part_totals": [sum(row.amounts[column.name] for row in rows) for column in columns],
        "totals": [totals[column.name] for column in columns],
        "balance": abs(statement.balance),
        "balance_label": balance_label(statement),
        "in_words": amount_in_words(abs(statement.balance)),
    }


def _refuse(url: str, *_args: Any, **_kwargs: Any) -> NoReturn:
    raise RefusedAddressError(url)
