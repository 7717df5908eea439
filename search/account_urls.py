"""The buyer's saved searches."""

from django.urls import path

from search import saved_pages

app_name = "saved"
urlpatterns = [
    path("tim-kiem-da-luu/", saved_pages.saved_list, name="list"),
    path("tim-kiem-da-luu/<int:pk>/xoa/", saved_pages.remove, name="remove"),
    path("tim-kiem-da-luu/<int:pk>/thu/", saved_pages.notice, name="notice"),
    path("tim-kiem-da-luu/dung/<str:key>/", saved_pages.stop, name="stop"),
]
