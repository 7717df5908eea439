"""What packing asks: how much of each line is really in the parcel."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.common.errors import DomainError
from marketplace.common.forms import QuantityField
from marketplace.common.quantities import format_quantity
from marketplace.order.models import Line, Parcel
from marketplace.order.packing import PackingError
from marketplace.order.states import ShortReason

NOTE_LENGTH = 200


class PackingForm(forms.Form):
    """A field for each line that is not settled yet: weighed goods start empty, the others as they were ordered."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why there is less"), required=False, choices=ShortReason, widget=forms.RadioSelect
    )
    is_written_off = forms.BooleanField(
        label=gettext_lazy("What is missing cannot be sold any more: take it off the stock"), required=False
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=NOTE_LENGTH)

    def __init__(self, *args: Any, parcel: Parcel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = [line for line in parcel.lines.all() if line.packed_units is None]
        asked = {_name(line): _field(line) for line in self.lines}
        self.fields = {**asked, **self.fields}

    def line_fields(self) -> Iterator[forms.BoundField]:
        return (self[_name(line)] for line in self.lines)

    @property
    def packed(self) -> dict[int, Decimal]:
        """Units by the line's key, of a valid form."""
        return {line.pk: self.cleaned_data[_name(line)] for line in self.lines}

    def refuse(self, error: DomainError) -> None:
        """Shows a refusal at the line that it is about."""
        field = f"line_{error.line_id}" if isinstance(error, PackingError) and error.line_id else None
        field = "reason" if error.code == "short_reason_missing" else field
        self.add_error(field if field in self.fields else None, forms.ValidationError(str(error), code=error.code))


def _name(line: Line) -> str:
    return f"line_{line.pk}"


def _field(line: Line) -> QuantityField:
    ordered = format_quantity(line.units, line.sale_unit)
    if line.is_weighed:
        return QuantityField(
            label=_("%(title)s: what it weighs, in %(unit)s")
            % {"title": line.title, "unit": line.get_sale_unit_display()},
            unit=line.sale_unit,
            zero_allowed=True,
            help_text=_("Ordered: %(ordered)s. Example: 1,35") % {"ordered": ordered},
            error_messages={"required": _("Enter what it weighs; 0 if it is not sent.")},
        )
    return QuantityField(
        label=line.title,
        unit=line.sale_unit,
        zero_allowed=True,
        initial=line.units,
        help_text=_("Ordered: %(ordered)s.") % {"ordered": ordered},
        error_messages={"required": _("Enter how much is packed; 0 if nothing.")},
    )
