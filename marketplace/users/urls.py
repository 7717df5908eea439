"""allauth reverses its own names, which carry no namespace: `marketplace.urls` mounts these as they are."""

from allauth.account import views as allauth_views
from django.urls import path
from django.views.decorators.cache import never_cache

account_urlpatterns = [
    path("dang-nhap/", allauth_views.login, name="account_login"),
    path("dang-xuat/", allauth_views.logout, name="account_logout"),
    path("mat-khau/", never_cache(allauth_views.password_change), name="account_change_password"),
]
