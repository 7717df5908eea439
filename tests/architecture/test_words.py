"""Words that people see reach the catalogue of translations."""

import ast
from pathlib import Path

from django.conf import settings

APPS = ("catalog", "cms", "cooperatives", "marketplace", "search")
TRANSLATING = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def translated_within_f_strings(source: str) -> list[str]:
    """What is translated inside of an f-string, where makemessages does not look."""
    return [
        ast.unparse(call)
        for text in ast.walk(ast.parse(source))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in TRANSLATING
        if call.args and isinstance(call.args[0], ast.Constant)
    ]


def test_no_text_is_translated_inside_of_an_f_string():
    files = [path for app in APPS for path in Path(settings.BASE_DIR, app).rglob("*.py")]
    assert {str(path): found for path in files if (found := translated_within_f_strings(path.read_text()))} == {}


def test_the_rule_finds_what_it_looks_for():
    assert translated_within_f_strings("f\"({_('before:')} {name})\"") == ["_('before:')"]
