"""From the percentage down: a commune with its models, a model with its dates and its evidence."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cooperatives.indicators import pages
from cooperatives.indicators.drilldown import EvidenceResult, evidence_of
from cooperatives.indicators.forms import DayForm, day_asked
from cooperatives.indicators.maps import band
from cooperatives.indicators.reasons import why_not_yet
from cooperatives.indicators.registry import became, key_products_of, public_record
from cooperatives.indicators.selectors import coverage, rule_in_force
from cooperatives.indicators.trade import deliveries_by_unit
from cooperatives.places.models import AdministrativeUnit
from cooperatives.places.selectors import UnitNotFoundError, former_districts_of, predecessors, unit_by_slug
from marketplace.common.dates import local_today
from marketplace.common.errors import DomainError

PAGE_SIZE = 50
LAST_PAGE = 200


@dataclass(frozen=True)
class EvidencePage:
    number: int
    count: int
    previous_url: str
    next_url: str


@require_safe
def unit_page(request: HttpRequest, slug: str) -> HttpResponse:
    """A commune on a day: the models that cover it, or why none does yet."""
    unit = _commune(slug)
    if unit.slug != slug:
        return redirect("indicators:unit", slug=unit.slug, permanent=True)
    today = local_today(timezone.now())
    form = DayForm(day_asked(request, today), today=today)
    crumbs = [{"label": _("Linkage coverage"), "url": reverse("indicators:coverage")}, {"label": unit.name}]
    context: dict[str, Any] = {"form": form, "unit": unit, "title": unit.name, "crumbs": crumbs}
    if not form.is_valid():
        return render(request, "indicators/day_refused.html", context, status=400)
    as_of = form.cleaned_data["ngay"]
    if not unit.is_in_force(as_of):
        return _unit_not_valid(request, unit, as_of, context)
    try:
        context |= _unit_context(unit, as_of, today)
    except DomainError as error:
        form.add_error("ngay", str(error))
        return render(request, "indicators/day_refused.html", context, status=400)
    return render(request, "indicators/unit.html", context)


def _unit_context(unit: AdministrativeUnit, as_of: date, today: date) -> dict[str, Any]:
    linked = None if as_of == today else as_of
    result = coverage(unit, as_of, today=today)
    found = next(row for row in result.units if row.unit.pk == unit.pk)
    window_days = rule_in_force(as_of).window_days
    deliveries = deliveries_by_unit(unit_ids=[unit.pk], as_of=as_of, window_days=window_days)
    return {
        "result": result,
        "found": found,
        "models": [(model, pages.linkage_url(model.code, linked, xa=unit.slug)) for model in found.models],
        "reasons": why_not_yet(unit, as_of, today=today),
        "key_products": key_products_of(unit, as_of),
        "deliveries": pages.BAND_LABELS[band(deliveries.get(unit.pk, 0))],
        "districts": former_districts_of(unit),
        "was": predecessors(unit),
        "coverage_url": pages.with_day(reverse("indicators:coverage"), linked),
    }


def _unit_not_valid(
    request: HttpRequest, unit: AdministrativeUnit, as_of: date, context: dict[str, Any]
) -> HttpResponse:
    """The unit exists, but not on that day: 404, with the units to look at instead."""
    others = became(unit) if unit.valid_to and unit.valid_to <= as_of else list(predecessors(unit))
    links = [(other, pages.unit_url(other, as_of)) for other in others if other.is_in_force(as_of)]
    context |= {"as_of": as_of, "links": links}
    return render(request, "indicators/unit_not_valid.html", context, status=404)


@require_safe
def linkage_page(request: HttpRequest, code: str) -> HttpResponse:
    """A linkage model on a day: its dates, its status history and its evidence; `xa` limits this to one commune."""
    # PostgreSQL takes no text with a NUL.
    record = None if "\0" in code else public_record(code)
    if record is None:
        raise Http404
    today = local_today(timezone.now())
    form = DayForm(day_asked(request, today), today=today)
    title = f"{record.linkage.code} · {record.linkage.name}"
    crumbs = [{"label": _("Linkage coverage"), "url": reverse("indicators:coverage")}, {"label": record.linkage.code}]
    context: dict[str, Any] = {"form": form, "record": record, "title": title, "crumbs": crumbs}
    if not form.is_valid():
        return render(request, "indicators/day_refused.html", context, status=400)
    as_of = form.cleaned_data["ngay"]
    unit = _commune(request.GET["xa"]) if request.GET.get("xa") else None
    if unit is not None and not unit.is_in_force(as_of):
        return _unit_not_valid(request, unit, as_of, context | {"unit": unit})
    number = _page_number(request.GET.get("trang", ""))
    try:
        evidence = evidence_of(
            linkage_id=record.linkage.pk, as_of=as_of, today=today, unit=unit, limit=number * PAGE_SIZE
        )
    except DomainError as error:
        form.add_error("ngay", str(error))
        return render(request, "indicators/day_refused.html", context, status=400)
    linked = None if as_of == today else as_of
    first = (number - 1) * PAGE_SIZE
    context |= {
        "as_of": as_of,
        "unit": unit,
        "whole_url": pages.linkage_url(code, linked),
        "status": record.status_on(as_of),
        "evidence": evidence,
        "listings": evidence.listings[first:],
        "sales": evidence.sales[first:],
        "page": _evidence_page(evidence, number, code, linked, unit),
    }
    return render(request, "indicators/linkage.html", context)


def _evidence_page(
    evidence: EvidenceResult, number: int, code: str, linked: date | None, unit: AdministrativeUnit | None
) -> EvidencePage:
    longest = max(evidence.listing_count, evidence.sale_count)
    count = min(max(1, -(-longest // PAGE_SIZE)), LAST_PAGE)
    if number > count:
        raise Http404

    def url(other: int) -> str:
        page = str(other) if other > 1 else ""
        return pages.linkage_url(code, linked, xa=unit.slug if unit else "", trang=page) + "#bang-chung"

    return EvidencePage(
        number=number,
        count=count,
        previous_url=url(number - 1) if number > 1 else "",
        next_url=url(number + 1) if number < count else "",
    )


def _page_number(text: str) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= LAST_PAGE and len(text) <= len(str(LAST_PAGE))):
        raise Http404
    return int(text)


def _commune(slug: str) -> AdministrativeUnit:
    """A commune of the home province, of either generation. Raises Http404."""
    if "\0" in slug:
        raise Http404
    try:
        unit = unit_by_slug(slug)
    except UnitNotFoundError as error:
        raise Http404(str(error)) from error
    is_ours = unit.province is not None and unit.province.code == settings.HOME_PROVINCE_CODE
    if unit.level != AdministrativeUnit.Level.COMMUNE or not is_ours:
        raise Http404
    return unit
