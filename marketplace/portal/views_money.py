"""Money on the cooperative's own account: where it arrives, what has arrived, and what fits no parcel."""

import io
from time import monotonic
from typing import Any, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.pages import page_links
from marketplace.common.errors import DomainError
from marketplace.common.money import format_vnd
from marketplace.order.models import Parcel
from marketplace.order.states import amount_due, is_payable
from marketplace.payment import unmatched as queue
from marketplace.payment.bank_accounts import account_of, change_account, payouts_held_until, resembles
from marketplace.payment.models import StatementUpload, UnmatchedMoney
from marketplace.payment.providers.vietqr.banks import get_bank
from marketplace.payment.statement_import import PAGE_ROWS, import_statement, keep_upload, preview_statement
from marketplace.payment.transfers import confirm_transfer
from marketplace.portal import access
from marketplace.portal.access import Workplace
from marketplace.portal.forms_money import (
    AssignForm,
    BankAccountForm,
    DismissForm,
    GiveBackForm,
    StatementForm,
    TransferForm,
)
from marketplace.portal.pages import at_work, page, page_number, private
from marketplace.portal.requests import WorkRequest
from marketplace.portal.rows_money import StatementSummary, money_rows
from marketplace.portal.selectors import money_page

UNPROCESSABLE = 422
# A web server ends a request that takes half a minute; what is imported by then is known when it goes on.
IMPORT_SECONDS = 12


@require_GET
@at_work
def money(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    return _money(request, workplace, StatementForm())


@require_POST
@at_work
def statement_upload(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    """Keeps the file, once it can be read to its end, and leads to its preview."""
    form = StatementForm(request.POST, request.FILES)
    if form.is_valid():
        file = cast("UploadedFile", form.cleaned_data["file"])
        content = file.read()
        try:
            _summary(workplace, content)
        except DomainError as error:
            form.add_error("file", str(error))
        else:
            upload = keep_upload(
                cooperative=workplace.cooperative,
                name=file.name or "",
                content=content,
                by=request.user,
                now=request.now,
            )
            return redirect("portal:statement", pk=upload.pk)
    return _money(request, workplace, form, status=UNPROCESSABLE)


@require_http_methods(["GET", "POST"])
@private
def statement(request: WorkRequest, pk: int) -> HttpResponse:
    """What an import will do, and the import itself."""
    upload = access.statement_for(request.user, pk=pk, today=request.today)
    workplace = Workplace(upload.cooperative, ())
    try:
        if request.method == "POST":
            return _import(request, upload)
        summary = _summary(workplace, bytes(upload.content))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("portal:money")
    return page(request, "money_statement", workplace, {"upload": upload, "summary": summary})


@require_http_methods(["GET", "POST"])
@private
def unmatched(request: WorkRequest, pk: int) -> HttpResponse:
    found = access.unmatched_money_for(request.user, pk=pk, today=request.today)
    workplace = Workplace(cast("Any", found.cooperative), ())
    forms: dict[str, Any] = {"assign": AssignForm(), "give_back": GiveBackForm(), "dismiss": DismissForm()}
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act not in forms:
            raise Http404
        form = forms[act] = type(forms[act])(request.POST)
        if form.is_valid():
            try:
                done = _settle(request, found, act, form.cleaned_data)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, done)
                return redirect("portal:money")
    suggested = queue.suggestions(workplace.cooperative, [found]).get(found.pk)
    rows = money_rows([found], {found.pk: suggested} if suggested else {})
    context = {"row": rows[0], "money": found, "forms": forms, "is_open": found.status == UnmatchedMoney.Status.OPEN}
    is_bad = any(form.errors for form in forms.values() if form.is_bound)
    return page(request, "money_unmatched", workplace, context, status=UNPROCESSABLE if is_bad else 200)


@require_http_methods(["GET", "POST"])
@private
def transfer_received(request: WorkRequest, number: str) -> HttpResponse:
    """The clerk has seen the money on the account."""
    parcel = access.parcel_for(request.user, number=number, today=request.today)
    if parcel.payment_method != Parcel.PaymentMethod.TRANSFER or not is_payable(parcel):
        messages.info(request, _("No transfer is awaited for this parcel."))
        return redirect("portal:parcel", number=parcel.number)
    due = amount_due(parcel)
    form = TransferForm(request.POST if request.method == "POST" else None, initial={"amount": due})
    if request.method == "POST" and form.is_valid():
        try:
            confirm_transfer(parcel=parcel, by=request.user, now=request.now, **form.cleaned_data)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Parcel %(number)s is paid.") % {"number": parcel.number.upper()})
        return redirect("portal:parcel", number=parcel.number)
    context = {"parcel": parcel, "due": due, "form": form}
    status = UNPROCESSABLE if form.errors else 200
    return page(request, "money_transfer", access.workplace_of(parcel), context, status=status)


@sensitive_post_parameters("password", "account_number")
@require_http_methods(["GET", "POST"])
@at_work
def bank_account(request: WorkRequest, workplace: Workplace) -> HttpResponse:
    access.require_manager(request.user, workplace, today=request.today)
    account = account_of(workplace.cooperative.pk)
    initial = (
        {"bank_bin": account.bank_bin, "account_number": account.account_number, "holder": account.holder}
        if account
        else {}
    )
    form = BankAccountForm(request.POST if request.method == "POST" else None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("bank_bin", "account_number", "holder")}
        try:
            changed = change_account(cooperative=workplace.cooperative, by=request.user, now=request.now, **said)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("Transfers now go to this account. The cooperative's people are told by e-mail.")
            )
            if not resembles(changed.holder, workplace.cooperative.name):
                messages.warning(request, _("The holder does not look like the cooperative's name. Please check it."))
            return redirect("portal:money")
    context = {"form": form, "account": account}
    return page(request, "money_account", workplace, context, status=UNPROCESSABLE if form.errors else 200)


