from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog.photos import delete_unused_photos


class Command(BaseCommand):
    help = "Deletes the files of photos that were sent with a form and never became part of a listing: run it daily."

    def handle(self, *args: object, **options: object) -> None:
        deleted = delete_unused_photos(now=timezone.now())
        self.stdout.write(f"{deleted} unused photos deleted")
