from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommoditiesConfig(AppConfig):
    name = "cooperatives.commodities"
    label = "commodities"
    verbose_name = _("Commodities")
