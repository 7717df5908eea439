"""The public coverage pages. Everything on them is a link or a form: they work without scripts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cooperatives.indicators import pages
from cooperatives.indicators.forms import CoverageForm, day_asked
from cooperatives.indicators.results import CoverageResult
from cooperatives.indicators.selectors import coverage, coverage_series, rule_in_force
from cooperatives.indicators.trade import deliveries_by_unit
from cooperatives.indicators.workbook import as_workbook
from cooperatives.places.dataset import RESTRUCTURED_ON
from cooperatives.places.models import AdministrativeUnit
from cooperatives.places.selectors import former_districts, unit_by_code
from marketplace.common.dates import local_today
from marketplace.common.errors import DomainError

# The first full year after the province's plan of 23/03/2023 was issued begins with this quarter.
SERIES_FROM = date(2023, 1, 1)
FORMATS = {
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Choice:
    """What the visitor asks for, after checking."""

    today: date
    as_of: date
    scope: AdministrativeUnit
    province: AdministrativeUnit

    @property
    def linked_day(self) -> date | None:
        """The day that links carry; today needs none, so that they stay true tomorrow."""
        return None if self.as_of == self.today else self.as_of


@require_safe
def coverage_page(request: HttpRequest) -> HttpResponse:
    """The three figures of the province, or of one district, on a day."""
    today = local_today(timezone.now())
    try:
        province = unit_by_code(code=settings.HOME_PROVINCE_CODE, on=today)
        districts = {unit.slug: unit for unit in former_districts(on=RESTRUCTURED_ON, scope=province)}
    except DomainError as error:
        return _empty(request, str(error))
    form = CoverageForm(
        day_asked(request, today), today=today, districts=[(slug, unit.name) for slug, unit in districts.items()]
    )
    if not form.is_valid():
        return _refused(request, form)
    choice = Choice(today, form.cleaned_data["ngay"], districts.get(form.cleaned_data["huyen"], province), province)
    try:
        result = coverage(choice.scope, choice.as_of, today=today)
        window_days = rule_in_force(choice.as_of).window_days
    except DomainError as error:
        form.add_error("ngay", str(error))
        return _refused(request, form)
    deliveries = deliveries_by_unit(
        unit_ids=[unit.unit.pk for unit in result.units], as_of=choice.as_of, window_days=window_days
    )
    if request.GET.get("dinh-dang") in FORMATS:
        return _download(result, deliveries, request.GET["dinh-dang"])
    return render(request, "indicators/coverage.html", _context(request, choice, form, result, deliveries))


def _context(
    request: HttpRequest, choice: Choice, form: CoverageForm, result: CoverageResult, deliveries: dict[int, int]
) -> dict[str, Any]:
    series = coverage_series(
        choice.scope, SERIES_FROM, max(choice.today, SERIES_FROM), today=choice.today, also=(choice.today,)
    )
    linked = choice.linked_day
    return {
        "form": form,
        "result": result,
        "scope": choice.scope,
        "is_district": choice.scope != choice.province,
        "figures": pages.figures(result),
        "rungs": pages.rung_counts(result),
        "map": pages.unit_map(result.units, deliveries=deliveries, province_code=choice.province.code, as_of=linked),
        "bands": pages.BAND_LABELS,
        "units": pages.unit_rows(result.units, districts=result.districts, deliveries=deliveries, as_of=linked),
        "districts": pages.district_rows(result, as_of=linked),
        "models": [(model, pages.linkage_url(model.code, linked)) for model in result.models],
        "unplaced": pages.unplaced_texts(result),
        "charts": pages.charts(series, result),
        "quarters": pages.quarter_rows(series),
        "days": pages.day_links(choice.today, choice.as_of, request.GET.get("huyen", "")),
        "downloads": pages.download_links(choice.as_of, request.GET.get("huyen", "")),
        "crumbs": [{"label": _("Linkage coverage")}],
    }


def _refused(request: HttpRequest, form: CoverageForm) -> HttpResponse:
    """What was asked cannot be answered: the message stands at the field, and what was typed is kept."""
    context = {"form": form, "crumbs": [{"label": _("Linkage coverage")}]}
    return render(request, "indicators/coverage_refused.html", context, status=400)


def _empty(request: HttpRequest, reason: str) -> HttpResponse:
    context = {
        "reason": reason,
        "home": reverse("wagtail_serve", args=[""]),
        "crumbs": [{"label": _("Linkage coverage")}],
    }
    return render(request, "indicators/coverage_empty.html", context)


def _download(result: CoverageResult, deliveries: dict[int, int], wanted: str) -> HttpResponse:
    name = f"do-phu-lien-ket-{result.as_of:%Y-%m-%d}.{wanted}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if wanted == "xlsx":
        return HttpResponse(as_workbook(result), content_type=FORMATS[wanted], headers=headers)
    return JsonResponse(
        pages.as_json(result, deliveries), json_dumps_params={"ensure_ascii": False, "indent": 2}, headers=headers
    )
