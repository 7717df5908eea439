"""What a buyer may do about an order that is placed. Each act asks first, does one thing, and comes back to the order."""

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.basket.limits import limits_posts
from marketplace.basket.middleware import ShopRequest
from marketplace.buyer.forms import ContestForm, RecipientForm
from marketplace.buyer.recipients import move_order
from marketplace.buyer.reordering import reorder
from marketplace.buyer.selectors import refund_of_order
from marketplace.common.dates import local_today
from marketplace.common.errors import DomainError
from marketplace.common.limits import is_within_limit
from marketplace.order.access import order_for
from marketplace.order.amending import PackedAlreadyError, change_invoice, is_amendable
from marketplace.order.forms import InvoiceForm
from marketplace.order.models import Order, OrderInvoice, Parcel
from marketplace.order.services import cancel_parcel
from marketplace.order.states import CANCELLABLE, CancelReason
from marketplace.payment.refunds import contest_refund
from marketplace.users.models import User

UNPROCESSABLE = 422
_CHANGES_AN_HOUR = 10
_HOUR = 3600


@never_cache
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, number: str, parcel_number: str) -> HttpResponse:
    """GET asks whether it is meant; POST cancels."""
    now = timezone.now()
    order = order_for(request, number, now=now)
    parcel = parcel_of(order, parcel_number)
    if request.method == "POST":
        try:
            cancel_parcel(parcel=parcel, by=person(request), now=now, reason=CancelReason.BUYER)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Cancelled. The cooperative has been told."))
        return back_to(order)
    if parcel.status not in CANCELLABLE:
        return back_to(order)
    return render(request, "order/cancel.html", {"order": order, "parcel": parcel})


@never_cache
@require_http_methods(["GET", "POST"])
def recipient(request: HttpRequest, number: str) -> HttpResponse:
    """Who receives the order and where, until it is packed."""
    now = timezone.now()
    order = order_for(request, number, now=now)
    if not is_amendable(list(order.parcels.all())) or order.shipping_address is None:
        messages.error(request, str(PackedAlreadyError()))
        return back_to(order)
    said = request.POST if request.method == "POST" else None
    form = RecipientForm(said, address=order.shipping_address, on=local_today(now))
    if form.is_bound and form.is_valid() and _is_seldom(order, form):
        try:
            changes = move_order(order=order, recipient=form.recipient(), by=person(request), now=now)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            if changes:
                messages.success(request, _("Changed. The cooperatives have been told."))
            return back_to(order)
    context = {
        "order": order,
        "form": form,
        "candidates": form.candidates,
        "chosen": form.unit.pk if form.unit else None,
    }
    return render(request, "order/recipient.html", context, status=UNPROCESSABLE if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def invoice(request: HttpRequest, number: str) -> HttpResponse:
    """To whom the cooperatives make out their invoices, until a parcel is packed."""
    now = timezone.now()
    order = order_for(request, number, now=now)
    if not is_amendable(list(order.parcels.all())):
        messages.error(request, str(PackedAlreadyError()))
        return back_to(order)
    known = getattr(order, "invoice", None)
    form = InvoiceForm(request.POST) if request.method == "POST" else InvoiceForm(initial=_invoice_fields(known))
    if form.is_bound and form.is_valid() and _is_seldom(order, form):
        try:
            change_invoice(order=order, invoice=form.invoice(), by=person(request), now=now)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Changed. The cooperatives have been told."))
        return back_to(order)
    context = {"order": order, "form": form}
    return render(request, "order/invoice.html", context, status=UNPROCESSABLE if form.errors else 200)


@never_cache
@require_POST
@limits_posts
def order_again(request: ShopRequest, number: str) -> HttpResponse:
    """What can still be had goes into the basket; the rest is told line by line."""
    now = timezone.now()
    order = order_for(request, number, now=now)
    lines = [line for parcel in order.parcels.all() for line in parcel.lines.all()]
    result = reorder(basket=request.basket, lines=lines, on=local_today(now))
    for problem in result.problems:
        messages.warning(request, problem)
    if not result.added:
        return back_to(order)
    messages.success(request, _("In your basket again: %(titles)s.") % {"titles": ", ".join(result.added)})
    return redirect("basket:summary")


@never_cache
@require_http_methods(["GET", "POST"])
def contest(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The buyer says that money which the cooperative gave back never came."""
    now = timezone.now()
    order = order_for(request, number, now=now)
    refund = refund_of_order(order, pk)
    if refund is None:
        raise Http404
    form = ContestForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            contest_refund(refund=refund, note=form.cleaned_data["note"], now=now)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("The cooperative and the marketplace have been told that the money did not come.")
            )
        return back_to(order)
    context = {"order": order, "refund": refund, "form": form}
    return render(request, "order/contest.html", context, status=UNPROCESSABLE if form.errors else 200)


def _is_seldom(order: Order, form: Form) -> bool:
    """Whether the order was not changed all too often; each change is told to its cooperatives."""
    if is_within_limit(what="order-change", who=order.number, limit=_CHANGES_AN_HOUR, seconds=_HOUR):
        return True
    form.add_error(None, _("You have asked many times. Wait an hour and try again."))
    return False


def _invoice_fields(known: OrderInvoice | None) -> dict[str, str]:
    if known is None:
        return {}
    return {f"invoice_{name}": getattr(known, name) for name in ("name", "tax_code", "address", "email")}


def parcel_of(order: Order, number: str) -> Parcel:
    """Raises Http404 for another order's parcel."""
    for parcel in order.parcels.all():
        if parcel.number == number:
            return parcel
    raise Http404


def person(request: HttpRequest) -> User | None:
    """None for a guest."""
    return request.user if request.user.is_authenticated else None


def back_to(order: Order) -> HttpResponse:
    return redirect("order:detail", number=order.number)
