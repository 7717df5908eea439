"""How the cooperative delivers: ways of delivery with their zones, pick-up points, and rules of ordering."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.common.errors import DomainError
from marketplace.portal import access
from marketplace.portal.access import Workplace
from marketplace.portal.forms_delivery import MethodForm, PickupForm, RulesForm, ZoneForm
from marketplace.portal.pages import at_work, page, private
from marketplace.portal.requests import WorkRequest
from marketplace.portal.rows_delivery import method_row, rules_row
from marketplace.shipping import selectors, services
from marketplace.shipping.models import DeliveryMethod, DeliveryZone

UNPROCESSABLE = 422


@require_GET
@at_work
def delivery(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    rows = [method_row(method) for method in selectors.methods_of(workplace.cooperative)]
    context = {
        "ways": [row for row in rows if not row.is_pickup],
        "points": [row for row in rows if row.is_pickup],
        "rules": rules_row(selectors.rules_of(workplace.cooperative)),
    }
    return page(request, "delivery", workplace, context)


@require_http_methods(["GET", "POST"])
@at_work
def method_new(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    return _method(request, workplace, None)


@require_http_methods(["GET", "POST"])
@private
def method_edit(request: WorkRequest, pk: int) -> HttpResponse:
    method = access.delivery_method_for(request.user, pk=pk, today=request.today)
    if method.kind == DeliveryMethod.Kind.PICKUP:
        return redirect("portal:pickup_edit", pk=pk)
    return _method(request, Workplace(method.cooperative, ()), method)


@require_http_methods(["GET", "POST"])
@at_work
def pickup_new(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    return _pickup(request, workplace, None)


@require_http_methods(["GET", "POST"])
@private
def pickup_edit(request: WorkRequest, pk: int) -> HttpResponse:
    method = access.delivery_method_for(request.user, pk=pk, today=request.today)
    if method.kind != DeliveryMethod.Kind.PICKUP:
        return redirect("portal:delivery_edit", pk=pk)
    return _pickup(request, Workplace(method.cooperative, ()), method)


@require_http_methods(["GET", "POST"])
@private
def zone_new(request: WorkRequest, pk: int) -> HttpResponse:
    method = access.delivery_method_for(request.user, pk=pk, today=request.today)
    if method.kind == DeliveryMethod.Kind.PICKUP:
        return redirect("portal:pickup_edit", pk=pk)
    return _zone(request, method, None)


@require_http_methods(["GET", "POST"])
@private
def zone_edit(request: WorkRequest, pk: int) -> HttpResponse:
    zone = access.delivery_zone_for(request.user, pk=pk, today=request.today)
    return _zone(request, zone.method, zone)


@require_POST
@private
def zone_remove(request: WorkRequest, pk: int) -> HttpResponse:
    zone = access.delivery_zone_for(request.user, pk=pk, today=request.today)
    services.remove_zone(zone=zone, by=request.user)
    messages.success(request, _("The zone is removed from “%(method)s”.") % {"method": zone.method.name})
    return redirect("portal:delivery")


@require_http_methods(["GET", "POST"])
@at_work
def rules(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    form = RulesForm(_sent(request), rules=selectors.rules_of(workplace.cooperative))
    if request.method == "POST" and form.is_valid():
        try:
            services.set_ordering_rules(cooperative=workplace.cooperative, by=request.user, **form.told())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The rules of ordering are saved."))
            return redirect("portal:delivery")
    return _shown(request, "delivery_rules", workplace, form)


def _method(request: WorkRequest, workplace: Workplace, method: DeliveryMethod | None) -> HttpResponse:
    initial = {"kind": method.kind, "name": method.name, "is_active": method.is_active} if method else {}
    form = MethodForm(_sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_method(
                cooperative=workplace.cooperative, method=method, by=request.user, **form.told()
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("“%(method)s” is saved.") % {"method": saved.name})
            if method is None:
                return redirect("portal:delivery_zone_new", pk=saved.pk)
            return redirect("portal:delivery")
    return _shown(request, "delivery_method", workplace, form, method=method)


def _pickup(request: WorkRequest, workplace: Workplace, point: DeliveryMethod | None) -> HttpResponse:
    form = PickupForm(_sent(request), point=point, on=request.today)
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_pickup_point(
                cooperative=workplace.cooperative, method=point, by=request.user, on=request.today, **form.told()
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("“%(method)s” is saved.") % {"method": saved.name})
            return redirect("portal:delivery")
    return _shown(request, "delivery_pickup", workplace, form, point=point)


def _zone(request: WorkRequest, method: DeliveryMethod, zone: DeliveryZone | None) -> HttpResponse:
    """A search is a press of the form's own button: what was typed is kept, and nothing is saved."""
    workplace = Workplace(method.cooperative, ())
    if request.method == "POST" and request.POST.get("action") == "find":
        form = ZoneForm.searching(request.POST, on=request.today)
        return _shown(request, "delivery_zone", workplace, form, method=method, zone=zone, is_searched=True)
    known = selectors.units_of(zone) if zone else ()
    form = ZoneForm(_sent(request), zone=zone, on=request.today, chosen=known)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_zone(method=method, zone=zone, by=request.user, on=request.today, **form.told())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The charges of “%(method)s” are saved.") % {"method": method.name})
            return redirect("portal:delivery")
    return _shown(request, "delivery_zone", workplace, form, method=method, zone=zone)


def _sent(request: WorkRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _shown(request: WorkRequest, template: str, workplace: Workplace, form: Any, **context: Any) -> HttpResponse:
    status = UNPROCESSABLE if form.errors else 200
    return page(request, template, workplace, {"form": form, **context}, status=status)
