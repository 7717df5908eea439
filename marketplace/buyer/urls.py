from django.urls import path

from marketplace.buyer import acts, pages, problem_pages, weight_pages

# The addresses of orders, wherever the code for them lies.
app_name = "order"
urlpatterns = [
    path("", pages.mine, name="mine"),
    path("tim/", pages.find, name="find"),
    path("can-nang/<str:key>/", weight_pages.weight, name="weight"),
    path("<slug:number>/", pages.detail, name="detail"),
    path("<slug:number>/nguoi-nhan/", acts.recipient, name="recipient"),
    path("<slug:number>/hoa-don/", acts.invoice, name="invoice"),
    path("<slug:number>/dat-lai/", acts.order_again, name="again"),
    path("<slug:number>/hoan-tien/<int:pk>/", acts.contest, name="contest"),
    path("<slug:number>/anh/<int:pk>/", problem_pages.photo, name="problem_photo"),
    path("<slug:number>/huy/<slug:parcel_number>/", acts.cancel, name="cancel"),
    path("<slug:number>/bao-loi/<slug:parcel_number>/", problem_pages.report, name="problem"),
]
