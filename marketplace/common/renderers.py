"""How Django's forms become HTML."""

from html import escape
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

# Django draws each of these by three templates, which cost more than all else about a field.
_INPUTS = frozenset(
    f"django/forms/widgets/{kind}.html" for kind in ("text", "email", "number", "tel", "hidden", "password", "url")
)


class FormRenderer(DjangoTemplates):
    """Django's own, but for plain inputs, whose HTML is put together here: the same, byte for byte."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        if template_name not in _INPUTS:
            return mark_safe(super().render(template_name, context, request))  # noqa: S308 - Django's own HTML
        widget = context["widget"]
        value = "" if widget["value"] is None else f' value="{conditional_escape(widget["value"])}"'
        attributes = "".join(
            f" {escape(name)}" if given is True else f' {escape(name)}="{conditional_escape(given)}"'
            for name, given in widget["attrs"].items()
            if given is not False
        )
        return mark_safe(f'<input type="{escape(widget["type"])}" name="{escape(widget["name"])}"{value}{attributes}>')  # noqa: S308
