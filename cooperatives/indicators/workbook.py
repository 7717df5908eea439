"""The figures of a day as a workbook: one sheet each for figures, units, districts and models."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook

from cooperatives.indicators.results import CoverageResult
from cooperatives.places.models import AdministrativeUnit
from marketplace.common.spreadsheets import disarmed


def as_workbook(result: CoverageResult) -> bytes:
    """An .xlsx file. Numbers are numbers, codes are text with their zeros; buyers are nowhere."""
    book = Workbook(write_only=True)
    for title, heading, rows in _sheets(result):
        sheet = book.create_sheet(title=title[:31])
        sheet.append(heading)
        for row in rows:
            sheet.append([disarmed(value) for value in row])
    output = BytesIO()
    book.save(output)
    return output.getvalue()


def _sheets(result: CoverageResult) -> list[tuple[str, list[str], Iterable[Sequence[Any]]]]:
    day = f"{result.as_of:%d/%m/%Y}"
    return [
        (
            _("Figures"),
            [_("Indicator"), _("Declared"), _("Traded"), _("All"), _("Declared (%)"), _("Traded (%)"), _("Target (%)"),
             _("Day"), _("Rule")],
            [
                (
                    figure.label, figure.numerator, figure.traded, figure.denominator, figure.percentage,
                    figure.traded_percentage, figure.target.percentage if figure.target else None, day,
                    result.rule_version,
                )
                for figure in result.indicators
            ],
        ),
        (
            _("Units"),
            [_("Code"), _("Unit"), _("Kind"), _("Counted"), _("Evidence level"), _("Models")],
            [
                (
                    unit.unit.code, unit.name, str(AdministrativeUnit.Kind(unit.kind).label), _yes(unit.is_counted),
                    unit.rung, ", ".join(model.code for model in unit.models),
                )
                for unit in result.units
            ],
        ),
        (
            _("Districts"),
            [_("Code"), _("District"), _("Declared"), _("Traded")],
            [
                (row.unit.code, row.unit.name, _yes(row.is_covered), _yes(row.is_traded))
                for row in result.districts
            ],
        ),
        (
            _("Models"),
            [_("Code"), _("Model"), _("Commodity"), _("Evidence level")],
            [(model.code, model.name, model.commodity, model.level) for model in result.models],
        ),
    ]  # fmt: skip


def _yes(holds: bool) -> str:  # noqa: FBT001 - a word for a truth
    return _("yes") if holds else _("not yet")
