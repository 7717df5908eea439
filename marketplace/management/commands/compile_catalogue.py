"""Compiles our translations with Babel, so that a fresh machine needs no gettext tools."""

from argparse import ArgumentParser
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


def untranslated(catalogue: Catalog) -> list[str]:
    """The messages without a translation, or with one that a person has still to confirm."""
    return [str(m.id) for m in catalogue if m.id and (m.fuzzy or not _texts(m))]


def _texts(message: Message) -> bool:
    """Whether every form of the message has a translation."""
    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(forms) and all(forms)


class Command(BaseCommand):
    help = "Compiles marketplace/locale/*.po; --check also refuses a Vietnamese catalogue with gaps."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail when a Vietnamese text is missing")

    def handle(self, *args, **options) -> None:
        for source in sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/django.po")):
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parts[-3])
            # makemessages leaves the header's language empty, and without one Babel writes no plural forms.
            catalogue.locale = source.parts[-3]
            if options["check"] and source.parts[-3] == settings.LANGUAGE_CODE and (gaps := untranslated(catalogue)):
                raise CommandError(f"{len(gaps)} texts lack a Vietnamese translation, the first: {gaps[0]!r}")
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            with target.open("wb") as file:
                write_mo(file, catalogue)
            self.stdout.write(f"compiled {source.parts[-3]}: {len(catalogue)} texts")
