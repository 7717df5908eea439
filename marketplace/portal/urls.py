from django.urls import path

from marketplace.portal import views, views_listings

app_name = "portal"
urlpatterns = [
    path("", views.today, name="today"),
    path("doi-hop-tac-xa/", views.switch, name="switch"),
    path("don/", views.parcels, name="parcels"),
    path("don/<slug:number>/", views.parcel, name="parcel"),
    path("don/<slug:number>/<slug:slug>/", views.act, name="act"),
    path("hang/", views_listings.listings, name="listings"),
    path("hang/moi/", views_listings.listing_new, name="listing_new"),
    path("hang/<int:pk>/", views_listings.listing_edit, name="listing_edit"),
    path("hang/<int:pk>/ton-kho/", views_listings.stock, name="stock"),
    path("hang/<int:pk>/anh/<int:photo>/xoa/", views_listings.photo_remove, name="photo_remove"),
    path("hang/<int:pk>/<slug:slug>/", views_listings.state, name="listing_state"),
]
