from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog.upkeep import refresh_listing_communes
from marketplace.common.dates import local_today


class Command(BaseCommand):
    help = "Places every listing in the commune that its origin is today: run it when administrative units change."

    def handle(self, *args: object, **options: object) -> None:
        moved = refresh_listing_communes(today=local_today(timezone.now()))
        self.stdout.write(f"{moved} listings moved to another commune")
