from typing import Any

from django.core.management.base import BaseCommand

from cms.services import ensure_site


class Command(BaseCommand):
    help = (
        "Makes the home page, the list of cooperatives, the text pages, the groups and the moderation where they are "
        "missing. What editors have written is left as it is."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(ensure_site()))
