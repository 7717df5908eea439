"""Finance in the administration: fees, the sweep of a period, payouts approved by two people, bills, taxes withheld.

Every view asks for its permission; each act is one service, whose refusal is shown and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from wagtail.log_actions import log

from cms.settlement_forms import ActForm, ConnectedAccountForm, FeeForm, SweepForm, TaxStatusForm
from marketplace.common.dates import local_today
from marketplace.common.errors import DomainError
from marketplace.payment.providers.choice import card_provider
from marketplace.settlement import bank_files, payouts, taxes
from marketplace.settlement.bills import record_payment
from marketplace.settlement.fees import set_fee
from marketplace.settlement.models import (
    Bill,
    ConnectedAccount,
    FeeRate,
    Payout,
    PayoutFile,
    SellerTaxStatus,
    Statement,
    WithholdingRate,
)
from marketplace.settlement.papers import NoPangoError, part_of, statement_html, statement_pdf
from marketplace.settlement.payouts import APPROVE, PAY
from marketplace.settlement.periods import last_period_end
from marketplace.settlement.sellers import connect_account, set_tax_status
from marketplace.settlement.sheets import statement_workbook
from marketplace.settlement.sweep import sweep
from marketplace.users.models import User

SETTLE = "settlement.settle_period"
FEES = "settlement.add_feerate"
ANY = (SETTLE, APPROVE, PAY, FEES)
SHOWN = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def permitted(*permissions: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """For whoever has one of the permissions; others are refused. Nobody stores the answer."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(request.user.has_perm(permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return never_cache(inner)

    return decorate


@dataclass(frozen=True)
class Act:
    """Something that may be done with a payout, from these statuses, by who has the permission."""

    slug: str
    label: str | Promise
    permission: str
    statuses: frozenset[str]
    method: str = ""
    wants_text: bool = False

    def is_open(self, payout: Payout, request: HttpRequest) -> bool:
        is_way = not self.method or payout.method == self.method
        return is_way and payout.status in self.statuses and request.user.has_perm(self.permission)


_S = Payout.Status
ACTS = (
    Act("duyet", gettext_lazy("Approve"), APPROVE, frozenset({_S.PENDING, _S.APPROVED_ONCE})),
    Act("stripe", gettext_lazy("Transfer at Stripe"), PAY, frozenset({_S.APPROVED, _S.EXPORTED}), Payout.Method.STRIPE),
    Act("da-chi", gettext_lazy("Mark as paid"), PAY, frozenset({_S.EXPORTED}), wants_text=True),
    Act("rut", gettext_lazy("Withdraw the approvals"), APPROVE, frozenset({_S.APPROVED_ONCE, _S.APPROVED}), "", True),  # noqa: FBT003
    Act(
        "hong",
        gettext_lazy("The bank did not pay"),
        PAY,
        frozenset({_S.EXPORTED, _S.PAID}),
        "",
        wants_text=True,
    ),
)
BY_SLUG = {act.slug: act for act in ACTS}


@require_http_methods(["GET", "POST"])
@permitted(*ANY)
def finance(request: HttpRequest) -> HttpResponse:
    """What waits for whom; posted, the sweep of a period."""
    form = SweepForm(request.POST or None, last=last_period_end(local_today(timezone.now())))
    if request.method == "POST":
        if not request.user.has_perm(SETTLE):
            raise PermissionDenied
        if form.is_valid() and _told(request, lambda: _sweep(request, form.cleaned_data["period_to"])):
            return redirect("finance")
    of_payouts = Payout.objects.select_related("statement__cooperative").order_by("-statement__period_to", "pk")
    waiting = list(of_payouts.exclude(status__in=[_S.PAID, _S.CARRIED])[: SHOWN * 4])
    context = {
        "form": form if request.user.has_perm(SETTLE) else None,
        "waiting": waiting,
        "can_export": request.user.has_perm(PAY) and any(_is_exportable(payout) for payout in waiting),
        "exportable": {payout.pk for payout in waiting if _is_exportable(payout)},
        "bills": Bill.objects.filter(status=Bill.Status.OPEN).select_related("statement__cooperative").order_by("pk"),
        "can_pay": request.user.has_perm(PAY),
        "statements": Statement.objects.select_related("cooperative", "payout", "bill")[:SHOWN],
        "files": PayoutFile.objects.select_related("made_by")[:10] if request.user.has_perm(PAY) else (),
        "month": local_today(timezone.now()).strftime("%Y-%m"),
        "can_fees": request.user.has_perm(FEES),
    }
    return _page(request, "index", context, _("Statements and payouts"))


