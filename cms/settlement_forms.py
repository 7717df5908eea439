"""Forms of the finance screens."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.models import Category
from cooperatives.models import Cooperative
from marketplace.settlement.models import SellerTaxStatus


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


class TaxStatusForm(forms.Form):
    """Whether tax is withheld for a seller, from a day on."""

    cooperative = forms.ModelChoiceField(label=_("seller"), queryset=Cooperative.objects.all())
    kind = forms.ChoiceField(
        label=_("kind of seller"),
        choices=[("", _("Organisation: it declares itself")), *SellerTaxStatus.Kind.choices],
        required=False,
    )
    identity_number = forms.RegexField(
        label=_("identity number (12 digits)"), regex=r"^[0-9]{12}$", required=False, max_length=12
    )
    valid_from = day_field(_("valid from"))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("kind") and not said.get("identity_number") and "identity_number" not in self.errors:
            self.add_error("identity_number", _("Enter the 12 digits."))
        return said


class ConnectedAccountForm(forms.Form):
    """A cooperative's account at Stripe; empty, it is paid by bank."""

    cooperative = forms.ModelChoiceField(label=_("cooperative"), queryset=Cooperative.objects.all())
    account = forms.RegexField(
        label=_("account at Stripe"), regex=r"^acct_[0-9A-Za-z]+$", required=False, max_length=40
    )
