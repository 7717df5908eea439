"""The small message by which a browser says that a result was opened."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marketplace.basket.limits import TEN_MINUTES
from marketplace.common.limits import is_within_wide_limit
from search.tallies import tallies
from search.terms import MAXIMUM_TEXT

_MAXIMUM_BODY = 2_000
_MAXIMUM_DIGITS = 9
NO_CONTENT = 204
TOO_MANY = 429


# A beacon carries no token. It changes nothing but an anonymous count, and other sites' pages are not heard.
@csrf_exempt
@require_POST
def opened(request: HttpRequest) -> HttpResponse:
    """Counts that a listing was opened from the results of a text; what is malformed is passed over in silence."""
    answer = HttpResponse(status=NO_CONTENT)
    asker = request.META.get("REMOTE_ADDR", "")
    # Apart from the forms of buying: who looks at much goods may still order.
    if not is_within_wide_limit(what="opened", who=asker, limit=settings.SHOP_POSTS_LIMIT, seconds=TEN_MINUTES):
        return HttpResponse(status=TOO_MANY, headers={"Retry-After": str(TEN_MINUTES)})
    if not _is_short(request) or not _is_ours(request):
        return answer
    sent = QueryDict(request.body)
    listing, text = sent.get("san-pham", ""), sent.get("q", "")
    if listing.isascii() and listing.isdigit() and len(listing) <= _MAXIMUM_DIGITS and 0 < len(text) <= MAXIMUM_TEXT:
        tallies.add_click(text=text, listing_id=int(listing), now=timezone.now())
    return answer


def _is_short(request: HttpRequest) -> bool:
    """As the header says; a server that passes none on passes no body on either."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isascii() and length.isdigit() and len(length) < _MAXIMUM_DIGITS and int(length) <= _MAXIMUM_BODY


def _is_ours(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"
