"""What every page's frame needs, without a query."""

from django.conf import settings
from django.http import HttpRequest


def shop(_request: HttpRequest) -> dict[str, object]:
    return {
        "shop_name": settings.OSCAR_SHOP_NAME,
        "is_demo": getattr(settings, "DEMO", False),
        "platform": settings.PLATFORM_OWNER,
    }
