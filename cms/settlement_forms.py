"""Forms of the finance screens."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.models import Category
from cooperatives.models import Cooperative


def day_field(label: Any) -> forms.DateField:
    """A day as dd/mm/yyyy."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(
            format="%d/%m/%Y", attrs={"placeholder": "dd/mm/yyyy", "inputmode": "numeric", "autocomplete": "off"}
        ),
        error_messages={"invalid": _("This day is not right. Example: 25/12/2026.")},
    )


class FeeForm(forms.Form):
    """A fee from a day on."""

    rate = forms.DecimalField(
        label=_("fee (%)"), min_value=Decimal(0), max_value=Decimal(100), max_digits=5, decimal_places=2, localize=True
    )
    valid_from = day_field(_("valid from"))
    cooperative = forms.ModelChoiceField(
        label=_("cooperative"), queryset=Cooperative.objects.all(), required=False, empty_label=_("All cooperatives")
    )
    category = forms.ModelChoiceField(
        label=_("category"), queryset=Category.objects.order_by("path"), required=False, empty_label=_("All goods")
    )
    note = forms.CharField(label=_("note"), max_length=200, required=False)

    def arguments(self) -> dict[str, Any]:
        """What `settlement.fees.set_fee` takes."""
        said = self.cleaned_data
        return {
            "rate": said["rate"],
            "valid_from": said["valid_from"],
            "cooperative_id": said["cooperative"].pk if said["cooperative"] else None,
            "category_id": said["category"].pk if said["category"] else None,
            "note": said["note"],
        }


class SweepForm(forms.Form):
    period_to = day_field(_("Last day of the period"))

    def __init__(self, data: QueryDict | None, *, last: date) -> None:
        super().__init__(data, initial={"period_to": last})


class ActForm(forms.Form):
    """What goes with an act on a payout or a bill."""

    text = forms.CharField(label=_("reference or reason"), max_length=120, required=False, strip=True)
