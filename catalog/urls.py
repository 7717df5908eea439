"""Listings. The names and arguments are Oscar's: its models and ours reverse them."""

from django.urls import path

from catalog import views

app_name = "catalogue"
urlpatterns = [
    path("", views.index, name="index"),
    path("loai/<path:category_slug>_<int:pk>/", views.category, name="category"),
    path("<slug:product_slug>_<int:pk>/", views.detail, name="detail"),
]
