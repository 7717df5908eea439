"""Pages of communes: what each grows, who sells it, what it was and what it became."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import communes
from catalog.choices import Facet
from catalog.lists import listing_list
from catalog.structured import breadcrumb_data
from cooperatives.indicators.reasons import why_not_yet
from cooperatives.indicators.selectors import coverage
from cooperatives.places.models import AdministrativeUnit
from cooperatives.places.selectors import UnitNotFoundError, unit_by_slug
from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError

Level = AdministrativeUnit.Level

# A province has some sixty to a hundred.
MAXIMUM_COMMUNES = 200


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Communes, those that goods on sale come from first."""
    today = local_day(timezone.now())
    entries = communes.communes_with_trade(on=today, count=MAXIMUM_COMMUNES)
    crumbs = [{"label": _("Communes")}]
    context = {
        "entries": entries,
        "others": communes.communes_without_trade(entries, on=today),
        "crumbs": crumbs,
        "data": breadcrumb_data(request, crumbs),
    }
    return render(request, "places/index.html", context)


@require_safe
def commune(request: HttpRequest, slug: str) -> HttpResponse:
    """A commune of today, or one that was."""
    unit = _unit(slug, Level.COMMUNE)
    if unit.slug != slug:
        return redirect(unit, permanent=True)
    today = local_day(timezone.now())
    # A commune that was merged is shown as on its last day.
    is_current = unit.valid_to is None or today < unit.valid_to
    day = today if unit.valid_to is None or is_current else unit.valid_to - timedelta(days=1)
    crumbs = [{"label": _("Communes"), "url": reverse("places:index")}, {"label": unit.name}]
    former = communes.was(unit)
    context = {
        "unit": unit,
        "is_current": is_current,
        "list": listing_list(request, categories={}, within={"commune_id": unit.pk}, hidden=list(Facet)),
        "key_products": communes.key_products_of(unit, former=former, on=day, sellers=communes.sellers_from(unit)),
        "cooperatives": communes.cooperatives_of(unit, former=former, on=day),
        "was": former if is_current else [],
        "became": [] if is_current else communes.became(unit),
        "crumbs": crumbs,
        "data": breadcrumb_data(request, crumbs),
    }
    return render(request, "places/commune.html", context)


@require_safe
def coverage_status(request: HttpRequest, slug: str) -> HttpResponse:
    """The commune's rung and what it still lacks, for its page; anyone else is led to the evidence itself."""
    unit = _unit(slug, Level.COMMUNE)
    if not request.headers.get("HX-Request"):
        return redirect("indicators:unit", slug=unit.slug)
    today = local_day(timezone.now())
    try:
        found = coverage(unit, today, today=today)
        reasons = why_not_yet(unit, today, today=today)
    except DomainError as error:
        return render(request, "places/coverage_rung.html", {"problem": str(error), "unit": unit})
    result = next(result for result in found.units if result.unit == unit)
    return render(
        request, "places/coverage_rung.html", {"unit": unit, "result": result, "reasons": reasons, "today": today}
    )


@require_safe
def district(request: HttpRequest, slug: str) -> HttpResponse:
    """A former district: its communes, and what they became."""
    unit = _unit(slug, Level.DISTRICT)
    if unit.slug != slug:
        return redirect(unit, permanent=True)
    crumbs = [{"label": _("Communes"), "url": reverse("places:index")}, {"label": unit.name}]
    context = {
        "unit": unit,
        "communes": communes.communes_of_district(unit),
        "crumbs": crumbs,
        "data": breadcrumb_data(request, crumbs),
    }
    return render(request, "places/district.html", context)


@require_safe
def province(_request: HttpRequest, slug: str) -> HttpResponse:
    """Provinces have no page of their own: their communes have."""
    _unit(slug, Level.PROVINCE)
    return redirect("places:index")


def _unit(slug: str, level: str) -> AdministrativeUnit:
    """Raises Http404 for a slug without a unit, or a unit of another level."""
    try:
        unit = unit_by_slug(slug)
    except UnitNotFoundError as error:
        raise Http404 from error
    if unit.level != level:
        raise Http404
    return unit
