"""What a buyer says about an order: how to find it, where it goes, what is wrong with it."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cooperatives.places.naming import Candidate, resolve
from marketplace.common.forms import PhoneField
from marketplace.common.identifiers import is_valid_identifier, normalise_identifier
from marketplace.order.amending import Recipient, place_of
from marketplace.order.forms import CleanCharField
from marketplace.order.models import ParcelProblem, ShippingAddress
from marketplace.order.problems import MAXIMUM_PHOTOS, MAXIMUM_TEXT


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


class RecipientForm(forms.Form):
    """Who receives the order and where, with what it is now; a commune is named as at the checkout."""

    name = CleanCharField(
        label=_("Name"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    phone = PhoneField(label=_("Phone number"), error_messages={"required": _("Enter your phone number.")})
    commune = CleanCharField(
        label=_("Commune or ward, and province"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Enter the commune or ward.")},
    )
    commune_id = forms.IntegerField(required=False, min_value=1)
    street = CleanCharField(
        label=_("House number, street, hamlet"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "street-address"}),
        error_messages={"required": _("Enter the house number, street or hamlet.")},
    )
    directions = CleanCharField(label=_("Directions for the courier"), required=False, max_length=300)

    def __init__(self, data: Any = None, *, address: ShippingAddress, on: date) -> None:
        self.address = address
        self.on = on
        self.unit: Any = None
        self.candidates: list[Candidate] = []
        now = {
            "name": address.first_name,
            "phone": str(address.phone_number or ""),
            "commune": place_of(address),
            "street": address.line1,
            "directions": address.notes,
        }
        super().__init__(data, initial=now)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "commune" not in cleaned:
            return cleaned
        if cleaned["commune"] == place_of(self.address) and self.address.commune is not None:
            # Also a commune that has ceased since: the order stays what it was.
            self.unit = self.address.commune
            return cleaned
        found = resolve(text=cleaned["commune"], chosen_id=cleaned.get("commune_id"), on=self.on)
        self.unit, self.candidates = found.unit, list(found.candidates)
        if self.unit is None:
            several = _("Several communes match. Choose yours below.")
            none = _("No commune or ward of today matches. Check the name, or try an old one.")
            self.add_error("commune", several if self.candidates else none)
        return cleaned

    def recipient(self) -> Recipient:
        said = self.cleaned_data
        return Recipient(
            name=said["name"],
            phone=said["phone"],
            commune=self.unit,
            street=said["street"],
            directions=said["directions"],
        )


class _PhotosInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """The files as they were sent: what they are is for `order.problems.prepare_photos` to find out."""

    widget = _PhotosInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > MAXIMUM_PHOTOS:
            raise ValidationError(_("At most %(maximum)s photos can be sent."), params={"maximum": MAXIMUM_PHOTOS})
        return [super(PhotosField, self).clean(file, initial) for file in files]


class ProblemForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=ParcelProblem.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong.")},
    )
    text = forms.CharField(
        label=_("In your words"),
        max_length=MAXIMUM_TEXT,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": _("Say in a few words what is wrong.")},
    )
    photos = PhotosField(
        label=_("Photos"),
        required=False,
        help_text=_("Up to 4. Only you and the cooperative see them."),
        widget=_PhotosInput({"accept": "image/jpeg,image/png,image/webp"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"key": uuid4()})


class ContestForm(forms.Form):
    note = CleanCharField(
        label=_("What should the cooperative know?"),
        max_length=300,
        help_text=_("Example: I have looked at the account 0123 until today."),
        error_messages={"required": _("Write a few words.")},
    )