def _money(request: WorkRequest, workplace: Workplace, form: StatementForm, *, status: int = 200) -> HttpResponse:
    account = account_of(workplace.cooperative.pk)
    found = money_page(workplace.cooperative, page=page_number(request))
    context = {
        "account": account,
        "bank": get_bank(account.bank_bin) if account else None,
        "held_until": _held_until(request, account),
        "may_change": access.manages(request.user, workplace, today=request.today),
        "form": form,
        "rows": money_rows(found.rows, queue.suggestions(workplace.cooperative, found.rows) if found.rows else {}),
        "total": found.total,
        "pages": page_links(number=found.number, count=found.count, url_of=lambda number: f"?trang={number}"),
    }
    return page(request, "money", workplace, context, status=status)


def _held_until(request: WorkRequest, account: Any) -> Any:
    until = payouts_held_until(account) if account else None
    return until if until and until > request.now else None


def _summary(workplace: Workplace, content: bytes) -> StatementSummary:
    return StatementSummary.of(
        preview_statement(file=io.BytesIO(content), cooperative=workplace.cooperative, maximum_rows=PAGE_ROWS)
    )


def _import(request: WorkRequest, upload: StatementUpload) -> HttpResponse:
    done = StatementSummary()
    until = monotonic() + IMPORT_SECONDS
    rows = import_statement(
        file=io.BytesIO(bytes(upload.content)),
        cooperative=upload.cooperative,
        by=request.user,
        now=request.now,
        maximum_rows=PAGE_ROWS,
    )
    for row in rows:
        done.add(row)
        if row.is_new and monotonic() > until:
            messages.info(request, _("A long statement: a part is imported. Press once more to go on."))
            return redirect("portal:statement", pk=upload.pk)
    upload.delete()
    messages.success(
        request,
        _("Imported: %(paid)s parcels paid, %(queued)s transfers for you to settle, %(known)s known before.")
        % {"paid": done.paid, "queued": done.queued, "known": done.known},
    )
    return redirect("portal:money")


def _settle(request: WorkRequest, money: UnmatchedMoney, act: str, said: dict[str, Any]) -> str:
    """What was done, in words. Raises DomainError."""
    if act == "give_back":
        queue.give_back(money=money, by=request.user, now=request.now, **said)
        return _("The return of %(amount)s is recorded.") % {"amount": format_vnd(money.amount)}
    if act == "dismiss":
        queue.dismiss(money=money, by=request.user, now=request.now, **said)
        return _("Put aside: it has nothing to do with the market.")
    try:
        parcel = access.parcel_for(request.user, number=said["number"], today=request.today)
    except Http404:
        raise queue.MoneyNotTheCooperativesError from None
    queue.assign(money=money, parcel=parcel, by=request.user, now=request.now)
    return _("%(amount)s is applied to parcel %(number)s.") % {
        "amount": format_vnd(money.amount),
        "number": parcel.number.upper(),
    }
