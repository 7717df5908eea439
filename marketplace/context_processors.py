"""What every page's frame needs, and costs no query until it is printed."""

from django.conf import settings
from django.http import HttpRequest


def shop(request: HttpRequest) -> dict[str, object]:
    return {
        "shop_name": settings.OSCAR_SHOP_NAME,
        "is_demo": getattr(settings, "DEMO", False),
        "platform": settings.PLATFORM_OWNER,
        # Lazy: one query if the page prints it and the visitor has a basket.
        "basket_count": getattr(request, "basket_count", 0),
    }
