"""The search page: listings, and above them the cooperatives and communes of that name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.choices import read_choice
from catalog.lists import listing_list
from cooperatives.places.search import search_communes
from marketplace.common.dates import local_day
from search.selectors import cooperatives_named

NAMED = 6


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What the words of `q` find; without words, an invitation to type some."""
    choice = read_choice(request.GET)
    context: dict[str, object] = {"query": choice.text}
    if choice.words:
        today = local_day(timezone.now())
        context |= {
            "list": listing_list(request),
            "communes": search_communes(choice.text, on=today, limit=NAMED),
            "cooperatives": cooperatives_named(choice.words, on=today, count=NAMED),
        }
    return render(request, "search/results.html", context)
