"""Giving money back for a parcel, what is still to be given, and how the cooperative lets itself be paid."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.common.errors import DomainError
from marketplace.common.money import format_vnd
from marketplace.payment.models import PaymentTerms, Refund
from marketplace.payment.providers.names import COLLECTING
from marketplace.payment.refunds import record_refund_given, request_refund
from marketplace.payment.selectors import refundable, refunds_done, refunds_to_give
from marketplace.payment.shares import left_by_line
from marketplace.portal import access
from marketplace.portal.access import Workplace
from marketplace.portal.forms_refunds import GivenForm, RefundForm, TermsForm
from marketplace.portal.pages import at_work, page, private
from marketplace.portal.requests import WorkRequest
from marketplace.portal.rows import parcel_row

SHOWN = 50


@require_http_methods(["GET", "POST"])
@private
def refund(request: WorkRequest, number: str) -> HttpResponse:
    found = access.parcel_for(request.user, number=number, today=request.today)
    form = RefundForm(request.POST if request.method == "POST" else None, parcel=found, left=left_by_line(found))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            refunds = request_refund(
                parcel=found,
                key=str(said["token"]),
                reason=said["reason"],
                lines=form.parts,
                amount=said["amount"],
                note=said["note"],
                by=request.user,
                now=request.now,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(
                request, _("%(amount)s go back.") % {"amount": format_vnd(sum(int(made.amount) for made in refunds))}
            )
            by_hand = [made for made in refunds if made.provider not in COLLECTING]
            if by_hand:
                return redirect("portal:refund_given", pk=by_hand[0].pk)
            return redirect("portal:parcel", number=found.number)
    context = {
        "parcel": found,
        "row": parcel_row(found),
        "form": form,
        "possible": refundable(found),
        "refunds": [refund_row(made) for made in found.refunds.order_by("created_at", "pk")],
    }
    return page(request, "refund", access.workplace_of(found), context, status=422 if form.errors else 200)


@require_GET
@at_work
def refunds(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    context = {
        "waiting": [refund_row(row) for row in refunds_to_give(workplace.cooperative)[:SHOWN]],
        "done": [refund_row(row) for row in refunds_done(workplace.cooperative)[:SHOWN]],
    }
    return page(request, "refunds", workplace, context)


@require_http_methods(["GET", "POST"])
@private
def refund_given(request: WorkRequest, pk: int) -> HttpResponse:
    """The cooperative says that it gave the money back, and how."""
    found, workplace = access.refund_for(request.user, pk=pk, today=request.today)
    form = GivenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            record_refund_given(
                refund=found, reference=form.cleaned_data["reference"], by=request.user, now=request.now
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Recorded, and the buyer is told."))
            return redirect("portal:refunds")
    context = {"refund": refund_row(found), "form": form, "is_by_hand": found.provider not in COLLECTING}
    return page(request, "refund_given", workplace, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@at_work
def terms(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    known = PaymentTerms.objects.filter(cooperative=workplace.cooperative).first()
    form = TermsForm(
        request.POST if request.method == "POST" else None,
        instance=known or PaymentTerms(cooperative=workplace.cooperative),
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved. New orders follow it."))
        return redirect("portal:money")
    return page(request, "terms", workplace, {"form": form}, status=422 if form.errors else 200)


def refund_row(made: Refund) -> dict[str, Any]:
    """Ready words of a refund."""
    parcel = made.parcel
    is_waiting = made.status in {Refund.Status.REQUESTED, Refund.Status.PENDING, Refund.Status.CONTESTED}
    return {
        "pk": made.pk,
        "amount": made.amount,
        "status": made.get_status_display(),
        "reason": made.get_reason_display(),
        "reference": made.external_id,
        "note": made.note,
        "contest": made.contest_note,
        "error": made.last_error if made.status == Refund.Status.FAILED else "",
        "at": made.created_at,
        "number": parcel.number if parcel else "",
        "buyer": parcel.order.buyer_name if parcel else "",
        "phone": str(parcel.order.buyer_phone) if parcel else "",
        "is_ours_to_give": is_waiting and made.provider not in COLLECTING,
    }
