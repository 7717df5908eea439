"""Administrative units. Their models reverse places:commune, places:district and places:province."""

from django.urls import path

from catalog import views_places as views

app_name = "places"
urlpatterns = [
    path("", views.index, name="index"),
    path("huyen-cu/<slug:slug>/", views.district, name="district"),
    path("tinh/<slug:slug>/", views.province, name="province"),
    path("<slug:slug>/", views.commune, name="commune"),
    path("<slug:slug>/lien-ket/", views.coverage_status, name="coverage_status"),
]
