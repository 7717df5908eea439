from django.urls import path

from marketplace.checkout import pages

app_name = "checkout"
urlpatterns = [
    path("", pages.checkout, name="checkout"),
    path("xa-phuong/", pages.communes, name="communes"),
]
