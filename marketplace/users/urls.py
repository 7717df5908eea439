from allauth.account import views as allauth_views
from django.urls import path

from marketplace.users import views

app_name = "users"
urlpatterns = [
    path("", views.landing, name="landing"),
]

# allauth reverses its own names, which carry no namespace; marketplace.urls mounts these beside ours.
account_urlpatterns = [
    path("dang-nhap/", allauth_views.login, name="account_login"),
    path("dang-xuat/", allauth_views.logout, name="account_logout"),
    path("mat-khau/", allauth_views.password_change, name="account_change_password"),
]

# Oscar's dashboard links to the operator's account by this name.
customer_urlpatterns = ([path("", views.landing, name="summary")], "customer")
