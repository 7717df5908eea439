"""Pages for machines and for those who watch over them."""

from django.urls import path

from search.health import health_view, metrics_view

app_name = "health"
urlpatterns = [
    path("suc-khoe/", health_view, name="page"),
    path("so-lieu-may/", metrics_view, name="metrics"),
]
