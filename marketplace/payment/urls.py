from django.urls import path

from marketplace.payment import notices, pages, webhooks

app_name = "payment"
urlpatterns = [
    path("the/<slug:number>/", pages.pay_by_card, name="pay_by_card"),
    path("the/ve/<str:token>/", pages.card_return, name="card_return"),
    path("payos/<slug:slug>/", notices.payos, name="payos"),
]
# Outside the languages: who calls has none.
webhook_urlpatterns: tuple = ([path("stripe/", webhooks.stripe_webhook, name="stripe")], "webhook")
