"""What orders need in the database before the first one is placed."""

from typing import Any

from django.apps import apps as global_apps
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS

COUNTRY = "VN"


def ensure_country(*, apps: Apps = global_apps, using: str = DEFAULT_DB_ALIAS, **_kwargs: Any) -> None:
    """Oscar's addresses name a country: ours is always there. Runs after every migrate and every flush."""
    try:
        country = apps.get_model("address", "Country")
    except LookupError:
        return
    country.objects.using(using).get_or_create(
        iso_3166_1_a2=COUNTRY,
        defaults={
            "iso_3166_1_a3": "VNM",
            "iso_3166_1_numeric": "704",
            "printable_name": "Việt Nam",
            "name": "Cộng hòa xã hội chủ nghĩa Việt Nam",
            "is_shipping_country": True,
        },
    )