@require_http_methods(["GET", "POST"])
@permitted(FEES)
def fees(request: HttpRequest) -> HttpResponse:
    form = FeeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _told(request, lambda: set_fee(**form.arguments())):
        messages.success(request, _("The fee is set."))
        return redirect("finance_fees")
    rows = FeeRate.objects.select_related("cooperative", "category").order_by("-valid_from", "-pk")
    return _page(request, "fees", {"form": form, "rows": rows[: SHOWN * 4]}, _("Fees"))


@require_http_methods(["GET", "POST"])
@permitted(SETTLE)
def sellers(request: HttpRequest) -> HttpResponse:
    """Households for which tax is withheld, and accounts at Stripe."""
    which = request.POST.get("form") if request.method == "POST" else None
    tax_form = TaxStatusForm(request.POST if which == "tax" else None)
    account_form = ConnectedAccountForm(request.POST if which == "account" else None)
    if which == "tax" and tax_form.is_valid() and _did(request, lambda: set_tax_status(**tax_form.cleaned_data)):
        return redirect("finance_sellers")
    if which == "account" and account_form.is_valid():
        said = account_form.cleaned_data
        if _did(request, lambda: connect_account(**said, now=timezone.now())):
            log(instance=said["cooperative"], action="wagtail.edit", user=request.user, title=str(said["cooperative"]))
            return redirect("finance_sellers")
    context = {
        "tax_form": tax_form,
        "account_form": account_form,
        "is_on": settings.TAX_WITHHOLDING,
        "statuses": SellerTaxStatus.objects.select_related("cooperative").order_by("cooperative", "-valid_from"),
        "accounts": ConnectedAccount.objects.select_related("cooperative").order_by("cooperative"),
        "rates": WithholdingRate.objects.order_by("seller_kind", "nature", "-valid_from"),
    }
    return _page(request, "sellers", context, _("Sellers: taxes and accounts"))


@require_http_methods(["GET", "POST"])
@permitted(APPROVE, PAY)
def payout(request: HttpRequest, pk: int) -> HttpResponse:
    """A payout with its history; posted, one act on it."""
    found = get_object_or_404(Payout.objects.select_related("statement__cooperative", "bank_account", "file"), pk=pk)
    if request.method == "POST":
        form = ActForm(request.POST)
        act = BY_SLUG.get(request.POST.get("act", ""))
        if act is None or not form.is_valid():
            raise Http404
        if _told(request, lambda: _perform(request, act, found, form.cleaned_data["text"])):
            messages.success(request, _("Done: %(act)s.") % {"act": act.label})
        return redirect("finance_payout", pk=pk)
    context = {
        "payout": found,
        "statement": found.statement,
        "acts": [act for act in ACTS if act.is_open(found, request)],
        "approvals": found.approvals.filter(turn=found.turn).select_related("by").order_by("at"),
        "events": found.events.select_related("by"),
        "held_until": payouts.held_until(found),
        "is_disputed": payouts.is_disputed(found),
    }
    return _page(request, "payout", context, _("Payout %(number)s") % {"number": found.statement.number})


@require_POST
@permitted(PAY)
def export(request: HttpRequest) -> HttpResponse:
    chosen = [int(text) for text in request.POST.getlist("payout") if text.isascii() and text.isdigit()][:500]
    rows = list(Payout.objects.filter(pk__in=chosen))
    if _told(request, lambda: payouts.export(payouts=rows, by=_person(request), now=timezone.now())):
        messages.success(request, _("The file for the bank is made: download it below."))
    return redirect("finance")


