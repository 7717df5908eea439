"""The checkout: one page, for guests and for people who are logged in alike."""

from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from cooperatives.places.naming import candidates_for
from marketplace.basket.limits import limits_posts
from marketplace.basket.middleware import ShopRequest
from marketplace.basket.services import accept_changes, drop_vouchers, use_voucher
from marketplace.checkout.forms import CheckoutForm, Posted, initial_of
from marketplace.checkout.quotes import quote_basket
from marketplace.checkout.services import CheckoutError, EmptyBasketError, place_order
from marketplace.checkout.shown import Shown, context_of
from marketplace.checkout.usage import VoucherGoneError
from marketplace.common.dates import local_today
from marketplace.common.errors import DomainError
from marketplace.common.locks import BusyError
from marketplace.common.text import clean_text
from marketplace.customer.selectors import addresses_of
from marketplace.customer.services import forget_address
from marketplace.order.access import grant, order_for
from marketplace.order.forms import InvoiceForm
from marketplace.order.models import Order
from marketplace.payment.card import start_card_payment
from marketplace.users.models import User

UNPROCESSABLE = 422
PLACE, ACCEPT, USE_CODE, DROP_CODE = "place", "accept", "voucher", "no-voucher"
# With the key of a saved address.
USE_ADDRESS, FORGET_ADDRESS = "address", "forget"


@never_cache
@require_http_methods(["GET", "POST"])
@limits_posts
def checkout(request: ShopRequest) -> HttpResponse:
    """GET shows the page; POST with action=place places the order, and any other POST changes something and shows the
    page anew with what was typed.
    """
    if request.method == "GET":
        return _show(request, Shown(_known(request), Posted({})))
    posted, on = Posted(request.POST), local_today(timezone.now())
    if request.POST.get("action", PLACE) != PLACE:
        return _show(request, _after(request, posted))
    form, invoice = CheckoutForm(request.POST, on=on, user=_user(request)), InvoiceForm(request.POST)
    if form.is_valid() & invoice.is_valid():
        return _place(request, form, invoice, posted)
    return _show(request, Shown(form, posted, invoice), status=UNPROCESSABLE)


@never_cache
@require_GET
def communes(request: ShopRequest) -> HttpResponse:
    """What the typed text may mean, for htmx: a part of the page. The only one is taken at once."""
    text = clean_text(request.GET.get("commune", ""))[:120]
    found = candidates_for(text, on=local_today(timezone.now())) if len(text) > 1 else []
    chosen = found[0].unit.pk if len(found) == 1 else None
    return render(request, "checkout/communes.html", {"candidates": found, "chosen": chosen})


def _place(request: ShopRequest, form: CheckoutForm, invoice: InvoiceForm, posted: Posted) -> HttpResponse:
    now = timezone.now()
    try:
        order = place_order(
            basket_id=_basket_id(request),
            token=form.token_value,
            buyer=form.buyer(get_language() or "vi"),
            address=form.address(),
            seen_total=form.cleaned_data["seen_total"],
            choices=posted.choices,
            invoice=invoice.invoice(),
            now=now,
        )
    except EmptyBasketError:
        return redirect("basket:summary")
    except (CheckoutError, VoucherGoneError, BusyError) as error:
        return _show(request, Shown(form, posted, invoice, str(error), error.code), status=UNPROCESSABLE)
    form.remember(now=now)
    return _to_order(request, order, posted, now)


@never_cache
@require_GET
def pay(request: ShopRequest, number: str) -> HttpResponse:
    """On to the provider's page, for who has just ordered by card; or to the order, where there is "Pay now"."""
    now = timezone.now()
    return redirect(start_card_payment(order=order_for(request, number, now=now), now=now))


def _to_order(request: ShopRequest, order: Order, posted: Posted, now: datetime) -> HttpResponse:
    """By card over a page of its own: the provider's answer may be late, and reloading asks for it again."""
    step = "checkout:pay" if posted.choices.payment.asks_for_card else "order:detail"
    response = redirect(step, number=order.number)
    if order.user_id is None or order.user_id != request.user.pk:
        grant(request, response, order.number, now=now)
    request.cookies_to_delete.append(settings.OSCAR_BASKET_COOKIE_OPEN)
    return response


def _known(request: ShopRequest) -> CheckoutForm:
    user, on = _user(request), local_today(timezone.now())
    return CheckoutForm.known(on=on, user=user, address=next(iter(addresses_of(user, on=on)), None))


def _after(request: ShopRequest, posted: Posted) -> Shown:
    """What a button other than that of ordering does."""
    user, now = _user(request), timezone.now()
    on = local_today(now)
    action, _dash, key = request.POST.get("action", "").partition("-")
    problem, data = "", request.POST.dict()
    try:
        if request.POST.get("action") == DROP_CODE:
            drop_vouchers(basket=request.basket)
        elif action == USE_CODE:
            use_voucher(basket=request.basket, code=posted.voucher_code, owner=user, now=now)
            posted.voucher_code = ""
        elif action == ACCEPT:
            accept_changes(basket=request.basket, on=on)
        elif action == FORGET_ADDRESS and user and key.isascii() and key.isdigit():
            forget_address(user=user, pk=int(key[:9]))
        elif action == USE_ADDRESS:
            chosen = next((saved for saved in addresses_of(user, on=on) if str(saved.pk) == key), None)
            data |= initial_of(chosen) if chosen else {}
    except DomainError as error:
        problem = str(error)
    form = CheckoutForm.as_typed(data, on=on, user=user)
    return Shown(form, posted, InvoiceForm(initial=data), voucher_problem=problem)


def _show(request: ShopRequest, shown: Shown, *, status: int = 200) -> HttpResponse:
    user, now = _user(request), timezone.now()
    choices = shown.posted.choices
    quote = quote_basket(
        basket_id=_basket_id(request),
        owner=user,
        deliveries=choices.deliveries,
        destination=shown.form.unit,
        wish=choices.payment,
        phone=shown.posted.phone,
        now=now,
    )
    if not quote.parcels:
        return redirect("basket:summary")
    shown.form.show_candidates()
    # Known here, so the header need not ask.
    request.basket_count = sum(len(parcel.goods.lines) for parcel in quote.parcels)
    addresses = addresses_of(user, on=local_today(now))
    return render(request, "checkout/checkout.html", context_of(quote, shown, addresses), status=status)


def _basket_id(request: ShopRequest) -> int | None:
    """A guest's cookie names the basket, also after it was ordered; placing locks it and looks at its status."""
    if request.user.is_authenticated:
        return request.basket.pk
    return request.guest_basket_id


def _user(request: ShopRequest) -> User | None:
    return request.user if request.user.is_authenticated else None
