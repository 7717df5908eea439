"""payOS's webhook: money has arrived on a cooperative's account."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from cooperatives.models import Cooperative
from marketplace.common.locks import BusyError
from marketplace.payment.providers.payos.client import channel_of
from marketplace.payment.providers.payos.webhook import MAXIMUM_BODY, NotANoticeError, Notice, read_notice
from marketplace.payment.transfers import PAYOS, Account, Incoming, receive


@csrf_exempt
@require_POST
def payos(request: HttpRequest, slug: str) -> HttpResponse:
    """400 to anything malformed or not signed with this cooperative's key; 404 while it has no channel.

    Answered with 200 only once the notice is stored and applied; payOS tells it again otherwise.
    """
    channel = channel_of(slug)
    cooperative = Cooperative.objects.filter(slug=slug).first() if channel else None
    if channel is None or cooperative is None:
        raise Http404
    try:
        notice = read_notice(request.read(MAXIMUM_BODY + 1), checksum_key=channel.checksum_key)
    except NotANoticeError:
        return HttpResponseBadRequest()
    if notice is not None:
        try:
            receive(account=Account(cooperative), batch=[_incoming(notice)], by=None, now=timezone.now())
        except BusyError:
            return HttpResponse(status=503, headers={"Retry-After": "5"})
    return JsonResponse({"success": True})


def _incoming(notice: Notice) -> Incoming:
    return Incoming(
        source=PAYOS,
        event_id=notice.event_id,
        amount=notice.amount,
        currency=notice.currency,
        memo=notice.memo,
        payer=notice.payer,
        occurred_at=notice.occurred_at,
    )