@require_GET
@permitted(PAY)
def bank_file(_request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    found = get_object_or_404(PayoutFile, pk=pk)
    if kind == "xlsx":
        file = bank_files.workbook_of(found)
        return FileResponse(file, as_attachment=True, filename=f"{found.number}.xlsx", content_type=XLSX)
    headers = {"Content-Disposition": f'attachment; filename="{found.number}.csv"'}
    return HttpResponse(bank_files.csv_of(found), content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
@permitted(PAY)
def bill_paid(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = get_object_or_404(Bill, pk=pk), ActForm(request.POST)
    if not form.is_valid():
        raise Http404
    said = form.cleaned_data["text"]
    if _told(request, lambda: record_payment(bill=found, reference=said, by=_person(request), now=timezone.now())):
        messages.success(request, _("The payment is recorded."))
    return redirect("finance")


@require_GET
@permitted(*ANY)
def statement_file(request: HttpRequest, number: str, kind: str) -> HttpResponseBase:
    found = get_object_or_404(Statement.objects.select_related("cooperative"), number=number.upper())
    if kind == "xlsx":
        file = statement_workbook(found)
        return FileResponse(file, as_attachment=True, filename=f"{found.number}.xlsx", content_type=XLSX)
    text = request.GET.get("trang", "1")
    part = part_of(found, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else None
    if part is None:
        raise Http404
    try:
        return HttpResponse(statement_pdf(found, part), content_type="application/pdf")
    except NoPangoError:
        return HttpResponse(statement_html(found, part))


@require_GET
@permitted(SETTLE)
def tax_file(_request: HttpRequest, month: str) -> HttpResponseBase:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise Http404 from error
    file = taxes.month_workbook(first)
    return FileResponse(file, as_attachment=True, filename=f"thue-khau-tru-{month}.xlsx", content_type=XLSX)


def _person(request: HttpRequest) -> User:
    """Whoever was let in by `permitted`."""
    return cast("User", request.user)


def _sweep(request: HttpRequest, period_to: date) -> bool:
    made = sweep(period_to=period_to, now=timezone.now(), by=_person(request))
    messages.success(request, _("%(count)s statements for this period.") % {"count": len(made)})
    return True


def _perform(request: HttpRequest, act: Act, found: Payout, text: str) -> object:
    common: dict[str, Any] = {"payout": found, "by": _person(request), "now": timezone.now()}
    match act.slug:
        case "duyet":
            return payouts.approve(**common)
        case "rut":
            return payouts.withdraw(**common, note=text)
        case "da-chi":
            return payouts.mark_paid(**common, reference=text)
        case "hong":
            return payouts.mark_failed(**common, note=text)
        case _:
            provider = card_provider()
            if provider is None:
                messages.error(request, _("No key of Stripe is set."))
                return None
            return payouts.send_by_stripe(**common, provider=provider)


def _told(request: HttpRequest, act: Callable[[], object]) -> bool:
    """Whether it was done; a refusal becomes a message."""
    try:
        return bool(act())
    except DomainError as error:
        messages.error(request, str(error))
        return False


def _did(request: HttpRequest, act: Callable[[], object]) -> bool:
    """Like `_told`, for acts that may return nothing."""
    return _told(request, lambda: (act(), True)[1])


def _is_exportable(found: Payout) -> bool:
    return found.status == _S.APPROVED and found.method == Payout.Method.BANK


def _page(request: HttpRequest, name: str, context: dict[str, Any], title: str) -> HttpResponse:
    crumbs = [{"url": reverse("finance"), "label": _("Statements and payouts")}]
    if name != "index":
        crumbs.append({"url": "", "label": title})
    frame = {"header_title": title, "header_icon": "list-ul", "breadcrumbs_items": crumbs, "title": title}
    return render(request, f"cms/settlement/{name}.html", {**frame, **context})
