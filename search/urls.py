"""The search page, its suggestions, and how listings are ranked."""

from django.urls import path

from search import clicks, saved_pages, views

app_name = "search"
urlpatterns = [
    path("", views.search, name="search"),
    path("luu/", saved_pages.save, name="save"),
    path("mo/", clicks.opened, name="opened"),
    path("goi-y/", views.suggestions, name="suggestions"),
    path("cach-xep-hang/", views.ranking, name="ranking"),
]
