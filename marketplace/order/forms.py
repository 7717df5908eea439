"""What a buyer says to get the link to an order again."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.common.forms import PhoneField
from marketplace.common.identifiers import is_valid_identifier, normalise_identifier


class NumberField(forms.CharField):
    """An order's number as it is stored; a mistyped one is told by its check character."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if text and not is_valid_identifier(text):
            raise ValidationError(_("This order number is not right. It stands in the e-mail and on the order's page."))
        return normalise_identifier(text)


class FindOrderForm(forms.Form):
    number = NumberField(
        label=_("Order number"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": _("Enter the order number.")},
    )
    phone = PhoneField(
        label=_("Phone number given with the order"),
        error_messages={"required": _("Enter your phone number.")},
    )
