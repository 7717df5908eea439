"""Packing with weights, or with less than was ordered."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marketplace.common.errors import DomainError
from marketplace.order.models import Parcel, WeightConsent
from marketplace.order.packing import pack_as
from marketplace.order.states import TRANSITIONS, Status
from marketplace.portal import access
from marketplace.portal.forms_packing import PackingForm
from marketplace.portal.pages import page, private
from marketplace.portal.requests import WorkRequest
from marketplace.portal.rows import parcel_row


def asks_for_weights(parcel: Parcel) -> bool:
    """Whether something in it is weighed and has not been. Reads prefetched lines."""
    return any(line.is_weighed and line.packed_units is None for line in parcel.lines.all())


def open_questions(parcel: Parcel) -> list[WeightConsent]:
    """What the buyer is asked about weights. No query for a parcel that can hold none."""
    if parcel.status != Status.CONFIRMED or not asks_for_weights(parcel):
        return []
    return list(WeightConsent.objects.filter(line__parcel=parcel, answer="").select_related("line").order_by("pk"))


@require_http_methods(["GET", "POST"])
@private
def pack(request: WorkRequest, number: str) -> HttpResponse:
    found = access.parcel_for(request.user, number=number, today=request.today)
    if Status.PACKED not in TRANSITIONS[found.status]:
        messages.info(
            request, _("This cannot be done now: the parcel is “%(status)s”.") % {"status": found.get_status_display()}
        )
        return redirect("portal:parcel", number=found.number)
    form = PackingForm(request.POST if request.method == "POST" else None, parcel=found)
    if request.method == "POST" and form.is_valid():
        try:
            parcel = _pack(request, found, form)
        except DomainError as error:
            form.refuse(error)
        else:
            said = {"number": parcel.number.upper()}
            if parcel.status == Status.PACKED:
                messages.success(request, _("Parcel %(number)s is packed.") % said)
            else:
                messages.info(request, _("The buyer of parcel %(number)s is asked about the weight.") % said)
            return redirect("portal:parcel", number=parcel.number)
    context = {"parcel": found, "row": parcel_row(found), "form": form}
    return page(request, "pack", access.workplace_of(found), context, status=422 if form.errors else 200)


def _pack(request: WorkRequest, parcel: Parcel, form: PackingForm) -> Parcel:
    said = form.cleaned_data
    return pack_as(
        parcel=parcel,
        packed=form.packed,
        by=request.user,
        now=request.now,
        reason=said["reason"],
        is_written_off=said["is_written_off"],
        note=said["note"],
    )
