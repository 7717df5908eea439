"""A buyer's orders: one by its link, all of one's own, and the way back to a link that was lost."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.common.errors import DomainError
from marketplace.order.access import grant, order_for
from marketplace.order.find import TooManyRequestsError, send_link_again
from marketplace.order.forms import FindOrderForm
from marketplace.order.links import LinkExpiredError, LinkInvalidError, check_order_key
from marketplace.order.models import Order, Parcel
from marketplace.order.progress import parcel_box
from marketplace.order.selectors import orders_of
from marketplace.order.services import cancel_parcel
from marketplace.order.states import CANCELLABLE, CancelReason, OrderStatus, is_payable
from marketplace.users.models import User

PAGE_SIZE = 20


@never_cache
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A signed link opens the order for this browser, then leaves the address bar."""
    if "khoa" in request.GET:
        return _open_link(request, number, request.GET["khoa"])
    order = order_for(request, number, now=timezone.now())
    context = {
        "order": order,
        "boxes": [parcel_box(parcel) for parcel in order.parcels.all()],
        "goods_total": order.total_incl_tax - order.shipping_incl_tax,
        "due": sum(parcel.total for parcel in order.parcels.all() if is_payable(parcel)),
        "status": OrderStatus(order.status).label,
        "is_new": order.status == OrderStatus.PLACED,
    }
    return render(request, "order/detail.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, number: str, parcel_number: str) -> HttpResponse:
    """GET asks whether it is meant; POST cancels."""
    order = order_for(request, number, now=timezone.now())
    parcel = _parcel(order, parcel_number)
    if request.method == "POST":
        by = request.user if request.user.is_authenticated else None
        try:
            cancel_parcel(parcel=parcel, by=by, now=timezone.now(), reason=CancelReason.BUYER)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Cancelled. The cooperative has been told."))
        return redirect("order:detail", number=order.number)
    if parcel.status not in CANCELLABLE:
        return redirect("order:detail", number=order.number)
    return render(request, "order/cancel.html", {"order": order, "parcel": parcel})


@never_cache
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether there is such an order or not."""
    form = FindOrderForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return render(request, "order/find.html", {"form": form})
    if not form.is_valid():
        return render(request, "order/find.html", {"form": form}, status=422)
    try:
        send_link_again(
            number=form.cleaned_data["number"],
            phone=form.cleaned_data["phone"],
            asker=request.META.get("REMOTE_ADDR", ""),
            now=timezone.now(),
        )
    except TooManyRequestsError as error:
        form.add_error(None, str(error))
        response = render(request, "order/find.html", {"form": form}, status=429)
        response["Retry-After"] = str(error.retry_after)
        return response
    return render(request, "order/find.html", {"form": FindOrderForm(), "is_sent": True})


@never_cache
@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    page = Paginator(orders_of(cast("User", request.user)), PAGE_SIZE).get_page(request.GET.get("trang"))
    orders = [
        {
            "order": order,
            "status": OrderStatus(order.status).label,
            "sellers": ", ".join(parcel.cooperative.short_name for parcel in order.parcels.all()),
        }
        for order in page
    ]
    return render(request, "order/mine.html", {"orders": orders, "page": page})


def _open_link(request: HttpRequest, number: str, key: str) -> HttpResponse:
    try:
        check_order_key(number, key)
    except LinkInvalidError as error:
        raise Http404 from error
    except LinkExpiredError as error:
        messages.warning(request, str(error))
        return redirect("order:find")
    response = redirect("order:detail", number=number)
    grant(request, response, number, now=timezone.now())
    return response


def _parcel(order: Order, number: str) -> Parcel:
    for parcel in order.parcels.all():
        if parcel.number == number:
            return parcel
    raise Http404
