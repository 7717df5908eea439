"""The index as it is once everything has reached it."""

from datetime import datetime

from django.utils import timezone

from search.rebuilding import rebuild


def index_all(now: datetime | None = None) -> None:
    rebuild(now=now or timezone.now())
