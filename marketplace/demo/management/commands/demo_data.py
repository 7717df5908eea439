from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marketplace.common.errors import DomainError
from marketplace.demo.loader import is_loaded, load_demo
from marketplace.demo.photos import Photos
from marketplace.demo.world import World


class Command(BaseCommand):
    help = "Loads the demo into an empty database: real places and products, fictional cooperatives and orders."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="another seed gives other people, orders and pictures")
        parser.add_argument(
            "--today", type=date.fromisoformat, help="the day on which the demo's past ends: YYYY-MM-DD"
        )
        parser.add_argument("--orders", type=int, default=1500, help="how many orders since January 2023")
        parser.add_argument("--without-pictures", action="store_true")

    def handle(
        self, *args: Any, seed: int, today: date | None, orders: int, without_pictures: bool, **options: Any
    ) -> None:
        try:
            if is_loaded():
                self.stdout.write("The demo is loaded already.")
                return
            world = World(seed=seed, today=today or timezone.localdate(), orders=orders)
            load_demo(world=world, photos=None if without_pictures else Photos(world), report=self._report)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
