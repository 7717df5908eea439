"""The buyer's way to the provider's page and back."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from marketplace.common.errors import DomainError
from marketplace.order.access import grant, order_for
from marketplace.payment.card import card_page_url
from marketplace.payment.card_pages import attempt_of_token, read_attempt
from marketplace.payment.providers.choice import card_provider

# Coming back from paying opens the order for a browser that lost its grant; an old address does not.
_OPENS_FOR = timedelta(hours=3)


@never_cache
@require_POST
def pay_by_card(request: HttpRequest, number: str) -> HttpResponse:
    """On to the provider's page ("Pay now"), or back with the reason why not."""
    now = timezone.now()
    order = order_for(request, number, now=now)
    try:
        url = card_page_url(order=order, now=now)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("order:detail", number=order.number)
    if url:
        return redirect(url)
    messages.info(request, _("Nothing of this order is to be paid by card any more."))
    return redirect("order:detail", number=order.number)


@never_cache
@require_GET
def card_return(request: HttpRequest, token: str) -> HttpResponse:
    """Back from the provider's page. What happened there is read at the provider, and nothing from the address."""
    now = timezone.now()
    attempt = attempt_of_token(token)
    if attempt is None:
        raise Http404
    provider = card_provider()
    if provider is not None and attempt.external_id:
        try:
            read_attempt(provider=provider, attempt=attempt, now=now)
        except DomainError as error:
            # The event, or reconciliation, will tell.
            messages.info(request, str(error))
    response = redirect("order:detail", number=attempt.order.number)
    if now - attempt.created_at < _OPENS_FOR:
        grant(request, response, attempt.order.number, now=now)
    return response
