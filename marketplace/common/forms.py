"""Form fields for đồng, quantities and phone numbers. Each translates a named error into the form's own."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from marketplace.common.errors import DomainError
from marketplace.common.money import MAXIMUM_VND, group_thousands, parse_vnd
from marketplace.common.phones import format_phone, parse_phone
from marketplace.common.quantities import QuantityNotPositiveError, SaleUnit, format_number, parse_quantity
from marketplace.common.text import clean_text


class _ParsedField(forms.Field):
    """A line of text that `parse` turns into a value; None when it is empty and not required."""

    widget = forms.TextInput
    input_attributes: dict[str, str] = {}

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or (isinstance(value, str) and not clean_text(value)):
            return None
        try:
            return self.parse(value)
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from error

    def parse(self, value: Any) -> Any:
        raise NotImplementedError

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), **self.input_attributes}


class VndField(_ParsedField):
    """Whole đồng as an int."""

    input_attributes = {"inputmode": "numeric", "autocomplete": "off"}

    def __init__(self, *, maximum: int = MAXIMUM_VND, **kwargs: Any) -> None:
        self.maximum = maximum
        super().__init__(**kwargs)

    def parse(self, value: Any) -> int:
        return parse_vnd(str(value), maximum=self.maximum)

    def prepare_value(self, value: Any) -> Any:
        return group_thousands(int(value)) if isinstance(value, int | Decimal) else value


class QuantityField(_ParsedField):
    """A quantity in units as a Decimal; more than 0 unless `zero_allowed`. `unit` may be set after construction."""

    input_attributes = {"inputmode": "decimal", "autocomplete": "off"}

    def __init__(self, *, unit: SaleUnit | str | None = None, zero_allowed: bool = False, **kwargs: Any) -> None:
        self.unit = unit
        self.zero_allowed = zero_allowed
        super().__init__(**kwargs)

    def parse(self, value: Any) -> Decimal:
        quantity = parse_quantity(str(value), self.unit)
        if not quantity and not self.zero_allowed:
            raise QuantityNotPositiveError
        return quantity

    def prepare_value(self, value: Any) -> Any:
        # Without dots between thousands: "1.000" would be refused when it comes back.
        return format_number(value).replace(".", "") if isinstance(value, int | Decimal) else value


class PhoneField(_ParsedField):
    """A phone number as E.164."""

    input_attributes = {"inputmode": "tel", "type": "tel", "autocomplete": "tel"}

    def __init__(self, *, mobile_only: bool = False, **kwargs: Any) -> None:
        self.mobile_only = mobile_only
        super().__init__(**kwargs)

    def parse(self, value: Any) -> str:
        return parse_phone(str(value), mobile_only=self.mobile_only)

    def prepare_value(self, value: Any) -> Any:
        return format_phone(value) if str(value or "").startswith("+84") else value
