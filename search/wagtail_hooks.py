"""Plugs what editors and operators do about search into Wagtail's administration."""

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cms.groups import SEE_SEARCHES
from search.tally_report import report
from search.viewsets import SearchGroup


class ReportMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SEE_SEARCHES)


@hooks.register("register_admin_viewset")
def search_group() -> SearchGroup:
    return SearchGroup()


@hooks.register("register_admin_urls")
def report_urls() -> list[URLPattern]:
    return [path("luot-tim/", report, name="search_tallies")]


@hooks.register("register_reports_menu_item")
def report_menu_item() -> MenuItem:
    return ReportMenuItem(_("Searches"), reverse("search_tallies"), name="luot-tim", icon_name="search", order=100)
