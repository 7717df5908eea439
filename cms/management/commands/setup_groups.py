from typing import Any

from django.core.management.base import BaseCommand

from cms.groups import setup_groups


class Command(BaseCommand):
    help = "Makes the administration's groups, or brings them back to their rights. Doing it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        for group in setup_groups():
            self.stdout.write(f"{group.name}: {group.permissions.count()}")
