"""Lets every delivery zone reach what its areas are today."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from marketplace.common.dates import local_today
from marketplace.shipping.areas import renew_reach


class Command(BaseCommand):
    help = (
        "Writes anew what the areas of delivery zones have become; run it on the day that administrative units change."
    )

    def handle(self, *args, **options) -> None:
        changed = renew_reach(on=local_today(timezone.now()))
        self.stdout.write(f"{changed} zones changed")
