"""Where Stripe posts its events. Stored before it is answered; what cannot be applied now is applied later."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotFound
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marketplace.payment.events import apply_event, store_event
from marketplace.payment.providers.base import EventInvalidError
from marketplace.payment.providers.choice import card_provider


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """400 to what Stripe did not sign within the last five minutes; otherwise 200, once it is stored."""
    provider = card_provider()
    if provider is None:
        return HttpResponseNotFound()
    now = timezone.now()
    try:
        news = provider.read_event(request.body, request.headers.get("Stripe-Signature", ""))
    except EventInvalidError:
        return HttpResponseBadRequest()
    apply_event(provider=provider, event=store_event(news=news, now=now), now=now)
    return HttpResponse()
