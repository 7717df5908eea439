"""Cooperatives' pages by name. They are Wagtail pages, found here by one statement instead of a walk down the tree."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from wagtail import hooks
from wagtail.models import Page
from wagtail.views import serve_chain

from cms.models import CooperativeIndexPage, CooperativePage
from marketplace.common.prepared import Prepared

app_name = "cooperatives"


_profiles = Prepared(
    lambda slug: CooperativePage.objects.live().select_related("cooperative", "cover").filter(slug=slug).order_by("pk")
)


def index(request: HttpRequest) -> HttpResponse:
    return _serve(request, CooperativeIndexPage.objects.live().first())


def profile(request: HttpRequest, slug: str) -> HttpResponse:
    return _serve(request, next(iter(_profiles(slug)), None))


def _serve(request: HttpRequest, page: Page | None) -> HttpResponse:
    """As wagtail.views.serve does once it has found the page. Raises Http404 for no page."""
    if page is None:
        raise Http404
    serve = serve_chain
    for wrap in reversed(hooks.get_hooks("on_serve_page")):
        serve = wrap(serve)
    for before in hooks.get_hooks("before_serve_page"):
        answer = before(page, request, [], {})
        if isinstance(answer, HttpResponse):
            return answer
    return serve(page, request, [], {})


urlpatterns = [
    path("", index, name="index"),
    path("<slug:slug>/", profile, name="profile"),
]
