"""Who orders, where to, how it is paid, and to whom the invoices are made out."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cooperatives.places.naming import Candidate, label_of, resolve
from marketplace.checkout.payments import PaymentWish
from marketplace.checkout.services import Choices
from marketplace.common.errors import DomainError
from marketplace.common.forms import PhoneField
from marketplace.common.phones import parse_phone
from marketplace.common.text import clean_text
from marketplace.customer.models import SavedAddress
from marketplace.customer.services import remember_address
from marketplace.order.forms import CleanCharField
from marketplace.order.models import Parcel
from marketplace.order.placing import Address, Buyer
from marketplace.users.models import User

NOTE_LENGTH = 300
# Of the order: each parcel in its own way, or one way for all.
BY_PARCEL = "each"
WAYS_OF_PAYING = (BY_PARCEL, *Parcel.PaymentMethod.values)


class CheckoutForm(forms.Form):
    """The whole of the checkout's page but what belongs to a parcel, which `Posted` reads."""

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
    is_saved = forms.BooleanField(label=_("Remember this address in my account"), required=False)
    payment = forms.ChoiceField(
        label=_("Payment"), choices=[(value, value) for value in WAYS_OF_PAYING], required=False
    )
    token = forms.UUIDField(widget=forms.HiddenInput)
    seen_total = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        on: date,
        user: User | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.on = on
        self.user = user
        self.candidates: list[Candidate] = []
        self.unit: Any = None
        super().__init__(data, initial={"token": uuid4(), **(initial or {})})
        if user is None:
            del self.fields["is_saved"]

    @classmethod
    def as_typed(cls, data: Mapping[str, Any], *, on: date, user: User | None) -> "CheckoutForm":
        """What was typed so far, unjudged, and the commune if it can only be one: for a page that is shown again."""
        form = cls(on=on, user=user, initial={name: data[name] for name in cls.base_fields if name in data})
        text, chosen = clean_text(str(data.get("commune", "")))[:120], str(data.get("commune_id", ""))
        if text:
            chosen_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None
            found = resolve(text=text, chosen_id=chosen_id, on=on)
            form.unit, form.candidates = found.unit, list(found.candidates)
        return form

    @classmethod
    def known(cls, *, on: date, user: User | None, address: SavedAddress | None) -> "CheckoutForm":
        """For somebody who comes: empty for a guest, with the account's last address otherwise."""
        if user is None:
            return cls(on=on)
        known = {"name": user.full_name, "phone": str(user.phone or ""), "email": user.email or "", "is_saved": True}
        form = cls(on=on, user=user, initial={**known, **(initial_of(address) if address else {})})
        if address:
            form.unit = address.commune
        return form

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
        if not self.candidates and self.is_bound:
            found = resolve(text=clean_text(str(self.data.get("commune", "")))[:120], chosen_id=None, on=self.on)
            self.unit, self.candidates = found.unit, list(found.candidates)

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

    def remember(self, *, now: datetime) -> None:
        """Keeps the address in the account, for whoever asked for it."""
        cleaned = self.cleaned_data
        if self.user is not None and cleaned.get("is_saved"):
            remember_address(
                user=self.user,
                name=cleaned["name"],
                phone=cleaned["phone"],
                commune=self.unit,
                street=cleaned["street"],
                directions=cleaned["directions"],
                now=now,
            )

    @property
    def token_value(self) -> UUID:
        return self.cleaned_data["token"]


class Posted:
    """What the page says of each parcel, by cooperative, and of the whole. Anything may have been posted."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        deliveries = {
            pk: value for pk, value in _by_cooperative(data, "delivery") if value.isascii() and value.isdigit()
        }
        self.choices = Choices(
            deliveries=deliveries,
            payment=PaymentWish(str(data.get("payment", ""))[:20], dict(_by_cooperative(data, "payment"))),
            notes={pk: clean_text(value)[:NOTE_LENGTH] for pk, value in _by_cooperative(data, "note")},
        )
        self.voucher_code = clean_text(str(data.get("voucher", "")))[:128]
        self.phone = _phone(str(data.get("phone", ""))[:40])


def initial_of(address: SavedAddress) -> dict[str, Any]:
    return {
        "name": address.name,
        "phone": str(address.phone),
        "commune": label_of(address.commune),
        "commune_id": address.commune_id,
        "street": address.street,
        "directions": address.directions,
    }


def _phone(text: str) -> str:
    try:
        return parse_phone(text)
    except DomainError:
        return ""


def _by_cooperative(data: Mapping[str, Any], name: str) -> list[tuple[int, str]]:
    found = []
    for key in data:
        prefix, _dash, pk = str(key).partition("-")
        if prefix == name and pk.isascii() and pk.isdigit() and len(pk) < 10:
            found.append((int(pk), str(data[key])[:1000]))
    return found
