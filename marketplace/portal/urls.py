from django.urls import path

from marketplace.portal import views, views_delivery, views_listings, views_money, views_settlement

app_name = "portal"
urlpatterns = [
    path("", views.today, name="today"),
    path("doi-hop-tac-xa/", views.switch, name="switch"),
    path("don/", views.parcels, name="parcels"),
    path("don/<slug:number>/", views.parcel, name="parcel"),
    path("don/<slug:number>/tien-da-ve/", views_money.transfer_received, name="transfer_received"),
    path("don/<slug:number>/<slug:slug>/", views.act, name="act"),
    path("tien/", views_money.money, name="money"),
    path("tien/tai-khoan/", views_money.bank_account, name="bank_account"),
    path("tien/sao-ke/", views_money.statement_upload, name="statement_upload"),
    path("tien/sao-ke/<int:pk>/", views_money.statement, name="statement"),
    path("tien/<int:pk>/", views_money.unmatched, name="unmatched"),
    path("doi-soat/", views_settlement.settlement, name="settlement"),
    path("doi-soat/<slug:number>/", views_settlement.statement, name="settlement_statement"),
    path("doi-soat/<slug:number>/xlsx/", views_settlement.statement_xlsx, name="settlement_xlsx"),
    path("doi-soat/<slug:number>/pdf/", views_settlement.statement_paper, name="settlement_paper"),
    path("giao-hang/", views_delivery.delivery, name="delivery"),
    path("giao-hang/quy-dinh/", views_delivery.rules, name="ordering_rules"),
    path("giao-hang/moi/", views_delivery.method_new, name="delivery_new"),
    path("giao-hang/diem-nhan/moi/", views_delivery.pickup_new, name="pickup_new"),
    path("giao-hang/diem-nhan/<int:pk>/", views_delivery.pickup_edit, name="pickup_edit"),
    path("giao-hang/<int:pk>/", views_delivery.method_edit, name="delivery_edit"),
    path("giao-hang/<int:pk>/vung/moi/", views_delivery.zone_new, name="delivery_zone_new"),
    path("giao-hang/vung/<int:pk>/", views_delivery.zone_edit, name="delivery_zone"),
    path("giao-hang/vung/<int:pk>/xoa/", views_delivery.zone_remove, name="delivery_zone_remove"),
    path("hang/", views_listings.listings, name="listings"),
    path("hang/moi/", views_listings.listing_new, name="listing_new"),
    path("hang/<int:pk>/", views_listings.listing_edit, name="listing_edit"),
    path("hang/<int:pk>/ton-kho/", views_listings.stock, name="stock"),
    path("hang/<int:pk>/anh/<int:photo>/xoa/", views_listings.photo_remove, name="photo_remove"),
    path("hang/<int:pk>/<slug:slug>/", views_listings.state, name="listing_state"),
]
