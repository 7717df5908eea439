from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog.upkeep import apply_cooperative_activity


class Command(BaseCommand):
    help = (
        "Hides the listings of cooperatives that are not active today, and shows those of others again: run it daily."
    )

    def handle(self, *args: object, **options: object) -> None:
        changed = apply_cooperative_activity(now=timezone.now())
        self.stdout.write(f"{changed} listings changed")
