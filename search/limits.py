"""How often one network address may search: no answer costs much, a hundred in a second do."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketplace.basket.limits import TEN_MINUTES
from marketplace.common.limits import is_within_rough_limit

View = Callable[[HttpRequest], HttpResponse]


def limits_searches(what: str) -> Callable[[View], View]:
    """Answers 429, with the time to wait, to an address that asks more than SEARCH_LIMIT times in ten minutes."""

    def limiting(view: View) -> View:
        @wraps(view)
        def limited(request: HttpRequest) -> HttpResponse:
            asker = request.META.get("REMOTE_ADDR", "")
            if is_within_rough_limit(what=what, who=asker, limit=settings.SEARCH_LIMIT, seconds=TEN_MINUTES):
                return view(request)
            response = render(request, "429.html", status=429)
            response["Retry-After"] = str(TEN_MINUTES)
            return response

        return limited

    return limiting
