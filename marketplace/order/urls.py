from django.urls import path

from marketplace.order import pages

app_name = "order"
urlpatterns = [
    path("", pages.mine, name="mine"),
    path("tim/", pages.find, name="find"),
    path("<slug:number>/", pages.detail, name="detail"),
    path("<slug:number>/huy/<slug:parcel_number>/", pages.cancel, name="cancel"),
]
