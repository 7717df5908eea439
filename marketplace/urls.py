"""Where every address leads. Oscar's storefront is not mounted as a whole: only pages of ours are reachable."""

from typing import cast

from django.apps import apps
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.static import serve
from oscar.apps.dashboard.apps import DashboardConfig
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from marketplace import landing
from marketplace.payment.urls import webhook_urlpatterns as card_webhooks
from marketplace.users.urls import account_urlpatterns

dashboard = cast("DashboardConfig", apps.get_app_config("dashboard"))
to_login = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    # One door for everybody: the other logins of Oscar, Wagtail and Django lead to it.
    path("quan-tri/login/", to_login),
    path("van-hanh/login/", to_login),
    path("_util/login/", to_login),
    path("quan-tri/", include(wagtailadmin_urls)),
    path("van-hanh/", dashboard.urls),
    path("tai-lieu/", include(wagtaildocs_urls)),
    path("webhook/", include(card_webhooks)),
    path("", include("search.urls_health")),
    path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}),
]

urlpatterns += i18n_patterns(
    path("tai-khoan/", include(account_urlpatterns)),
    path("tai-khoan/", include("search.account_urls")),
    path("tai-khoan/", include(landing.urlpatterns)),
    path("tai-khoan/", include(landing.customer_urlpatterns)),
    path("san-pham/", include("catalog.urls")),
    path("xa/", include("catalog.urls_places")),
    path("tim/", include("search.urls")),
    path("gio-hang/", include("marketplace.basket.urls")),
    path("dat-hang/", include("marketplace.checkout.urls")),
    path("don-hang/", include("marketplace.buyer.urls")),
    path("thanh-toan/", include("marketplace.payment.urls")),
    path("do-phu/", include("cooperatives.indicators.urls")),
    path("lam-viec/", include("marketplace.portal.urls")),
    path("htx/", include("cms.urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
