"""What every page of the workplace shares: who may see it, that nobody stores it, its frame."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from marketplace.common.dates import local_today
from marketplace.portal.access import Workplace, workplace_for
from marketplace.portal.requests import WorkRequest
from marketplace.portal.rows import bar_items

View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """For people who are logged in; no browser and no proxy stores the answer."""

    @wraps(view)
    def inner(request: WorkRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.now = timezone.now()
        request.today = local_today(request.now)
        return view(request, *args, **kwargs)

    return login_required(never_cache(inner))


def at_work(view: View) -> View:
    """`private`, with the workplace of a person who has one as the view's second argument."""

    @wraps(view)
    def inner(request: WorkRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, workplace_for(request, today=request.today), *args, **kwargs)

    return private(inner)


def page(
    request: WorkRequest, template: str, workplace: Workplace, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The template in the workplace's frame."""
    here = request.resolver_match.url_name if request.resolver_match else None
    frame = {"workplace": workplace, "items": bar_items(here)}
    return render(request, f"portal/{template}.html", {**frame, **context}, status=status)


def page_number(request: WorkRequest) -> int:
    """The page asked for; 1 for what is no number."""
    text = request.GET.get("trang", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
