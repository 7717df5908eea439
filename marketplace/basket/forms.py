"""How much of a good."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.common.forms import QuantityField
from marketplace.common.quantities import SaleUnit


class QuantityForm(forms.Form):
    """`quantity` is a Decimal in units that the unit of sale allows."""

    quantity = QuantityField(label=_("Quantity"), error_messages={"required": _("Enter a quantity.")})

    def __init__(self, *args: Any, unit: SaleUnit | str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("QuantityField", self.fields["quantity"]).unit = unit

    @property
    def problem(self) -> str:
        """The first thing that is wrong, as one sentence."""
        return str(next(iter(self.errors.get("quantity", [])), ""))
