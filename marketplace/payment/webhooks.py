"""Where Stripe posts its events. Stored before it is answered; what cannot be applied now is applied later."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotFound
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marketplace.common.limits import is_within_limit
from marketplace.payment.events import apply_event, store_event
from marketplace.payment.providers.base import EventInvalidError
from marketplace.payment.providers.choice import card_provider

# What is signed well is always taken.
_REFUSALS, _SECONDS = 60, 60


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """400 to what Stripe did not sign within the last five minutes, and 429 to who goes on sending such; otherwise 200,
    once it is stored.
    """
    provider = card_provider()
    if provider is None:
        return HttpResponseNotFound()
    now = timezone.now()
    try:
        news = provider.read_event(request.body, request.headers.get("Stripe-Signature", ""))
    except EventInvalidError:
        return _refuse(request.META.get("REMOTE_ADDR", ""))
    apply_event(provider=provider, event=store_event(news=news, now=now), now=now)
    return HttpResponse()


def _refuse(sender: str) -> HttpResponse:
    if is_within_limit(what="stripe-webhook", who=sender, limit=_REFUSALS, seconds=_SECONDS):
        return HttpResponseBadRequest()
    return HttpResponse(status=429, headers={"Retry-After": str(_SECONDS)})
