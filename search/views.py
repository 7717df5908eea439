"""The search page, suggestions while typing, and how listings are ranked."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from marketplace.common.dates import local_day
from search import engines, finding
from search.backends.base import EngineUnavailableError
from search.choices import has_question, query_string, read_question, read_text
from search.explained import quality_parts, ranking_steps
from search.limits import limits_searches
from search.page import near_url, result_page, season_cards
from search.place_names import answer_names
from search.promotions import promoted
from search.query import ListingQuery
from search.resolve import known, places_of
from search.suggesting import suggestions_html
from search.tallies import tallies
from search.terms import query_words

SUGGESTED_SECONDS = 60
LEAST_LETTERS = 2


@require_safe
@limits_searches("searches")
def search(request: HttpRequest) -> HttpResponse:
    """What the address asks for; without a question, an invitation to type one."""
    now, here = timezone.now(), request.path
    today = local_day(now)
    asked = read_question(request.GET)
    answer = answer_names(asked, here=here, on=today)
    if answer.query is not None:
        return redirect(here + query_string(answer.query))
    places = places_of(asked.query)
    asked = asked.with_query(known(asked.query, places, today=today))
    context: dict[str, object] = {"query": asked.query.text, "answer": answer, "is_off_map": asked.is_off_map}
    if not has_question(asked.query):
        context |= {"season": season_cards(today), "near_url": near_url(ListingQuery(), here=here)}
        return render(request, "search/start.html", context)
    try:
        page = result_page(asked, places, backend=engines.current(), here=here, now=now)
    except EngineUnavailableError:
        # No index yet, or one of another version: everything else on the site works.
        return render(request, "search/unavailable.html", context | {"season": season_cards(today)})
    # A search is counted once, however it is narrowed, sorted and paged afterwards.
    if asked.query.text and asked.query == ListingQuery(text=asked.query.text, is_exact=asked.query.is_exact):
        tallies.add_search(text=asked.query.text, is_found=bool(page.total or page.groups), now=now)
    context |= {
        "page": page,
        "promoted": promoted(query_words(asked.query.text)),
        "address": query_string(replace(asked.query, page=1)),
    }
    return render(request, "search/results.html", context)


@require_safe
@limits_searches("suggestions")
@cache_control(public=True, max_age=SUGGESTED_SECONDS)
def suggestions(request: HttpRequest) -> HttpResponse:
    """What the words typed so far may become, for the list below the box: a part of a page."""
    text = read_text(request.GET.get("q", ""))
    try:
        found = finding.suggest(text, engines.current()) if len(text) >= LEAST_LETTERS else []
    except EngineUnavailableError:
        found = []
    return HttpResponse(suggestions_html(found))


@require_safe
def ranking(request: HttpRequest) -> HttpResponse:
    """The rule of the order, as the code has it."""
    return render(request, "search/ranking.html", {"steps": ranking_steps(), "parts": quality_parts()})
