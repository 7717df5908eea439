"""Loads the synonyms that come with the software: southern names and spellings. Those that editors have stay as they are."""

from typing import Any

from django.core.management.base import BaseCommand

from search.synonyms import load_defaults


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{load_defaults()} synonyms loaded")
