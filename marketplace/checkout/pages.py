"""The checkout: one page, for guests and for people who are logged in alike."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.basket.middleware import ShopRequest
from marketplace.checkout.communes import candidates_for
from marketplace.checkout.forms import CheckoutForm, ParcelChoices
from marketplace.checkout.quotes import Quote, quote_basket
from marketplace.checkout.services import CheckoutError, EmptyBasketError, place_order
from marketplace.common.dates import local_today
from marketplace.common.locks import BusyError
from marketplace.common.text import clean_text
from marketplace.order.access import grant
from marketplace.order.models import Order
from marketplace.users.models import User

UNPROCESSABLE = 422
PLACE = "place"


@never_cache
@require_http_methods(["GET", "POST"])
def checkout(request: ShopRequest) -> HttpResponse:
    """GET shows the page; POST with action=place places the order, and any other POST shows the page anew."""
    now = timezone.now()
    on = local_today(now)
    if request.method == "GET":
        quote = quote_basket(basket_id=_basket_id(request), owner=_user(request), deliveries={}, now=now)
        if not quote.parcels:
            return redirect("basket:summary")
        return _page(request, CheckoutForm(on=on, user=_user(request)), quote, ParcelChoices({}))
    form = CheckoutForm(request.POST, on=on, user=_user(request))
    choices = ParcelChoices(request.POST)
    if request.POST.get("action", PLACE) == PLACE and form.is_valid():
        return _place(request, form, choices)
    return _show_again(request, form, choices)


@never_cache
@require_GET
def communes(request: ShopRequest) -> HttpResponse:
    """What the typed text may mean, for htmx: a part of the page."""
    text = clean_text(request.GET.get("commune", ""))[:120]
    found = candidates_for(text, on=local_today(timezone.now())) if len(text) > 1 else []
    return render(request, "checkout/communes.html", {"candidates": found, "chosen": None})


def _place(request: ShopRequest, form: CheckoutForm, choices: ParcelChoices) -> HttpResponse:
    try:
        order = place_order(
            basket_id=_basket_id(request),
            token=form.token_value,
            buyer=form.buyer(get_language() or "vi"),
            address=form.address(),
            seen_total=form.cleaned_data["seen_total"],
            deliveries=choices.deliveries,
            notes=choices.notes,
            now=timezone.now(),
        )
    except EmptyBasketError:
        return redirect("basket:summary")
    except (CheckoutError, BusyError) as error:
        return _show_again(request, form, choices, problem=str(error), code=error.code)
    return _to_order(request, order)


def _to_order(request: ShopRequest, order: Order) -> HttpResponse:
    response = redirect("order:detail", number=order.number)
    if order.user_id is None or order.user_id != request.user.pk:
        grant(request, response, order.number, now=timezone.now())
    request.cookies_to_delete.append(settings.OSCAR_BASKET_COOKIE_OPEN)
    return response


def _show_again(
    request: ShopRequest, form: CheckoutForm, choices: ParcelChoices, *, problem: str = "", code: str = ""
) -> HttpResponse:
    quote = quote_basket(
        basket_id=_basket_id(request),
        owner=_user(request),
        deliveries=choices.deliveries,
        destination=form.unit,
        now=timezone.now(),
    )
    if not quote.parcels:
        return redirect("basket:summary")
    form.show_candidates()
    is_bad = bool(problem) or bool(form.is_bound and form.errors and request.POST.get("action", PLACE) == PLACE)
    return _page(request, form, quote, choices, problem=problem, code=code, status=UNPROCESSABLE if is_bad else 200)


def _page(
    request: ShopRequest,
    form: CheckoutForm,
    quote: Quote,
    choices: ParcelChoices,
    *,
    problem: str = "",
    code: str = "",
    status: int = 200,
) -> HttpResponse:
    # Known here, so the header need not ask.
    request.basket_count = sum(len(parcel.goods.lines) for parcel in quote.parcels)
    context: dict[str, Any] = {
        "form": form,
        "quote": quote,
        "boxes": [_box(parcel, choices) for parcel in quote.parcels],
        "problem": problem,
        "code": code,
        "token": form["token"].value(),
        "chosen": form.unit.pk if form.unit else None,
        "candidates": form.candidates,
    }
    return render(request, "checkout/checkout.html", context, status=status)


def _box(parcel: Any, choices: ParcelChoices) -> dict[str, Any]:
    cooperative = parcel.goods.cooperative
    return {
        "cooperative_name": cooperative.short_name,
        "pk": cooperative.pk,
        "lines": parcel.goods.lines,
        "choices": parcel.choices,
        "chosen": parcel.chosen,
        "problems": parcel.problems,
        "goods_total": parcel.goods.goods_total,
        "total": parcel.total,
        "note": choices.notes.get(cooperative.pk, ""),
    }


def _basket_id(request: ShopRequest) -> int | None:
    """A guest's cookie names the basket, also after it was ordered; placing locks it and looks at its status."""
    if request.user.is_authenticated:
        return request.basket.pk
    return request.guest_basket_id


def _user(request: ShopRequest) -> User | None:
    return request.user if request.user.is_authenticated else None
