"""The operators' report: what people search for, and what they open. No text that few people searched for."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from catalog.models import Product
from cms.groups import SEE_SEARCHES
from cms.settlement import permitted
from marketplace.common.dates import local_today
from marketplace.common.spreadsheets import disarmed
from search.models import ClickTally, SearchTally
from search.tallies import KEPT_DAYS, OTHER, SHOWN_FROM

PERIODS = (7, 30, KEPT_DAYS)
DEFAULT_PERIOD = 30
SHOWN = 100
EXPORTED = 5_000

Row = Sequence[Any]


@dataclass(frozen=True)
class Table:
    """One view of the counts: its heading in the address, its columns, and its rows from a day on. At most two queries."""

    slug: str
    title: str | Promise
    columns: tuple[str | Promise, ...]
    rows: Callable[[date, int], list[Row]]


def _by_text(since: date) -> QuerySet:
    """Sums by text, of those that are searched for often enough to be shown."""
    rows = SearchTally.objects.filter(day__gte=since).exclude(text=OTHER).order_by().values("text")
    sums = rows.annotate(total=Sum("searches"), failed=Sum("without_result"))
    return sums.filter(total__gte=SHOWN_FROM).values_list("text", "total", "failed")


def most_searched(since: date, count: int) -> list[Row]:
    return list(_by_text(since).order_by("-total", "text")[:count])


def without_result(since: date, count: int) -> list[Row]:
    rows = _by_text(since).filter(failed__gt=0).order_by("-failed", "text")[:count]
    return [(text, failed, total) for text, total, failed in rows]


def most_opened(since: date, count: int) -> list[Row]:
    sums = ClickTally.objects.filter(day__gte=since).order_by().values("listing_id").annotate(total=Sum("clicks"))
    rows = (
        sums.filter(total__gte=SHOWN_FROM).order_by("-total", "listing_id").values_list("listing_id", "total")[:count]
    )
    counts = dict(rows)
    titles = dict(Product.objects.filter(pk__in=counts).order_by().values_list("pk", "title"))
    return [(titles[pk], total) for pk, total in counts.items() if pk in titles]


def by_day(since: date, count: int) -> list[Row]:
    sums = SearchTally.objects.filter(day__gte=since).order_by().values("day")
    days = sums.annotate(total=Sum("searches"), failed=Sum("without_result")).order_by("-day")
    opened = ClickTally.objects.filter(day__gte=since).order_by().values("day").annotate(total=Sum("clicks"))
    clicks = dict(opened.values_list("day", "total"))
    rows = days.values_list("day", "total", "failed")[:count]
    return [(day, total, failed, clicks.get(day, 0)) for day, total, failed in rows]


_SEARCHES, _WITHOUT = gettext_lazy("Searches"), gettext_lazy("Without result")
TABLES = (
    Table("khong-thay", _WITHOUT, (gettext_lazy("Searched for"), _WITHOUT, _SEARCHES), without_result),
    Table("tim", gettext_lazy("Most searched"), (gettext_lazy("Searched for"), _SEARCHES, _WITHOUT), most_searched),
    Table("mo", gettext_lazy("Most opened"), (gettext_lazy("Listing"), gettext_lazy("Opened")), most_opened),
    Table("ngay", gettext_lazy("By day"), (gettext_lazy("Day"), _SEARCHES, _WITHOUT, gettext_lazy("Opened")), by_day),
)
_BY_SLUG = {table.slug: table for table in TABLES}


@require_GET
@permitted(SEE_SEARCHES)
def report(request: HttpRequest) -> HttpResponse:
    """A table of a period, the last days with today; as CSV with export=csv."""
    table = _BY_SLUG.get(request.GET.get("bang", ""), TABLES[0])
    asked = request.GET.get("ky", "")
    period = int(asked) if asked in {str(days) for days in PERIODS} else DEFAULT_PERIOD
    is_export = request.GET.get("export") == "csv"
    rows = table.rows(local_today(timezone.now()) - timedelta(days=period - 1), EXPORTED if is_export else SHOWN)
    if is_export:
        return _spreadsheet(table, rows)
    title = _("Searches")
    context = {
        "header_title": title,
        "page_title": title,
        "header_icon": "search",
        "tables": TABLES,
        "table": table,
        "periods": PERIODS,
        "period": period,
        "rows": [[_shown(cell) for cell in row] for row in rows],
        "shown_from": SHOWN_FROM,
        "kept_days": KEPT_DAYS,
    }
    return render(request, "search/tally_report.html", context)


def _shown(cell: Any) -> Any:
    return f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell


def _spreadsheet(table: Table, rows: Sequence[Row]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="tim-kiem-{table.slug}.csv"'
    # Excel needs the byte order mark.
    answer.write("\ufeff")
    csv.writer(answer).writerows([disarmed(_shown(cell)) for cell in row] for row in [table.columns, *rows])
    return answer
