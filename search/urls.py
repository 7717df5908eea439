"""The search page."""

from django.urls import path

from search import clicks, views

app_name = "search"
urlpatterns = [
    path("", views.search, name="search"),
    path("mo/", clicks.opened, name="opened"),
]
