"""Plugs the registry into Wagtail's administration."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.permissions import register_permission_policy

from cms.permissions import ScopedPermissionPolicy
from cooperatives.certificates.models import Certificate, OcopRecognition
from cooperatives.linkage.models import KeyProduct, LinkageModel
from cooperatives.models import Cooperative

# Before the viewsets are made: the first question about a model's policy settles it.
for limited in (KeyProduct, LinkageModel, Cooperative, Certificate, OcopRecognition):
    register_permission_policy(limited, ScopedPermissionPolicy(limited))

from cms.card_money import SETTLE_CARD_MONEY, card_money, give_back  # noqa: E402
from cms.settlement import ANY as FINANCE  # noqa: E402
from cms.settlement_urls import urlpatterns as settlement_urlpatterns  # noqa: E402
from cms.verification import DecisionView  # noqa: E402
from cms.viewsets import RegistryGroup  # noqa: E402


class FinanceMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return any(request.user.has_perm(permission) for permission in FINANCE)


@hooks.register("register_admin_viewset")
def registry() -> RegistryGroup:
    return RegistryGroup()


@hooks.register("register_admin_urls")
def decision_urls() -> list[URLPattern]:
    return [
        path("lien-ket/<int:pk>/quyet-dinh/<slug:decision>/", DecisionView.as_view(), name="linkage_decision"),
    ]


@hooks.register("register_admin_urls")
def settlement_urls() -> list[URLPattern]:
    return list(settlement_urlpatterns)


@hooks.register("register_admin_menu_item")
def finance_menu_item() -> MenuItem:
    return FinanceMenuItem(
        _("Statements and payouts"), reverse("finance"), name="doi-soat", icon_name="list-ul", order=120
    )


class CardMoneyMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SETTLE_CARD_MONEY)


@hooks.register("register_admin_urls")
def card_money_urls() -> list[URLPattern]:
    return [
        path("tien-the/", card_money, name="card_money"),
        path("tien-the/<int:pk>/hoan/", give_back, name="card_money_back"),
    ]


@hooks.register("register_admin_menu_item")
def card_money_menu_item() -> MenuItem:
    return CardMoneyMenuItem(_("Card money"), reverse("card_money"), name="tien-the", icon_name="warning", order=125)


@hooks.register("insert_global_admin_css")
def registry_css() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("cms/registry.css"))


@hooks.register("register_admin_menu_item")
def coverage_menu_item() -> MenuItem:
    return MenuItem(_("Coverage page"), reverse("indicators:coverage"), name="do-phu", icon_name="view", order=110)


@hooks.register("construct_main_menu")
def no_help_menu(_request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Wagtail's own help speaks of Wagtail, in English."""
    menu_items[:] = [item for item in menu_items if item.name != "help"]
