"""Addresses of the finance screens, below Wagtail's administration."""

from django.urls import path, re_path

from cms import settlement

urlpatterns = [
    path("doi-soat/", settlement.finance, name="finance"),
    path("doi-soat/phi/", settlement.fees, name="finance_fees"),
    path("doi-soat/nguoi-ban/", settlement.sellers, name="finance_sellers"),
    path("doi-soat/chi/<int:pk>/", settlement.payout, name="finance_payout"),
    path("doi-soat/xuat/", settlement.export, name="finance_export"),
    re_path(r"^doi-soat/tep/(?P<pk>[0-9]{1,18})/(?P<kind>csv|xlsx)/$", settlement.bank_file, name="finance_file"),
    path("doi-soat/phai-thu/<int:pk>/", settlement.bill_paid, name="finance_bill"),
    re_path(
        r"^doi-soat/sao-ke/(?P<number>[A-Za-z0-9-]{1,24})/(?P<kind>pdf|xlsx)/$",
        settlement.statement_file,
        name="finance_statement",
    ),
    path("doi-soat/thue/<slug:month>/", settlement.tax_file, name="finance_taxes"),
]
