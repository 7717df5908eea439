from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "cms"
    label = "cms"
    verbose_name = _("Pages")

    def ready(self) -> None:
        """Disarms formulas in Wagtail's reports too: a cooperative's own editor writes the titles that they export."""
        from wagtail.admin.views.reports.base import ReportView

        from cms.exports import SafeExportMixin

        if SafeExportMixin not in ReportView.__mro__:
            ReportView.__bases__ = (SafeExportMixin, *ReportView.__bases__)
