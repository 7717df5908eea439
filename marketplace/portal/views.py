"""The clerk's day and the parcels."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.pages import page_links
from marketplace.common.errors import DomainError
from marketplace.common.tracking import tracking_url
from marketplace.order.models import Parcel
from marketplace.order.states import TRANSITIONS, TransitionNotAllowedError, amount_due, is_payable
from marketplace.payment.providers.names import COLLECTING
from marketplace.payment.selectors import refunds_to_give
from marketplace.portal import access, acts, selectors, shipments
from marketplace.portal.access import Workplace
from marketplace.portal.forms import ActForm
from marketplace.portal.pages import at_work, page, page_number, private
from marketplace.portal.problems import changes_of, open_problem_count, problems_of
from marketplace.portal.requests import WorkRequest
from marketplace.portal.rows import parcel_row, parcel_sums
from marketplace.portal.timeline import status_steps
from marketplace.portal.views_packing import asks_for_weights, open_questions
from marketplace.portal.views_refunds import refund_row

Status = Parcel.Status

# Part of the address, statuses, what the list is called.
_TABS: tuple[tuple[str, Sequence[str]], ...] = (
    ("cho-xac-nhan", selectors.TO_CONFIRM),
    ("can-dong-goi", selectors.TO_PACK),
    ("cho-giao", selectors.TO_HAND_OVER),
    ("dang-giao", selectors.UNDERWAY),
    ("da-giao", (Status.DELIVERED,)),
    ("huy-hoan", (Status.CANCELLED, Status.RETURNED)),
    ("tat-ca", ()),
)


def _tab_labels() -> dict[str, str]:
    return {
        "cho-xac-nhan": _("To confirm"),
        "can-dong-goi": _("To pack"),
        "cho-giao": _("To hand over"),
        "dang-giao": _("On the way"),
        "da-giao": _("Delivered"),
        "huy-hoan": _("Cancelled or returned"),
        "tat-ca": _("All"),
    }


@require_GET
@at_work
def today(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    counts = selectors.parcel_counts(workplace.cooperative)
    waiting = selectors.open_parcels(workplace.cooperative)
    labels = _tab_labels()
    sections = [
        {
            "slug": slug,
            "label": labels[slug],
            "count": sum(counts.get(status, 0) for status in statuses),
            "url": f"{reverse('portal:parcels')}?xem={slug}",
            "rows": [parcel_row(parcel) for parcel in waiting if parcel.status in statuses],
        }
        for slug, statuses in _TABS[:4]
    ]
    context = {
        "sections": sections,
        "day": request.today,
        "has_work": any(section["count"] for section in sections),
        "open_problems": open_problem_count(workplace.cooperative),
        "refunds_to_give": refunds_to_give(workplace.cooperative).exclude(provider__in=COLLECTING).count(),
    }
    return page(request, "today", workplace, context)


@require_GET
@at_work
def parcels(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    tabs = dict(_TABS)
    chosen = request.GET.get("xem", "tat-ca")
    if chosen not in tabs:
        raise Http404
    counts = selectors.parcel_counts(workplace.cooperative)
    found = selectors.parcel_page(workplace.cooperative, statuses=tabs[chosen], page=page_number(request))
    labels = _tab_labels()
    context = {
        "tabs": [
            {
                "label": labels[slug],
                "url": f"?xem={slug}",
                "count": sum(counts.get(status, 0) for status in statuses or counts),
                "is_on": slug == chosen,
            }
            for slug, statuses in _TABS
        ],
        "rows": [parcel_row(parcel) for parcel in found.rows],
        "pages": page_links(
            number=found.number,
            count=found.count,
            url_of=lambda number: f"?xem={chosen}&trang={number}",
        ),
    }
    return page(request, "parcels", workplace, context)


@require_GET
@private
def parcel(request: WorkRequest, number: str) -> HttpResponse:
    found = access.parcel_for(request.user, number=number, today=request.today)
    possible = acts.open_acts(found)
    context = {
        "parcel": found,
        "address": found.order.shipping_address,
        "lines": selectors.lines_of(found),
        "steps": status_steps(found),
        "main_acts": [act for act in possible if not act.is_grave],
        "grave_acts": [act for act in possible if act.is_grave],
        "may_pack_less": Status.PACKED in TRANSITIONS[found.status] and not asks_for_weights(found),
        "is_refundable": found.amount_received > found.amount_refunded,
        "questions": open_questions(found),
        "awaits_transfer": found.payment_method == Parcel.PaymentMethod.TRANSFER and is_payable(found),
        "row": parcel_row(found),
        "sums": parcel_sums(found),
        "refunds": _refunds_of(found),
        "problems": problems_of(found),
        "changes": changes_of(found),
        "tracking_url": tracking_url(found.carrier, found.tracking_number),
    }
    return page(request, "parcel", access.workplace_of(found), context)


@require_http_methods(["GET", "POST"])
@private
def act(request: WorkRequest, number: str, slug: str) -> HttpResponse:
    """The page of an act, and the act itself: done already, it leads to the parcel and says so."""
    found = access.parcel_for(request.user, number=number, today=request.today)
    chosen = acts.BY_SLUG.get(slug)
    if chosen is None:
        raise Http404
    if not chosen.is_open_to(found):
        _say_why_not(request, found, chosen)
        return _after(request, found)
    if chosen.to_status == Status.PACKED and asks_for_weights(found):
        return redirect("portal:pack", number=found.number)
    chosen = chosen.worded_for(found)
    form = ActForm(
        request.POST if request.method == "POST" else None, act=chosen, service=shipments.bookable_with(found)
    )
    if request.method == "POST" and form.is_valid():
        try:
            acts.perform(act=chosen, parcel=found, by=request.user, now=request.now, said=form.cleaned_data)
        except TransitionNotAllowedError:
            # Somebody else was quicker.
            found.refresh_from_db()
            _say_why_not(request, found, chosen)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, chosen.done % {"number": found.number.upper()})
        return _after(request, found)
    context = {
        "parcel": found,
        "row": parcel_row(found),
        "act": chosen,
        "form": form,
        "back": _back(request),
        "due": amount_due(found),
    }
    return page(request, "act", access.workplace_of(found), context, status=422 if form.errors else 200)


@require_POST
@private
def switch(request: WorkRequest) -> HttpResponse:
    text = request.POST.get("cooperative", "")
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise Http404
    chosen = access.switch_to(request, cooperative_id=int(text), today=request.today)
    messages.info(request, _("You are working for %(cooperative)s.") % {"cooperative": chosen.short_name})
    return redirect("portal:today")


def _refunds_of(found: Parcel) -> list[dict[str, Any]]:
    """No query for a parcel of which nothing was received."""
    made = found.refunds.order_by("created_at", "pk") if found.amount_received else ()
    return [refund_row(refund) for refund in made]


def _say_why_not(request: WorkRequest, found: Parcel, chosen: acts.Act) -> None:
    was_done = found.status == chosen.to_status or found.events.filter(to_status=chosen.to_status).exists()
    if was_done:
        messages.info(
            request, _("This is done already: the parcel is “%(status)s”.") % {"status": found.get_status_display()}
        )
    else:
        messages.error(
            request,
            _("This cannot be done now: the parcel is “%(status)s”.") % {"status": found.get_status_display()},
        )


def _back(request: WorkRequest) -> str:
    """The word "today" when the act began on the day's page, else nothing."""
    said = request.POST if request.method == "POST" else request.GET
    return "today" if said.get("back") == "today" else ""


def _after(request: WorkRequest, found: Parcel) -> HttpResponse:
    return redirect("portal:today") if _back(request) else redirect("portal:parcel", number=found.number)
