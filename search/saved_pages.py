"""Saved searches in the buyer's account."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.basket.limits import limits_posts
from marketplace.common.errors import DomainError
from marketplace.users.models import User
from search.choices import query_string
from search.saved import MAXIMUM_SAVED, by_stop_key, read_address, save_search, searches_of, set_told


@never_cache
@require_POST
@limits_posts
def save(request: HttpRequest) -> HttpResponse:
    """Keeps the question of the results page that it is sent from, and leads back to it; strangers log in first."""
    query = read_address(request.POST.get("address", ""))
    results = f"{reverse('search:search')}{query_string(query)}"
    if not request.user.is_authenticated:
        return redirect_to_login(results)
    try:
        _saved, is_new = save_search(user=request.user, query=query, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(results)
    if is_new:
        messages.success(request, _told_words(request.user))
    else:
        messages.info(request, _("You have saved this search already."))
    return redirect("saved:list")


@never_cache
@login_required
@require_GET
def saved_list(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    context = {"searches": searches_of(user), "most": MAXIMUM_SAVED, "has_email": bool(user.email)}
    return render(request, "search/saved.html", context)


@never_cache
@require_POST
@login_required
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(searches_of(cast("User", request.user)), pk=pk).delete()
    messages.success(request, _("The search is deleted."))
    return redirect("saved:list")


@never_cache
@require_POST
@login_required
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Begins the notices of a search, or ends them."""
    saved = get_object_or_404(searches_of(cast("User", request.user)), pk=pk)
    set_told(saved, is_told=request.POST.get("is_told") == "1", now=timezone.now())
    return redirect("saved:list")


@never_cache
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, key: str) -> HttpResponse:
    """The link of a notice, good without logging in: GET asks, since programs open links too, and POST ends the notices."""
    saved = by_stop_key(key)
    if saved is None:
        raise Http404
    if request.method == "POST":
        set_told(saved, is_told=False, now=timezone.now())
        return redirect("saved:stop", key=key)
    return render(request, "search/saved_stop.html", {"saved": saved})


def _told_words(user: User) -> str:
    if user.email:
        return _("Saved. When something new fits, an e-mail tells you, at most one a day.")
    return _("Saved. You find it here in your account.")
