"""Reads a carrier's own numbers of today's communes from a CSV file."""

import csv
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from cooperatives.places.selectors import units_valid
from marketplace.common.dates import local_today
from marketplace.shipping.models import CarrierWard

COLUMNS = ("code", "district_id", "ward_code")


class Command(BaseCommand):
    help = "Reads columns code (of the commune), district_id and ward_code (the carrier's); all rows or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("carrier", choices=["ghn"])
        parser.add_argument("file", type=Path)

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        now = timezone.now()
        communes = dict(units_valid(on=local_today(now)).values_list("code", "pk"))
        with options["file"].open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise CommandError(f"columns needed: {', '.join(COLUMNS)}")
            rows = list(reader)
        for number, row in enumerate(rows, start=2):
            code, district, ward = (str(row[name] or "").strip() for name in COLUMNS)
            if code not in communes or not (district.isascii() and district.isdigit() and len(district) < 10):
                raise CommandError(f"row {number}: no commune of today, or no number of a district")
            if not ward or len(ward) > 20:
                raise CommandError(f"row {number}: no ward")
            CarrierWard.objects.update_or_create(
                carrier=options["carrier"],
                commune_id=communes[code],
                defaults={"district_id": int(district), "ward_code": ward, "checked_at": now},
            )
        self.stdout.write(f"{len(rows)} communes are known to {options['carrier']}")
