"""How often one network address may send the forms of buying."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketplace.common.limits import is_within_wide_limit

TEN_MINUTES = 600


def limits_posts(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answers 429, with the time to wait, to an address that sends more forms than SHOP_POSTS_LIMIT."""

    @wraps(view)
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asker = request.META.get("REMOTE_ADDR", "")
        limit = settings.SHOP_POSTS_LIMIT
        if request.method == "POST" and not is_within_wide_limit(
            what="shop-posts", who=asker, limit=limit, seconds=TEN_MINUTES
        ):
            response = render(request, "429.html", status=429)
            response["Retry-After"] = str(TEN_MINUTES)
            return response
        return view(request, *args, **kwargs)

    return limited
