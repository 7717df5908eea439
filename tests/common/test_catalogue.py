"""Texts as people read them: Vietnamese has one form for any number."""

import gettext
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import ngettext, override


def catalogue(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES"


@pytest.mark.parametrize("count", [1, 2, 3, 100])
def test_counted_things_are_vietnamese_for_every_number(count):
    with override("vi"):
        assert ngettext("%(n)s cooperative", "%(n)s cooperatives", count) % {"n": count} == f"{count} hợp tác xã"


def test_the_compiled_catalogue_carries_its_plural_forms(settings, tmp_path):
    target = tmp_path / "vi" / "LC_MESSAGES"
    target.mkdir(parents=True)
    (target / "django.po").write_bytes((catalogue("vi") / "django.po").read_bytes())
    settings.LOCALE_PATHS = [tmp_path]
    call_command("compile_catalogue", check=True, verbosity=0)
    with (target / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.ngettext("%(n)s cooperative", "%(n)s cooperatives", 3) == "%(n)s hợp tác xã"


def test_no_vietnamese_text_is_missing():
    call_command("compile_catalogue", check=True, verbosity=0)
