"""How values are printed, everywhere the same: {% load market %}."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.forms import BoundField
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from lucide.templatetags.lucide import lucide

from marketplace.common.dates import ZONE, local_day
from marketplace.common.money import format_vnd
from marketplace.common.phones import format_phone
from marketplace.common.quantities import SaleUnit, format_number, format_quantity
from marketplace.common.tax_codes import shown_tax_code

register = template.Library()


@register.filter
def vnd(amount: int | Decimal | None) -> str:
    """As "125.000 ₫"; nothing for None."""
    return "" if amount is None else format_vnd(amount)


@register.filter
def quantity(value: Decimal | int | None, unit: str) -> str:
    """As "1,5 kg"; nothing for None."""
    return "" if value is None else format_quantity(value, unit)


@register.filter
def number(value: Decimal | int | None) -> str:
    """As "1.250,5"; nothing for None."""
    return "" if value is None else format_number(value)


@register.filter
def unit_label(unit: str) -> str:
    """The word for a unit of sale."""
    return str(SaleUnit(unit).label)


@register.filter
def phone(value: object) -> str:
    """As "0912 345 678"; nothing for an empty number."""
    text = "" if value is None else str(value)
    return format_phone(text) if text else ""


@register.filter
def tax_code(code: str) -> str:
    """A company's in full; of a person's number the middle is hidden."""
    return shown_tax_code(code)


@register.filter
def day(value: date | datetime | None) -> str:
    """As "25/12/2026"; for a moment, its day in Việt Nam; nothing for None."""
    if value is None:
        return ""
    return f"{local_day(value) if isinstance(value, datetime) else value:%d/%m/%Y}"


@register.filter
def moment(value: datetime | None) -> str:
    """As "08:30 25/12/2026" in Việt Nam; nothing for None."""
    return "" if value is None else f"{value.astimezone(ZONE):%H:%M %d/%m/%Y}"


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, size: int = 24) -> str:
    """A Lucide icon as inline SVG, hidden from screen readers: the text beside it says what it means."""
    return lucide(name, size=size, aria_hidden="true", focusable="false", **{"class": f"icon icon-{name}"})


@register.simple_tag
def field_box(field: BoundField, optional_word: bool = False, short: bool = False) -> SafeString:  # noqa: FBT001, FBT002
    """One field of a form, as parts/form_field.html shows it. A form has many, and template nodes cost the most of them."""
    if field.is_hidden:
        return field.as_widget()
    is_check = field.widget_type == "checkbox"
    label, control = conditional_escape(field.label), str(field)
    optional = ""
    if optional_word and not field.field.required and not is_check:
        word = gettext("not required")
        optional = f' <span class="optional">({word})</span>'
    if is_check:
        inside = f'<label for="{field.id_for_label}">{control}<span>{label}</span></label>'
    elif field.use_fieldset:
        inside = f'<legend>{label}{optional}</legend><div class="choices">{control}</div>'
    else:
        inside = f'<label for="{field.id_for_label}">{label}{optional}</label>{control}'
    if field.help_text:
        inside += f'<p class="field__hint" id="{field.auto_id}_helptext">{conditional_escape(field.help_text)}</p>'
    errors = field.errors
    if errors:
        words = " ".join(conditional_escape(str(error)) for error in errors)
        inside += (
            f'<div class="field__error" id="{field.auto_id}_error">{icon("circle-alert", 18)}<span>{words}</span></div>'
        )
    if field.use_fieldset and not is_check:
        described = f' aria-describedby="{field.aria_describedby}"' if field.aria_describedby else ""
        inside = f"<fieldset{described}>{inside}</fieldset>"
    bad, narrow, check = " field--bad" * bool(errors), " field--short" * bool(short), " field--check" * is_check
    return mark_safe(f'<div class="field{bad}{narrow}{check}">{inside}</div>')  # noqa: S308 - every word is escaped above


@register.simple_tag
def status_steps(steps: Iterable[Any]) -> SafeString:
    """How far something has come, as parts/status_line.html shows it; a step is a dictionary or an object."""
    drawn = "".join([_status_step(step if isinstance(step, Mapping) else vars(step)) for step in steps])
    return mark_safe(f'<ol class="status">{drawn}</ol>')  # noqa: S308 - each step escapes what it prints


def _status_step(step: Mapping[str, Any]) -> str:
    state, at, note = step["state"], step.get("at"), step.get("note")
    attributes = f' class="is-{escape(state)}"' if state else ""
    if state == "now":
        attributes += ' aria-current="step"'
    told = {"done": gettext("done"), "": gettext("to come")}.get(state)
    unseen = f'<span class="unseen"> – {escape(told)}</span>' if told else ""
    time = f'<time datetime="{at.astimezone(ZONE).isoformat()}">{moment(at)}</time>' if at else ""
    small = f"<small>{escape(str(note))}</small>" if note else ""
    return f"<li{attributes}>{escape(str(step['label']))}{unseen}{time}{small}</li>"


class FixedNode(template.Node):
    """Renders its contents once for each language and each value of its arguments, and then repeats them."""

    # The arguments are few by nature; a mistake must not fill the memory.
    MAXIMUM = 256

    def __init__(self, arguments: list[FilterExpression], nodelist: NodeList) -> None:
        self.arguments = arguments
        self.nodelist = nodelist
        self._rendered: dict[tuple[str | None, ...], str] = {}

    def render(self, context: Context) -> str:
        values = [argument.resolve(context, ignore_failures=True) for argument in self.arguments]
        key = (get_language(), *map(str, values))
        rendered = self._rendered.get(key)
        if rendered is None:
            rendered = self.nodelist.render(context)
            if len(self._rendered) < self.MAXIMUM:
                self._rendered[key] = rendered
        return rendered


@register.tag
def fixed(parser: Parser, token: Token) -> FixedNode:
    """{% fixed a b %}...{% endfixed %}: a part of the frame that depends on the language, `a` and `b` alone.

    It is the same for everybody and comes from the code, not from the database: words, icons, addresses of pages and
    of static files. Nothing of the request or of a person may stand in it, but what its arguments name.
    """
    arguments = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    nodelist = parser.parse(("endfixed",))
    parser.delete_first_token()
    return FixedNode(arguments, nodelist)
