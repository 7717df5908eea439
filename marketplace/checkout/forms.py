"""Who orders, and where to."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.checkout.communes import Candidate, candidates_for, resolve
from marketplace.common.forms import PhoneField
from marketplace.common.text import clean_text
from marketplace.order.models import Parcel
from marketplace.order.placing import Address, Buyer
from marketplace.users.models import User

NOTE_LENGTH = 300


class CleanCharField(forms.CharField):
    """One line, without invisible characters."""

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class CheckoutForm(forms.Form):
    """The whole of the checkout's page but what belongs to a parcel, which `ParcelChoices` reads."""

    name = CleanCharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    phone = PhoneField(
        label=_("Phone number"),
        help_text=_("The courier calls it before coming. Example: 0912 345 678."),
        error_messages={"required": _("Enter your phone number.")},
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        help_text=_("We send the confirmation and a link to the order there."),
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"invalid": _("This e-mail address is not right. Example: lan@example.com.")},
    )
    commune = CleanCharField(
        label=_("Commune or ward, and province"),
        max_length=120,
        help_text=_("With or without marks, old names too. Example: dam thuy, cao bang."),
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
    directions = CleanCharField(
        label=_("Directions for the courier"),
        required=False,
        max_length=300,
        help_text=_("Example: blue gate behind the school."),
    )
    payment = forms.ChoiceField(
        label=_("Payment"),
        choices=[(Parcel.PaymentMethod.CASH_ON_DELIVERY.value, Parcel.PaymentMethod.CASH_ON_DELIVERY.label)],
    )
    token = forms.UUIDField(widget=forms.HiddenInput)
    seen_total = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Mapping[str, Any] | None = None, *, on: date, user: User | None = None) -> None:
        self.on = on
        self.user = user
        self.candidates: list[Candidate] = []
        self.unit: Any = None
        super().__init__(data, initial=self._known(user))

    @staticmethod
    def _known(user: User | None) -> dict[str, Any]:
        if user is None:
            return {"token": uuid4()}
        return {"token": uuid4(), "name": user.full_name, "phone": str(user.phone or ""), "email": user.email or ""}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "commune" in cleaned:
            self._resolve_commune(cleaned)
        return cleaned

    def _resolve_commune(self, cleaned: dict[str, Any]) -> None:
        found = resolve(text=cleaned["commune"], chosen_id=cleaned.get("commune_id"), on=self.on)
        self.unit, self.candidates = found.unit, list(found.candidates)
        if self.unit is not None:
            return
        if self.candidates:
            self.add_error("commune", ValidationError(_("Several communes match. Choose yours below.")))
        else:
            self.add_error(
                "commune", ValidationError(_("No commune or ward of today matches. Check the name, or try an old one."))
            )

    def show_candidates(self) -> None:
        """For a page that is shown again without being checked as a whole."""
        if not self.candidates:
            self.candidates = candidates_for(str(self.data.get("commune", "")), on=self.on)

    def buyer(self, language: str) -> Buyer:
        cleaned = self.cleaned_data
        return Buyer(
            name=cleaned["name"],
            phone=cleaned["phone"],
            email=cleaned["email"].lower(),
            user=self.user,
            language=language,
        )

    def address(self) -> Address:
        return Address(
            commune=self.unit, street=self.cleaned_data["street"], directions=self.cleaned_data["directions"]
        )

    @property
    def token_value(self) -> UUID:
        return self.cleaned_data["token"]


class ParcelChoices:
    """What the page says of each parcel: the chosen delivery and the note, by cooperative."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.deliveries = {
            pk: value for pk, value in _by_cooperative(data, "delivery") if value.isascii() and value.isdigit()
        }
        self.notes = {pk: clean_text(value)[:NOTE_LENGTH] for pk, value in _by_cooperative(data, "note")}


def _by_cooperative(data: Mapping[str, Any], name: str) -> list[tuple[int, str]]:
    found = []
    for key in data:
        prefix, _dash, pk = str(key).partition("-")
        if prefix == name and pk.isascii() and pk.isdigit() and len(pk) < 10:
            found.append((int(pk), str(data[key])[:1000]))
    return found
