"""What is asked of an order both at the checkout and on its page."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError
from marketplace.common.tax_codes import parse_tax_code
from marketplace.common.text import clean_text
from marketplace.order.placing import InvoiceTo


class CleanCharField(forms.CharField):
    """One line, without invisible characters."""

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class InvoiceForm(forms.Form):
    """To whom the invoices are made out. Empty altogether, or complete."""

    invoice_name = CleanCharField(label=_("Name of the company or person"), max_length=200, required=False)
    invoice_tax_code = CleanCharField(
        label=_("Tax code"),
        max_length=20,
        required=False,
        help_text=_("10 digits, 13 for a branch; a household: the 12 digits of the personal number."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    invoice_address = CleanCharField(label=_("Address on the invoice"), max_length=300, required=False)
    invoice_email = forms.EmailField(
        label=_("E-mail for the invoice"),
        max_length=254,
        required=False,
        error_messages={"invalid": _("This e-mail address is not right. Example: lan@example.com.")},
    )

    def clean_invoice_tax_code(self) -> str:
        typed = self.cleaned_data["invoice_tax_code"]
        if not typed:
            return ""
        try:
            return parse_tax_code(typed)
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.is_wanted:
            for name in self.fields:
                if name in cleaned and not cleaned[name]:
                    self.add_error(name, ValidationError(_("Needed for the invoice."), code="required"))
        return cleaned

    @property
    def is_wanted(self) -> bool:
        return any(clean_text(str(self.data.get(name, ""))) for name in self.fields)

    def invoice(self) -> InvoiceTo | None:
        if not self.is_wanted:
            return None
        cleaned = self.cleaned_data
        return InvoiceTo(
            name=cleaned["invoice_name"],
            tax_code=cleaned["invoice_tax_code"],
            address=cleaned["invoice_address"],
            email=cleaned["invoice_email"].lower(),
        )
