"""The basket's pages. Each change is a plain form; a mistake is shown at the field, with what was typed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.basket import services
from marketplace.basket.forms import QuantityForm
from marketplace.basket.limits import limits_posts
from marketplace.basket.middleware import ShopRequest
from marketplace.basket.models import Line
from marketplace.basket.reductions import NO_REDUCTIONS, reductions_on
from marketplace.basket.rules import rules_problems
from marketplace.basket.selectors import basket_parcels, listing_for_basket
from marketplace.common.dates import local_today
from marketplace.common.errors import DomainError
from marketplace.common.quantities import format_quantity
from marketplace.common.text import clean_text

UNPROCESSABLE = 422


@never_cache
@require_GET
def summary(request: ShopRequest) -> HttpResponse:
    return _render_summary(request)


@never_cache
@require_http_methods(["GET", "POST"])
@limits_posts
def add(request: ShopRequest, pk: int) -> HttpResponse:
    """GET leads to the listing: somebody came back to this address after a mistake."""
    listing = listing_for_basket(pk)
    if listing is None:
        raise Http404
    if request.method == "GET":
        return redirect(listing)
    form = QuantityForm(request.POST, unit=listing.sale_unit)
    problem = form.problem
    if form.is_valid():
        quantity = form.cleaned_data["quantity"]
        try:
            services.add_to_basket(
                basket=request.basket, listing=listing, quantity=quantity, on=local_today(timezone.now())
            )
        except DomainError as error:
            problem = str(error)
        else:
            named = {"quantity": format_quantity(quantity, listing.sale_unit), "title": listing.title}
            messages.success(request, _("Added: %(quantity)s %(title)s.") % named)
            return redirect("basket:summary")
    context = {"listing": listing, "problem": problem, "typed": request.POST.get("quantity", "")}
    return render(request, "basket/add.html", context, status=UNPROCESSABLE)


@never_cache
@require_POST
@limits_posts
def update(request: ShopRequest, line_id: int) -> HttpResponse:
    line = Line.objects.select_related("product").filter(pk=line_id, basket__in=[request.basket.pk]).first()
    if line is None:
        return redirect("basket:summary")
    form = QuantityForm(request.POST, unit=line.product.sale_unit)
    problem = form.problem
    if form.is_valid():
        try:
            services.set_quantity(
                basket=request.basket,
                line_id=line_id,
                quantity=form.cleaned_data["quantity"],
                on=local_today(timezone.now()),
            )
        except DomainError as error:
            problem = str(error)
        except Line.DoesNotExist as error:
            raise Http404 from error
        else:
            return redirect("basket:summary")
    return _render_summary(
        request,
        line_id=line_id,
        problem=problem,
        typed=request.POST.get("quantity", ""),
        # htmx shows nothing of an answer with an error's status.
        status=200 if request.headers.get("HX-Request") else UNPROCESSABLE,
    )


@never_cache
@require_POST
def remove(request: ShopRequest, line_id: int) -> HttpResponse:
    try:
        services.remove_line(basket=request.basket, line_id=line_id)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("basket:summary")


@never_cache
@require_POST
def accept(request: ShopRequest) -> HttpResponse:
    """The buyer agrees to what changed, and goes on to the order."""
    try:
        services.accept_changes(basket=request.basket, on=local_today(timezone.now()))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("basket:summary")
    return redirect("checkout:checkout")


@never_cache
@require_POST
@limits_posts
def voucher(request: ShopRequest) -> HttpResponse:
    """Puts a code into the basket, or with none takes away what is there."""
    code = clean_text(request.POST.get("voucher", ""))[:128]
    owner = request.user if request.user.is_authenticated else None
    try:
        if code:
            services.use_voucher(basket=request.basket, code=code, owner=owner, now=timezone.now())
        else:
            services.drop_vouchers(basket=request.basket)
    except DomainError as error:
        return _render_summary(request, voucher_problem=str(error), code=code, status=UNPROCESSABLE)
    return redirect("basket:summary")


def _render_summary(
    request: ShopRequest,
    *,
    line_id: int | None = None,
    problem: str = "",
    typed: str = "",
    voucher_problem: str = "",
    code: str = "",
    status: int = 200,
) -> HttpResponse:
    owner, now = request.user if request.user.is_authenticated else None, timezone.now()
    basket_id = _basket_id(request)
    parcels = basket_parcels(basket_id=basket_id, owner=owner, on=local_today(now))
    reductions = reductions_on(parcels, basket_id=basket_id, owner=owner, now=now) if basket_id else NO_REDUCTIONS
    problems = rules_problems(parcels, now=now)
    # Known here, so the header need not ask.
    request.basket_count = sum(len(parcel.lines) for parcel in parcels)
    goods_total = sum(parcel.goods_total for parcel in parcels)
    discount = sum(found.amount for found in reductions.discounts)
    context: dict[str, Any] = {
        "boxes": [
            _box(parcel, problems[parcel.cooperative.pk], line_id=line_id, problem=problem, typed=typed)
            for parcel in parcels
        ],
        "goods_total": goods_total,
        "discounts": reductions.discounts,
        "total": goods_total - discount,
        "vouchers": reductions.vouchers,
        "voucher_problem": voucher_problem,
        "voucher_code": code,
        "changed": [line for parcel in parcels for line in parcel.lines if line.is_changed],
        "can_order": bool(parcels) and not any(problems.values()),
    }
    return render(request, "basket/summary.html", context, status=status)


def _box(parcel: Any, problems: list[str], *, line_id: int | None, problem: str, typed: str) -> dict[str, Any]:
    cooperative = parcel.cooperative
    return {
        "cooperative_name": cooperative.short_name,
        "cooperative_url": cooperative.get_absolute_url(),
        "place": "",
        "goods_total": parcel.goods_total,
        "problems": problems,
        "lines": [
            {
                "line": line,
                "id": f"quantity-{line.pk}",
                "problem": problem if line.pk == line_id else line.problem,
                "value": typed if line.pk == line_id else line.quantity,
            }
            for line in parcel.lines
        ],
    }


def _basket_id(request: ShopRequest) -> int | None:
    """Without a query for a guest, whose cookie names it; it may have been ordered or merged since."""
    return request.basket.pk if request.user.is_authenticated else request.guest_basket_id
