"""The question about a weight: opened by its signed link, without logging in. GET asks, POST answers."""

from contextlib import suppress

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from marketplace.order.emails_packing import consent_by_key
from marketplace.order.models import Parcel
from marketplace.order.packing import ConsentOverError, answer_consent
from marketplace.order.states import Status


@never_cache
@require_http_methods(["GET", "POST"])
def weight(request: HttpRequest, key: str) -> HttpResponse:
    consent = consent_by_key(key)
    parcel = consent.line.parcel if consent else None
    if consent is None or parcel is None:
        raise Http404
    answer = request.POST.get("answer", "")
    if request.method == "POST" and answer in {"yes", "no"}:
        # Over already: the page says how it ended.
        with suppress(ConsentOverError):
            answer_consent(consent=consent, is_accepted=answer == "yes", now=timezone.now())
        return redirect("order:weight", key=key)
    line = consent.line
    context = {
        "consent": consent,
        "line": line,
        "parcel": parcel,
        "is_open": not consent.answer and parcel.status == Status.CONFIRMED and timezone.now() < consent.expires_at,
        "is_prepaid": parcel.payment_method != Parcel.PaymentMethod.CASH_ON_DELIVERY,
        "more": consent.charge - line.line_price_incl_tax,
    }
    return render(request, "order/weight.html", context)
