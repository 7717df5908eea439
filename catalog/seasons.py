"""Seasons as twelve bits, January the lowest, and as what people tick and read."""

from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperatives.commodities.models import ALL_YEAR, mask_of_months
from marketplace.common.errors import DomainError

MONTHS = range(1, 13)


class SeasonEmptyError(DomainError):
    code = "season_empty"
    message = gettext_lazy("Choose at least one month.")


def season_mask(months: Collection[int]) -> int:
    """Twelve bits for the months. Raises SeasonEmptyError for none, ValueError for a month outside 1-12."""
    if not months:
        raise SeasonEmptyError
    return mask_of_months(tuple(months))


def season_months(mask: int) -> list[int]:
    """The months of a mask, 1-12 in order."""
    return [month for month in MONTHS if mask >> (month - 1) & 1]


def is_in_season(mask: int, month: int) -> bool:
    return bool(mask >> (month - 1) & 1)


def season_words(mask: int) -> str:
    """As "All year", "Month 8" or "Months 8–10, 12": runs of months, one over the new year as a single run."""
    if mask == ALL_YEAR:
        return _("All year")
    runs = _runs(season_months(mask))
    text = ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in runs)
    return (_("Month %(months)s") if text.isdigit() else _("Months %(months)s")) % {"months": text}


def _runs(months: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for month in months:
        if runs and runs[-1][1] == month - 1:
            runs[-1] = (runs[-1][0], month)
        else:
            runs.append((month, month))
    if len(runs) > 1 and runs[0][0] == 1 and runs[-1][1] == 12:
        runs = [*runs[1:-1], (runs[-1][0], runs[0][1])]
    return runs
