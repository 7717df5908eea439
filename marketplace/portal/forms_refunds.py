"""What giving money back asks: of which goods or how much, why, and how it was given."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.common.errors import DomainError
from marketplace.common.forms import VndField
from marketplace.common.money import format_vnd
from marketplace.order.models import Line, Parcel
from marketplace.payment.models import PaymentTerms
from marketplace.payment.refunds import REASONS, RefundLineTooMuchError

_FIELDS = {"refund_amount": "amount", "refund_too_much": "amount", "refund_reason": "reason"}


class RefundForm(forms.Form):
    """Amounts by line, or one for the whole parcel; not both. `left` is what each line can still give, in đồng."""

    # The same form sent twice is one refund.
    token = forms.UUIDField(widget=forms.HiddenInput)
    amount = VndField(
        label=gettext_lazy("Or an amount of the whole parcel"),
        required=False,
        help_text=gettext_lazy("It is spread over the goods by their value. Example: 20.000"),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[(reason.value, reason.label) for reason in REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a reason.")},
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=300)

    def __init__(self, *args: Any, parcel: Parcel, left: Mapping[int, int], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"token": uuid4()})
        super().__init__(*args, **kwargs)
        self.lines = [line for line in parcel.lines.all() if left.get(line.pk)]
        asked = {_name(line): _field(line, left[line.pk]) for line in self.lines}
        self.fields = {**asked, **self.fields}

    def line_fields(self) -> Iterator[forms.BoundField]:
        return (self[_name(line)] for line in self.lines)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.parts and cleaned.get("amount"):
            self.add_error("amount", _("Enter amounts of goods, or one of the whole parcel, not both."))
        return cleaned

    @property
    def parts(self) -> dict[int, int]:
        """Đồng by the line's key."""
        named = {line.pk: self.cleaned_data.get(_name(line)) for line in self.lines}
        return {pk: part for pk, part in named.items() if part}

    def refuse(self, error: DomainError) -> None:
        field = f"line_{error.line_id}" if isinstance(error, RefundLineTooMuchError) else _FIELDS.get(error.code)
        self.add_error(field if field in self.fields else None, forms.ValidationError(str(error), code=error.code))


class GivenForm(forms.Form):
    reference = forms.CharField(
        label=gettext_lazy("Reference of the transfer, or who received the cash"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Enter how it was given back.")},
    )


class TermsForm(forms.ModelForm):
    """Which ways of paying the cooperative accepts."""

    cash_maximum = VndField(
        label=gettext_lazy("Cash for parcels of at most, in đồng"),
        required=False,
        help_text=gettext_lazy("Empty: without a limit. Example: 2.000.000"),
    )

    class Meta:
        model = PaymentTerms
        fields = ["accepts_cash", "cash_maximum", "calls_before_packing", "accepts_transfer", "accepts_card"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(name) for name in ("accepts_cash", "accepts_transfer", "accepts_card")):
            raise forms.ValidationError(_("Accept at least one way of paying, or nobody can order."))
        return cleaned


def _name(line: Line) -> str:
    return f"line_{line.pk}"


def _field(line: Line, left: int) -> VndField:
    return VndField(
        label=line.title, required=False, help_text=_("At most %(maximum)s.") % {"maximum": format_vnd(left)}
    )
