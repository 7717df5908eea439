from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    name = "cooperatives.places"
    label = "places"
    verbose_name = _("Administrative units")
