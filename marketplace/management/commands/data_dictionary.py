"""Writes docs/data-dictionary.md from the models, so that it cannot say anything else."""

import inspect
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import models
from django.utils.translation import override

OURS = ("marketplace", "cooperatives", "catalog", "cms", "search")
TARGET = Path("docs") / "data-dictionary.md"


def our_models() -> list[type[models.Model]]:
    """Models written here, Oscar's unchanged ones left out, by table."""
    found = [m for m in apps.get_models() if m.__module__.split(".")[0] in OURS]
    return sorted(found, key=lambda model: model._meta.db_table)


def kind_of(field: models.Field) -> str:
    if field.is_relation and field.related_model:
        return f"→ {field.related_model._meta.db_table}"
    name = type(field).__name__.removesuffix("Field")
    if isinstance(field, models.DecimalField):
        return f"{name}({field.max_digits},{field.decimal_places})"
    return f"{name}({field.max_length})" if field.max_length else name


def rows(model: type[models.Model]) -> Iterator[str]:
    for field in model._meta.concrete_fields:
        required = "" if field.null else "yes"
        choices = ", ".join(str(value) for value, _ in field.flatchoices)
        with override("vi"):
            label = str(field.verbose_name)
        yield f"| `{field.column}` | {kind_of(field)} | {required} | {label} | {choices} |"


def dictionary() -> str:
    parts = ["# Data dictionary", "", "Made from the models by `manage.py data_dictionary`; a test keeps it true.", ""]
    for model in our_models():
        text = inspect.cleandoc(model.__doc__ or "")
        constraints = ", ".join(f"`{c.name}`" for c in model._meta.constraints)
        with override("vi"):
            title = f"## `{model._meta.db_table}`: {model._meta.verbose_name}"
        parts += [title, "", *([text, ""] if text and not text.startswith(f"{model.__name__}(") else [])]
        parts += ["| column | type | always there | nhãn | values |", "|---|---|---|---|---|", *rows(model), ""]
        parts += [f"Never violated: {constraints}.", ""] if constraints else []
    return "\n".join(parts)


class Command(BaseCommand):
    help = "Writes docs/data-dictionary.md; --check fails when it is out of date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args, **options) -> None:
        target = Path(settings.BASE_DIR) / TARGET
        text = dictionary()
        if not options["check"]:
            target.write_text(text)
        elif not target.exists() or target.read_text() != text:
            raise CommandError("docs/data-dictionary.md is out of date: run manage.py data_dictionary.")
