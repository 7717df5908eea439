"""A buyer's orders: one by its link, all of one's own, and the way back to a link that was lost."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.buyer.boxes import order_state, parcel_box
from marketplace.buyer.find import TooManyRequestsError, send_link_again
from marketplace.buyer.forms import FindOrderForm
from marketplace.buyer.selectors import extras_of, orders_of
from marketplace.order.access import grant, order_for
from marketplace.order.amending import is_amendable
from marketplace.order.links import LinkExpiredError, LinkInvalidError, check_order_key
from marketplace.order.states import OrderStatus, amount_due
from marketplace.users.models import User

PAGE_SIZE = 20


@never_cache
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A signed link opens the order for this browser, then leaves the address bar."""
    if "khoa" in request.GET:
        return _open_link(request, number, request.GET["khoa"])
    now = timezone.now()
    order = order_for(request, number, now=now)
    parcels = list(order.parcels.all())
    extras = extras_of(parcels, now)
    boxes = [parcel_box(parcel, extras, now) for parcel in parcels]
    context = {
        "order": order,
        "boxes": boxes,
        "goods_total": order.total_incl_tax - order.shipping_incl_tax,
        "discount": sum(box["discount"] for box in boxes),
        "due": sum(amount_due(parcel) for parcel in parcels),
        "status": OrderStatus(order.status).label,
        "is_new": order.status == OrderStatus.PLACED,
        "is_amendable": is_amendable(parcels),
        "invoice": getattr(order, "invoice", None),
    }
    return render(request, "order/detail.html", context)


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
            "payment": order_state(order.parcels.all()),
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
