from django.urls import path

from marketplace.checkout import pages

app_name = "checkout"
urlpatterns = [
    path("", pages.checkout, name="checkout"),
    path("tra-the/<str:number>/", pages.pay, name="pay"),
    path("xa-phuong/", pages.communes, name="communes"),
]
