"""Cooperatives' pages by name. They are Wagtail pages: these names lead to where the pages already are."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from wagtail.views import serve

from cms.services import COOPERATIVES_SLUG

app_name = "cooperatives"


def index(request: HttpRequest) -> HttpResponse:
    return serve(request, f"{COOPERATIVES_SLUG}/")


def profile(request: HttpRequest, slug: str) -> HttpResponse:
    return serve(request, f"{COOPERATIVES_SLUG}/{slug}/")


urlpatterns = [
    path("", index, name="index"),
    path("<slug:slug>/", profile, name="profile"),
]
