from django.urls import path

from cooperatives.indicators import views, views_drilldown

app_name = "indicators"
urlpatterns = [
    path("", views.coverage_page, name="coverage"),
    path("xa/<slug:slug>/", views_drilldown.unit_page, name="unit"),
    path("mo-hinh/<str:code>/", views_drilldown.linkage_page, name="linkage"),
]
