"""Writes every encrypted column anew under the first of FIELD_KEYS, after which the others may be taken away."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Model, QuerySet

from marketplace.common.encrypted import EncryptedTextField
from marketplace.common.locks import locked


class Command(BaseCommand):
    help = "Encrypts every encrypted column anew with the first of FIELD_KEYS. Safe to run again and to break off."

    def handle(self, *args: Any, **options: Any) -> None:
        for model, name in _columns():
            keys = list(QuerySet(model).order_by("pk").values_list("pk", flat=True))
            for key in keys:
                with transaction.atomic():
                    rows: list[Model] = locked(QuerySet(model).filter(pk=key))
                    for row in rows:
                        row.save(update_fields=[name])
            self.stdout.write(f"{model._meta.label}.{name}: {len(keys)}")


def _columns() -> Iterator[tuple[type[Model], str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField) and model._meta.managed:
                yield model, field.name
