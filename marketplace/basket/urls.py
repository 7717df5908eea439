from django.urls import path

from marketplace.basket import pages

app_name = "basket"
urlpatterns = [
    path("", pages.summary, name="summary"),
    path("dong-y/", pages.accept, name="accept"),
    path("ma-giam-gia/", pages.voucher, name="voucher"),
    path("them/<int:pk>/", pages.add, name="add"),
    path("dong/<int:line_id>/", pages.update, name="update"),
    path("dong/<int:line_id>/bo/", pages.remove, name="remove"),
]
